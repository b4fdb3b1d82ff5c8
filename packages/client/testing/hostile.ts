/** A member whose program does what it likes: it has the keys of its profile, and talks to the server by itself. */
import {
  type ChainLookup,
  type Conversation,
  conversationFromRecords,
  type CoreContext,
  decodeDeviceKeys,
  decodeEvidence,
  epochTokens,
  isPostAllowed,
  memberAccounts,
  memberDevices,
  type OwnDevice,
  placeEvidence,
  sealContent,
  sealNote,
  stageCommit,
  unplacedEvidence,
  verifyChain,
} from "@sotto/core";
import {
  accountId,
  accountIdToText,
  type AppendRequest,
  cborLimits,
  type ChainState,
  decodeCbor,
  decodeServerFrame,
  encodeCbor,
  encodeRequest,
  entryId,
  equalBytes,
  type FrameOperation,
  type HistoryItem,
  type InboxNote,
  LIMITS,
  type LogId,
  NO_TAG,
  plainContent,
  RECEIPT_BYTES,
  type RequestOf,
  readAnswer,
  type ResponseOf,
  SALT_BYTES,
  toId,
} from "@sotto/protocol";
import { createTransport } from "@sotto/client/node";
import type { Store } from "@sotto/client";

/** Whose keys are used: an open profile. */
export type Insider = { readonly store: Store; readonly core: CoreContext; readonly address: string };

const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const asBytes = (value: unknown): Uint8Array => (value instanceof Uint8Array ? value : new Uint8Array());

/** What the person's device has of a conversation. */
export async function stateOf(person: Pick<Insider, "store">, log: LogId): Promise<Conversation> {
  const rows = await person.store.all("SELECT key, value FROM records WHERE log = ?", [log]);
  const loaded = conversationFromRecords(rows.map(({ key, value }) => [asText(key), asBytes(value)]));
  if (!loaded.ok) throw new Error(loaded.code);
  return loaded.value;
}

/** One request on an anonymous connection of its own. */
export async function askServer<Name extends FrameOperation>(
  address: string,
  operation: Name,
  request: RequestOf<Name>,
): Promise<ResponseOf<Name> | string> {
  return new Promise((resolve, reject) => {
    const channel = createTransport(address).open("anonymous", {
      onOpen: () => undefined,
      onClosed: () => reject(new Error("closed")),
      onFrame: (frame) => {
        const decoded = decodeServerFrame(frame);
        if (!decoded.ok) return reject(new Error(decoded.code));
        if (decoded.value.type === "push") return channel.send(encodeRequest(1, operation, request));
        const answer = decoded.value.type === "answer" ? readAnswer(operation, decoded.value.answer) : undefined;
        resolve(decoded.value.type === "error" ? decoded.value.code : answer?.ok === true ? answer.value : "answer_invalid");
        channel.close();
      },
    });
  });
}

/** The keys of the device of an open profile. */
async function deviceOf({ store, core }: Insider): Promise<OwnDevice> {
  const rows = await store.all("SELECT key, value FROM settings WHERE key IN ('account', 'device')");
  const valueOf = (key: string): Uint8Array => asBytes(rows.find((row) => row["key"] === key)?.["value"]);
  const keys = decodeDeviceKeys(valueOf("device"), core);
  if (!keys.ok) throw new Error(keys.code);
  return { ...keys.value, account: toId(accountId, valueOf("account")) };
}

async function chainsOf({ store, core }: Insider): Promise<ChainLookup> {
  const known = new Map<string, ChainState>();
  for (const row of await store.all("SELECT account, entries FROM chains")) {
    const decoded = decodeCbor(asBytes(row["entries"]), cborLimits(LIMITS.frameBytesMax));
    const entries: readonly unknown[] = decoded.ok && Array.isArray(decoded.value) ? decoded.value : [];
    const chain = verifyChain(entries.map(asBytes), core);
    if (chain.ok) known.set(accountIdToText(chain.value.account), chain.value);
  }
  return (account) => {
    const chain = known.get(accountIdToText(account));
    return chain && { chain, isFresh: true };
  };
}

/** A commit that all members take, with hashes of tokens that nobody has. */
export async function lockLog(insider: Insider, log: LogId): Promise<unknown> {
  const { core } = insider;
  const conversation = await stateOf(insider, log);
  const acting = { conversation, self: await deviceOf(insider) };
  const staged = stageCommit(acting, {}, { ...core, chains: await chainsOf(insider) });
  if (!staged.ok) throw new Error(staged.code);
  const next = { read: core.random(32), write: core.random(32) };
  return askServer(insider.address, "log.append", { ...staged.value.request, next });
}

type Forged = Pick<AppendRequest, "kind" | "body" | "next">;

/** Appends what is no valid entry with the tokens that the person has. */
export async function appendForged(person: Insider, log: LogId, forged: Forged): Promise<unknown> {
  const conversation = await stateOf(person, log);
  const tokens = epochTokens(conversation, person.core);
  if (!tokens.ok) throw new Error(tokens.code);
  const { epoch, write: token } = tokens.value;
  const id = toId(entryId, person.core.random(16));
  return askServer(person.address, "log.append", { log: conversation.log, epoch, token, entryId: id, tag: NO_TAG, ...forged });
}

/** A handshake that is noise, and ends the epoch for the server with tokens that nobody has. */
export function breakLog(person: Insider, log: LogId): Promise<unknown> {
  const [read, write, body] = [person.core.random(32), person.core.random(32), person.core.random(200)];
  return appendForged(person, log, { kind: "handshake", body, next: { read, write } });
}

/** A message of the person that no log has, as content with its evidence: sealed against a policy which this program forgets about. */
export async function unpostedMessage(insider: Insider, log: LogId, text: string): Promise<HistoryItem> {
  const { core } = insider;
  const state = await stateOf(insider, log);
  const { policy } = state.group;
  const conversation: Conversation = { ...state, group: { ...state.group, policy: { ...policy, post: "member" } } };
  const self = await deviceOf(insider);
  const sealed = sealContent(
    { conversation, self },
    plainContent(core.random(SALT_BYTES), { kind: "text", text, format: "markdown", attachments: [] }),
    core,
  );
  if (!sealed.ok) throw new Error(sealed.code);
  const { bytes, evidence, request } = sealed.value;
  const unplaced = unplacedEvidence(evidence, { sender: { account: self.account, device: self.id }, tag: request.tag }, bytes);
  const place = { log: state.log, seq: 1_000_000, acceptedAt: core.now, receipt: new Uint8Array(RECEIPT_BYTES) };
  const placed = unplaced.ok ? placeEvidence(unplaced.value, bytes, place) : unplaced;
  if (!placed.ok) throw new Error(placed.code);
  return [bytes, placed.value];
}

/** Puts a note into the outbox of the open profile, to every device of the others. It leaves when the profile is opened the next time. */
export async function queueNote(insider: Insider, log: LogId, note: InboxNote): Promise<void> {
  const context = { ...insider.core, chains: await chainsOf(insider) };
  const self = await deviceOf(insider);
  for (const to of memberDevices(await stateOf(insider, log))) {
    if (equalBytes(to.device, self.id)) continue;
    const body = sealNote(self, { to, note }, context);
    if (!body.ok) throw new Error(body.code);
    const itemId = context.random(16);
    const draft = encodeCbor([to.account, to.device, itemId, body.value]);
    const insert = "INSERT INTO outbox (lane, log, local_id, kind, draft) VALUES ('unasked notes', ?, ?, 'deliver', ?)";
    await insider.store.write([{ sql: insert, parameters: [log, itemId, draft] }]);
  }
}

/** As if the device had asked everybody, a moment ago, to hand on what came from an entry on. */
export async function pretendAsked({ store, core: { now } }: Insider, log: LogId, cursor = 1): Promise<void> {
  const conversation = await stateOf({ store }, log);
  const members = memberAccounts(conversation).map((account) => [account, isPostAllowed(conversation, account, { kind: "text" })]);
  const gap =
    "INSERT OR REPLACE INTO history_gaps (log, at, members, anchor, cursor, base) SELECT log, ?, ?, anchor, ?, base FROM places WHERE log = ?";
  const asked = "INSERT OR REPLACE INTO history_asked (log, device, at, bytes) VALUES (?, ?, ?, 1000000)";
  await store.write([
    { sql: gap, parameters: [now, encodeCbor(members), cursor, log] },
    ...memberDevices(conversation).map(({ device }) => ({ sql: asked, parameters: [log, device, now] })),
  ]);
}

/** The same, but the time and the place at which it was said are others. */
export function saidAt([bytes, stored]: HistoryItem, acceptedAt: number): HistoryItem {
  const evidence = decodeEvidence(stored, bytes);
  const placed = evidence.ok ? placeEvidence(stored, bytes, { ...evidence.value, acceptedAt }) : evidence;
  if (!placed.ok) throw new Error(placed.code);
  return [bytes, placed.value];
}
