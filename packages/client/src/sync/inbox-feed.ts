/**
 * Follows this device's inbox: each item is opened, its effects are stored together with the inbox cursor, and then it is acknowledged, upon which
 * the server deletes it. What cannot be opened is left behind; what cannot be decided now is asked for again.
 */
import {
  type DeviceAddress,
  type GroupContext,
  joinConversation,
  type JoinedConversation,
  memberAccounts,
  type OpenedNote,
  openNote,
  readWelcomeNote,
} from "@sotto/core";
import {
  type AccountId,
  accountIdToText,
  decodeInboxItem,
  equalBytes,
  type InboxItem,
  type InboxNote,
  type LogId,
  parseAddress,
} from "@sotto/protocol";
import { fetchNoteBlob } from "../attachments/note-blob.ts";
import type { Engine } from "../engine.ts";
import { areKeyPackagesStale, loadKeyPackages, staleKeyPackages, supplyKeyPackages } from "../account/key-packages.ts";
import type { Line } from "../net/line.ts";
import { ownDevicesStatements } from "../devices/own-devices.ts";
import { isTransient } from "../net/transient.ts";
import { markedStatements } from "../own/own-effects.ts";
import type { Statement } from "../ports.ts";
import { membersKnown } from "../people/names.ts";
import { askForAnother } from "../repair/reinvite.ts";
import { holdStatements, judgeReturn, returnStatements } from "../repair/return.ts";
import { settingsOf } from "../preferences/shared-settings.ts";
import { bytesIn, numberIn, setting, sql } from "../store/statements.ts";
import { type InboxBounds, inboxNext, isSetBack, isTaken, pass, passBy, readFrom } from "./inbox-cursor.ts";

const RETRY_MS = 1_000;
type Welcome = Extract<InboxNote, { kind: "welcome" }>;
type Arrived = { readonly note: Welcome; readonly sender: DeviceAddress; readonly body: Uint8Array };
type Taken = "done" | "waiting";

export type InboxFeedEvents = {
  readonly onJoined: (log: LogId) => void;
  readonly onIdle: () => void;
  /** What a note about a conversation asks for. */
  readonly onNote: (sender: DeviceAddress, note: InboxNote) => Promise<readonly Statement[]>;
  readonly onQueued: () => void;
  /** A note with history was passed. */
  readonly onHistory: (groupId: Uint8Array) => Promise<void>;
  /** Another own device asks to be added to what this one is in. */
  readonly onAsked: () => void;
};

export class InboxFeed {
  readonly #engine: Engine;
  readonly #events: InboxFeedEvents;
  readonly #queue: Uint8Array[] = [];
  #line: Line | undefined;
  #isWorking = false;
  /** Until it reads from the right place, with key packages that are good: what is pushed before that says nothing. */
  #isStarting = false;
  #isLiveSeen = false;
  /** Items since the cursor that are none. */
  #broken = 0;
  /** The furthest that this device was, before it read again. */
  #furthest = 0;

  constructor(engine: Engine, events: InboxFeedEvents) {
    this.#engine = engine;
    this.#events = events;
  }

  get isLive(): boolean {
    return this.#isLiveSeen && !this.#isStarting && this.#queue.length === 0 && !this.#isWorking;
  }

  async start(line: Line): Promise<void> {
    this.#line = line;
    this.#reset();
    this.#isStarting = true;
    try {
      const next = await inboxNext(this.#engine.ports.store);
      const answer = await line.ask("inbox.subscribe", { from: next });
      if (!answer.ok) this.#later();
      else if (answer.value.first !== next) await this.#readAgain(line, answer.value, next);
    } catch (error) {
      this.#later();
      throw error;
    } finally {
      this.#isStarting = false;
      this.#events.onIdle();
    }
  }

  /** The server is not where this device left it. */
  async #readAgain(line: Line, bounds: InboxBounds, next: number): Promise<void> {
    this.#furthest = Math.max(this.#furthest, next);
    await this.#engine.ports.store.write(readFrom(bounds, next));
    if (isSetBack(bounds, next)) await supplyKeyPackages(this.#engine, line);
    this.#isLiveSeen = false;
    const answer = await line.ask("inbox.subscribe", { from: bounds.first });
    if (!answer.ok) this.#later();
  }

  #reset(): void {
    this.#isLiveSeen = false;
    this.#queue.length = 0;
    this.#broken = 0;
  }

  lost(): void {
    this.#reset();
  }

  items(items: readonly Uint8Array[]): void {
    this.#queue.push(...items);
    this.#engine.inBackground(this.#work());
  }

  live(): void {
    this.#isLiveSeen = true;
    this.#events.onIdle();
  }

  async #work(): Promise<void> {
    if (this.#isWorking) return;
    this.#isWorking = true;
    try {
      const through = await this.#takeAll();
      if (through > 0) await this.#line?.ask("inbox.acknowledge", { through });
      if (this.#line !== undefined && (await areKeyPackagesStale(this.#engine))) await supplyKeyPackages(this.#engine, this.#line);
    } catch (error) {
      // Nothing behind an item that was not taken may be: the server would delete both.
      this.#later();
      throw error;
    } finally {
      this.#isWorking = false;
      // Items that came while the last ones were acknowledged.
      if (this.#queue.length > 0) this.#engine.inBackground(this.#work());
      else this.#events.onIdle();
    }
  }

  /** The last item that was passed, or 0. */
  async #takeAll(): Promise<number> {
    let through = 0;
    for (let bytes = this.#queue.shift(); bytes !== undefined; bytes = this.#queue.shift()) {
      const item = decodeInboxItem(bytes);
      const next = await inboxNext(this.#engine.ports.store);
      if (!item.ok) this.#broken += 1;
      if (!item.ok || item.value.seq < next) continue;
      const isNext = item.value.seq - next <= this.#broken;
      if (!isNext || (await this.#take(item.value)) === "waiting") {
        this.#later();
        break;
      }
      this.#broken = 0;
      through = item.value.seq;
    }
    return through;
  }

  /** Reads from the cursor again, after a while. */
  #later(): void {
    this.#reset();
    this.#engine.ports.clock.after(RETRY_MS, () => this.#again());
  }

  #again(): void {
    if (this.#line?.isReady === true) this.#engine.inBackground(this.start(this.#line));
  }

  async #take(item: InboxItem): Promise<Taken> {
    const engine = this.#engine;
    if (await isTaken(engine.ports.store, item)) {
      await engine.ports.store.write([passBy(item)]);
      return "done";
    }
    // A place that this device has passed before has something else now: the server was set back and went on.
    const passed = [...pass(item, engine.context.now), ...(item.seq < this.#furthest ? [staleKeyPackages()] : [])];
    const opened = await engine.decide((context) => openNote(engine.self, item.body, context));
    if (!opened.ok && isTransient(opened.code)) return "waiting";
    if (opened.ok && opened.value.note.kind === "welcome")
      return this.#join({ note: opened.value.note, sender: opened.value.sender, body: item.body }, passed);
    const contact = opened.ok ? contactStatements(opened.value) : [];
    const repair = opened.ok ? await this.#events.onNote(opened.value.sender, opened.value.note) : [];
    await engine.ports.store.write([...passed, ...contact, ...repair]);
    if (opened.ok && opened.value.note.kind !== "contact") this.#events.onQueued();
    if (opened.ok && opened.value.note.kind === "history") await this.#events.onHistory(opened.value.note.groupId);
    if (opened.ok && opened.value.note.kind === "admit" && equalBytes(opened.value.sender.account, engine.me.account))
      this.#events.onAsked();
    return "done";
  }

  /** Invitations that came while this device was in: it has read now that it is out. */
  async takeHeld(log: LogId): Promise<void> {
    const engine = this.#engine;
    for (const row of await engine.ports.store.all("SELECT id, body FROM held WHERE log = ? ORDER BY id", [log])) {
      const [gone, body] = [sql("DELETE FROM held WHERE id = ?", numberIn(row, "id")), bytesIn(row, "body")];
      const opened = await engine.decide((context) => openNote(engine.self, body, context));
      if (opened.ok && opened.value.note.kind === "welcome") {
        await this.#join({ note: opened.value.note, sender: opened.value.sender, body }, [gone]);
      } else if (opened.ok || !isTransient(opened.code)) await engine.ports.store.write([gone]);
    }
  }

  async #join({ note, sender, body }: Arrived, passed: readonly Statement[]): Promise<Taken> {
    const engine = this.#engine;
    const inviter = sender.account;
    const blob = note.tree.kind === "blob" ? await fetchNoteBlob(engine.ports, note.tree.attachment) : undefined;
    if (blob?.ok === false && isTransient(blob.code)) return "waiting";
    if (blob?.ok === false) engine.emit({ kind: "failure", code: blob.code, cause: undefined });
    const welcomed = readWelcomeNote(note, blob?.ok === true ? blob.value : undefined);
    const keyPackages = await loadKeyPackages(engine);
    const from = welcomed.ok ? { ...welcomed.value, keyPackages: keyPackages.map(({ stored }) => stored) } : undefined;
    const joined = from && (await engine.decide((context: GroupContext) => joinConversation(engine.self, from, context)));
    if (joined?.ok === false && isTransient(joined.code)) return "waiting";
    if (joined?.ok !== true || !equalBytes(joined.value.inviter.account, inviter)) {
      const isKeyGone = joined?.ok === false && joined.code === "welcome_not_for_us";
      const ask = isKeyGone ? await askForAnother(engine, this.#line, { from: sender, log: note.log }) : [];
      await engine.ports.store.write([...passed, ...ask]);
      if (ask.length > 0) this.#events.onQueued();
      return "done";
    }
    const returning = await judgeReturn(engine, joined.value.conversation, inviter);
    if (returning.kind === "refused" || returning.kind === "hold") {
      await engine.ports.store.write([...passed, ...(returning.kind === "hold" ? holdStatements(returning.place.log, body) : [])]);
      return "done";
    }
    const log = returning.kind === "back" ? returning.place.log : note.log;
    const used = keyPackages.find(({ stored }) => stored === joined.value.keyPackage);
    const gone =
      used === undefined
        ? []
        : used.stored.isLastResort
          ? [setting("last_resort_used", 1)]
          : [sql("DELETE FROM key_packages WHERE id = ?", used.id)];
    const statements = await joinStatements(engine, { log, note, inviter, joined: joined.value });
    const to = { anchor: note.log, firstSeq: note.firstSeq };
    const back =
      returning.kind === "back" ? await returnStatements(engine, returning.place, { ...to, joined: joined.value.conversation }) : [];
    await engine.ports.store.write([...passed, ...gone, ...statements, ...back]);
    engine.conversations.adopt(joined.value.conversation);
    const [row] = await engine.ports.store.all("SELECT status FROM conversations WHERE log = ?", [log]);
    if (row?.["status"] !== "blocked") this.#events.onJoined(log);
    return "done";
  }
}

function contactStatements({ note, sender }: OpenedNote): Statement[] {
  if (note.kind !== "contact") return [];
  const upsert =
    "INSERT INTO contacts (account, contact_token) VALUES (?, ?) ON CONFLICT (account) DO UPDATE SET contact_token = excluded.contact_token";
  return [sql(upsert, sender.account, note.contactToken)];
}

type Joining = { readonly log: LogId; readonly note: Welcome; readonly inviter: AccountId; readonly joined: JoinedConversation };

/** Whether the inviter is blocked is asked as the row is written: it may have changed meanwhile. */
const INSERT = `INSERT INTO conversations (log, kind, status, title, peer, cursor, updated_at, timer, inviter)
  VALUES (?, ?, CASE WHEN ? = 'group' AND EXISTS (SELECT 1 FROM contacts WHERE account = ? AND is_blocked = 1) THEN 'blocked' ELSE ? END,
    ?, ?, ?, ?, ?, ?)
  ON CONFLICT (log) DO UPDATE SET title = excluded.title, cursor = excluded.cursor, trouble = NULL,
    status = CASE conversations.status WHEN 'left' THEN excluded.status ELSE conversations.status END`;

async function joinStatements(engine: Engine, { log, note, inviter, joined }: Joining): Promise<Statement[]> {
  const { conversation } = joined;
  const isSelf = equalBytes(inviter, engine.me.account);
  const [talks] = await engine.ports.store.all("SELECT 1 FROM conversations WHERE peer = ? AND status = 'active'", [inviter]);
  // What an own device lets this one into may be a request still: other own devices say so, but perhaps later.
  const isRequest = isSelf ? conversation.kind !== "self" : talks === undefined;
  const status = isRequest ? "request" : "active";
  const others = memberAccounts(conversation).filter((account) => !equalBytes(account, engine.me.account));
  const peer = conversation.kind === "direct" ? (others[0] ?? null) : null;
  const { kind, group } = conversation;
  const { groupId } = conversation.mls.context;
  const { now } = engine.context;
  const facts = [log, kind, kind, inviter, status, group.name, peer, note.firstSeq, now, group.timerSeconds, inviter] as const;
  return [
    ...engine.conversations.statements(undefined, conversation),
    sql(INSERT, ...facts),
    ...(isSelf ? [] : [await personStatement(engine, inviter, note.senderName)]),
    ...membersKnown(memberAccounts(conversation)),
    ...markedStatements(groupId),
    ...ownDevicesStatements(engine, log, conversation),
    ...(await settingsOf(engine, groupId)),
  ];
}

async function personStatement(engine: Engine, account: AccountId, named: string): Promise<Statement> {
  const isChecked = await isNameOf(engine, named, account);
  const person =
    "INSERT INTO contacts (account, username, is_checked) VALUES (?, ?, ?) ON CONFLICT (account) DO UPDATE SET username = CASE excluded.is_checked WHEN 1 THEN excluded.username ELSE contacts.username END, is_checked = max(contacts.is_checked, excluded.is_checked)";
  return sql(person, account, isChecked ? named : "", isChecked ? 1 : 0);
}

/** Whether the directory knows the account by the name that it gives itself. Without an answer: not checked. */
async function isNameOf(engine: Engine, name: string, account: AccountId): Promise<boolean> {
  const address = parseAddress(name);
  if (!address.ok) return false;
  const found = await engine.anonymous.ask("directory.lookup", { username: address.value.username });
  return found.ok && accountIdToText(found.value.account) === accountIdToText(account);
}
