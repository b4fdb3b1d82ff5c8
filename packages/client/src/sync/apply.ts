/**
 * What an entry of a log does: the state of the conversation after it, and statements for the timeline, the receipt to send, and what an own
 * commit brings with it. ingest.ts stores them in the transaction that stores the state and the cursor.
 */
import {
  adoptCommit,
  type Conversation,
  type ConversationChange,
  decodeConversation,
  encodeEvidence,
  isActive,
  isCommitDue,
  memberAccounts,
  type Opened,
  type OpenedMessage,
  placeEvidence,
} from "@sotto/core";
import { type AccountId, decodeContent, encodeGroupState, type Entry, equalBytes, type LogId, messageId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { expiresAfter } from "../expiry/expiry.ts";
import { areFactsShown, type CommitFacts, encodeFacts, newcomers, shownChanges } from "../groups/commit-facts.ts";
import { decodePlan, encodePlan, type Plan } from "../groups/plan.ts";
import { deliveries } from "../groups/deliveries.ts";
import { cameStatements } from "../groups/member-since.ts";
import { decodeStaged, type Staged } from "../groups/staged.ts";
import type { Statement } from "../ports.ts";
import { failed } from "../send/abandon.ts";
import { dequeue, enqueueFirst, leaveAgain, markAccepted, type OutboxRow } from "../send/outbox.ts";
import { membersKnown } from "../people/names.ts";
import { forgetUndelivered } from "../send/undelivered.ts";
import { keepSent } from "../send/sent.ts";
import { newLocalId } from "../store/local-id.ts";
import type { Place } from "../store/places.ts";
import { isRenewed } from "../repair/renewal.ts";
import { traceStatements } from "../repair/traces.ts";
import { sql } from "../store/statements.ts";
import { type Arrived, contentEffects, rowFacts } from "./content-effects.ts";

export type Applied = {
  readonly conversation: Conversation;
  /** Without the state and the cursor. */
  readonly statements: readonly Statement[];
  readonly shown?: Uint8Array;
  readonly isChanged: boolean;
  /** A message came that is to disappear. */
  readonly isExpiring?: boolean;
};

/** Where an entry is found, and where its row goes: the conversation's name, and places that only grow. */
type At = { readonly log: LogId; readonly seq: number; readonly acceptedAt: number };

const placed = (place: Place, { seq, acceptedAt }: Entry): At => ({ log: place.log, seq: place.base + seq, acceptedAt });

function nextEpoch(log: LogId, { seq }: Entry): Statement {
  return sql("UPDATE places SET epoch_first = ? WHERE log = ?", seq + 1, log);
}

export function applyOpened(
  engine: Engine,
  entry: Entry,
  from: {
    readonly before: Conversation;
    readonly opened: Opened;
    readonly status: string;
    readonly place: Place;
    readonly isKnown: boolean;
  },
): Applied {
  const { before, opened, place } = from;
  const { conversation } = opened;
  const at = placed(place, entry);
  switch (opened.kind) {
    case "message":
      if (from.isKnown) return { conversation, statements: againEffects(at, opened), isChanged: true };
      return applyMessage(engine, { at, opened, status: from.status });
    case "commit": {
      const statements = [nextEpoch(at.log, entry), ...changeEffects(engine, { at, change: opened.change, before, conversation })];
      return { conversation, statements, isChanged: true };
    }
    case "leaving": {
      const due = isCommitDue(conversation) && isActive(conversation);
      const localId = newLocalId(engine.context);
      const commit = enqueueFirst({ log: at.log, localId, kind: "commit", draft: encodePlan({ kind: "due" }) });
      return { conversation, statements: due ? [commit] : [], isChanged: false };
    }
    case "rejected":
      return { conversation, statements: [], isChanged: false };
  }
}

/** What its sender had to send again, since the server lost it for some, is there already for the others. Its place is now the same for all. */
function againEffects({ log, seq, acceptedAt }: At, { messageId: id, bytes, evidence }: OpenedMessage): Statement[] {
  const kept = encodeEvidence(evidence, bytes);
  const move = "UPDATE messages SET seq = ?, at = ?, evidence = coalesce(?, evidence) WHERE log = ? AND message_id = ? AND seq < ?";
  return [sql(move, seq, acceptedAt, kept.ok ? kept.value : null, log, id, seq)];
}

type Message = { readonly at: At; readonly opened: OpenedMessage; readonly status: string };

function applyMessage(engine: Engine, { at, opened, status }: Message): Applied {
  const { conversation, content, bytes, sender } = opened;
  if (conversation.kind === "self") {
    return { conversation, statements: engine.own.received(content), isChanged: false };
  }
  const isOwn = equalBytes(sender.account, engine.me.account);
  if (status === "blocked" && !isOwn) return { conversation, statements: [], isChanged: false };
  const evidence = encodeEvidence(opened.evidence, bytes);
  const localId = newLocalId(engine.context);
  const isReceiptDue = status === "active" && conversation.kind === "direct" && content.body.kind === "text" && !isOwn;
  const arrived: Arrived = {
    log: at.log,
    seq: at.seq,
    at: at.acceptedAt,
    localId,
    sender,
    isOwn: false,
    isOwnAccount: isOwn,
    content,
    bytes,
    isReceiptDue,
    messageId: opened.messageId,
    evidence: evidence.ok ? evidence.value : null,
    now: engine.context.now,
    timerSeconds: conversation.group.timerSeconds,
  };
  if (!isOwn) engine.typing.hide(at.log, sender.account);
  const isShown = rowFacts(content, sender.account) !== undefined;
  // What another own device writes into a request accepts it.
  const accepted = isOwn && status === "request" ? [sql("UPDATE conversations SET status = 'active' WHERE log = ?", at.log)] : [];
  const traces = traceStatements({ ...arrived, account: sender.account });
  const statements = [...traces, ...contentEffects(arrived), ...accepted];
  const isExpiring = isShown && expiresAfter(content, arrived.timerSeconds, arrived.now) !== null;
  return { conversation, statements, isChanged: !isShown, isExpiring, ...(isShown ? { shown: localId } : {}) };
}

/**
 * An entry that this device sent, now that the log has it. Undefined for a commit whose state after it cannot be read: it is then one that this device does not
 * know, which repair helps with.
 */
export function applyOwn(
  engine: Engine,
  entry: Entry,
  from: { readonly before: Conversation; readonly row: OutboxRow; readonly place: Place },
): Applied | undefined {
  const { before, row, place } = from;
  const at = placed(place, entry);
  const done = [dequeue(row.localId)];
  const own = row.kind === "message" ? decodeContent(row.draft) : undefined;
  if (own?.ok === false) return { conversation: before, statements: [...done, sentAt(at, row)], isChanged: true };
  if (own !== undefined && before.kind === "self") {
    const seen = engine.own.seen(row.localId, own.value);
    return { conversation: before, statements: [...keepSent(row, entry, at.seq), ...done, ...seen], isChanged: false };
  }
  if (own !== undefined) {
    const content = own.value;
    const sender = { account: engine.me.account, device: engine.self.id };
    const id = toId(messageId, row.staged ?? new Uint8Array());
    const { now } = engine.context;
    const { timerSeconds } = before.group;
    const who = { localId: row.localId, sender, isOwn: true, isOwnAccount: true, isReceiptDue: false };
    const facts = { log: at.log, seq: at.seq, at: at.acceptedAt, ...who, now, timerSeconds };
    const effects = contentEffects({ ...facts, messageId: id, content, bytes: row.draft, evidence: null });
    const evidence = ownEvidence(before, row, entry);
    const traces = traceStatements({ ...facts, account: sender.account, messageId: id, content, bytes: row.draft, evidence });
    const kept = evidence === null ? [] : [sql("UPDATE messages SET evidence = ? WHERE local_id = ?", evidence, row.localId)];
    const statements = [...keepSent(row, entry, at.seq), ...done, ...traces, ...effects, ...kept];
    const isExpiring = expiresAfter(content, timerSeconds, now) !== null;
    return { conversation: before, statements, shown: row.localId, isChanged: false, isExpiring };
  }
  // Who leaves with several devices first takes out the others by a commit, and then goes.
  const isFirstStep = row.kind === "leave" && row.staged !== undefined;
  // The wish itself stays until this device is out.
  if (row.kind !== "commit" && !isFirstStep)
    return { conversation: before, statements: [markAccepted(row.localId, entry.entryId)], isChanged: false };
  const staged = readStaged(before, row);
  if (staged === undefined) return undefined;
  const { conversation } = staged;
  const plan = isFirstStep ? undefined : decodePlan(row.draft);
  const change = ownChange(engine, { before, after: conversation, plan: plan?.ok === true ? plan.value : { kind: "due" } });
  const mail = deliveries(engine, {
    name: at.log,
    log: before.log,
    firstSeq: entry.seq + 1,
    invitations: staged.invitations,
    ratchetTree: staged.ratchetTree,
  });
  const effects = changeEffects(engine, { at, change, before, conversation });
  const statements = [
    ...done,
    nextEpoch(at.log, entry),
    isRenewed(at.log, at.acceptedAt),
    ...effects,
    ...mail,
    ...(isFirstStep ? [enqueueFirst({ log: at.log, localId: newLocalId(engine.context), kind: "leave", draft: row.draft })] : []),
    ...(before.kind === "self" ? engine.own.snapshot(staged.invitations.map(({ to }) => to.device)) : []),
  ];
  return { conversation, statements, isChanged: true };
}

/** A message whose content cannot be read any more: others have it. */
function sentAt({ seq, acceptedAt }: At, { localId }: OutboxRow): Statement {
  const update = "UPDATE messages SET seq = coalesce(seq, ?), at = ?, state = 'sent' WHERE local_id = ? AND state = 'sending'";
  return sql(update, seq, acceptedAt, localId);
}

function readStaged(before: Conversation, row: OutboxRow): (Staged & { readonly conversation: Conversation }) | undefined {
  const staged = decodeStaged(row.staged ?? new Uint8Array());
  const next = staged.ok ? decodeConversation(staged.value.next) : undefined;
  const adopted = next?.ok === true ? adoptCommit(before, next.value) : undefined;
  return staged.ok && adopted?.ok === true ? { ...staged.value, conversation: adopted.value } : undefined;
}

/** For the same reports that others can make: what was sealed, with the place and the receipt that the server gave it. */
function ownEvidence(before: Conversation, row: OutboxRow, { seq, acceptedAt, receipt }: Entry): Uint8Array | null {
  const evidence = row.evidence && placeEvidence(row.evidence, row.draft, { log: before.log, seq, acceptedAt, receipt });
  return evidence?.ok === true ? evidence.value : null;
}

const without = (list: readonly AccountId[], other: readonly AccountId[]): AccountId[] =>
  list.filter((account) => !other.some((known) => equalBytes(known, account)));

type OwnCommit = { readonly before: Conversation; readonly after: Conversation; readonly plan: Plan };

/** Who went and was not removed by the plan left on their own wish. */
function ownChange(engine: Engine, { before, after, plan }: OwnCommit): ConversationChange {
  const removing = plan.kind === "remove" ? plan.accounts : [];
  const [was, is] = [memberAccounts(before), memberAccounts(after)];
  const device = engine.self.id;
  const asDevice = (account: AccountId): { account: AccountId; device: typeof device } => ({ account, device });
  const by = asDevice(engine.me.account);
  const gone = without(was, is);
  const left = without(gone, removing);
  const [added, removed] = [without(is, was), without(gone, left)];
  const devices = { added: added.map(asDevice), removed: removed.map(asDevice), left: left.map(asDevice) };
  return { by, ...devices, changes: [], isExternal: false, isOut: false };
}

type Committed = {
  readonly at: At;
  readonly change: ConversationChange;
  readonly before: Conversation;
  readonly conversation: Conversation;
};

const NOTHING_SHOWN: CommitFacts = { added: [], removed: [], left: [], changes: [] };

function factsOf({ change, before, conversation }: Committed): CommitFacts {
  const isSame = equalBytes(encodeGroupState(before.group), encodeGroupState(conversation.group));
  if (isSame && change.added.length + change.removed.length + change.left.length === 0) return NOTHING_SHOWN;
  const [was, is] = [memberAccounts(before), change.isOut ? [] : memberAccounts(conversation)];
  const accounts = (devices: readonly { readonly account: AccountId }[]): AccountId[] => devices.map(({ account }) => account);
  const people = {
    added: newcomers(accounts(change.added), was),
    removed: newcomers(accounts(change.removed), is),
    left: newcomers(accounts(change.left), is),
  };
  return { ...people, changes: shownChanges(before.group, conversation.group, is) };
}

const TITLE = "UPDATE conversations SET title = ?, timer = ? WHERE log = ?";
const TOUCH = "UPDATE conversations SET updated_at = max(updated_at, ?) WHERE log = ?";

/** What people see of a commit: who came and went, and the title. */
function changeEffects(engine: Engine, committed: Committed): Statement[] {
  const { at, change, conversation } = committed;
  const { group } = conversation;
  const { log } = at;
  const facts = factsOf(committed);
  const localId = newLocalId(engine.context);
  const insert =
    "INSERT INTO messages (local_id, log, seq, sender, at, kind, text, content, state) VALUES (?, ?, ?, ?, ?, 'system', '', ?, 'received')";
  const row = sql(insert, localId, log, at.seq, change.by.account, at.acceptedAt, encodeFacts(facts));
  const title = sql(TITLE, group.name, group.timerSeconds, log);
  const out = change.isOut ? outEffects(log) : [leaveAgain(log)];
  const isShown = conversation.kind !== "self" && areFactsShown(facts);
  return [
    ...(isShown ? [row, sql(TOUCH, at.acceptedAt, log)] : []),
    title,
    ...membersKnown(facts.added),
    ...cameStatements(log, facts.added),
    ...forgetUndelivered(log, [...facts.added, ...facts.removed, ...facts.left]),
    ...out,
  ];
}

/** What waits for this conversation has no way to go any more; those whom this device brought in still get their invitation. */
function outEffects(log: LogId): Statement[] {
  return [
    sql("UPDATE conversations SET status = 'left' WHERE log = ?", log),
    sql("DELETE FROM outbox WHERE log = ? AND kind NOT IN ('upload', 'deliver')", log),
    failed("conversation_inactive", "log = ? AND seq IS NULL AND state = 'sending'", log),
  ];
}
