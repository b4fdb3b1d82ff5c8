/** One deterministic value of everything, for vectors and as the starting points of fuzzing. */
import * as p from "@sotto/protocol";
import { testDevice, testKey, type TestDevice } from "./signatures.ts";

export const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);
export const counting = (length: number, start = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (start + i) & 0xff);

export const LOG = p.toId(p.logId, counting(16));
const LOG_2 = p.toId(p.logId, counting(16, 0x40));
export const ENTRY_ID = p.toId(p.entryId, counting(16, 0x80));
export const BLOB = p.toId(p.blobId, counting(16, 0xc0));
export const MESSAGE = p.toId(p.messageId, Uint8Array.of(1, ...counting(31, 0x20)));
export const SALT = counting(16, 0x10);
export const TIME = 1_790_000_000_000;

export const PHONE = testDevice(1);
export const LAPTOP = testDevice(2);
export const TABLET = testDevice(3);
export const RECOVERY = testKey(9);
export const RECOVERY_2 = testKey(10);

export type Signer = Pick<TestDevice, "sign"> & { readonly author: p.DeviceId | "recovery" };
export const as = (device: TestDevice): Signer => ({ sign: device.sign, author: device.id });
export const byRecovery = (key: { sign: TestDevice["sign"] }): Signer => ({ sign: key.sign, author: "recovery" });

/** One entry, signed; `newcomer` proves its key. */
export function signedEntry(
  chain: readonly Uint8Array[],
  change: p.ChainChange,
  { signer, newcomer }: { readonly signer: Signer; readonly newcomer?: TestDevice },
): Uint8Array {
  const last = chain.at(-1);
  const signed = p.encodeChainStatement({
    index: chain.length,
    previous: last === undefined ? undefined : p.chainEntryHash(last),
    author: signer.author,
    claimedAt: TIME + chain.length,
    change,
  });
  const message = p.chainSignatureBytes(signed);
  return p.encodeChainEntry(signed, { signature: signer.sign(message), proof: newcomer?.sign(message) });
}

/** Genesis by the phone, laptop added, recovery key rotated, phone revoked, then a reset to the tablet. */
export function sampleChain(): Uint8Array[] {
  const chain: Uint8Array[] = [];
  const genesis: p.ChainChange = { kind: "genesis", device: PHONE.device, recoveryKey: RECOVERY.publicKey };
  chain.push(signedEntry(chain, genesis, { signer: as(PHONE) }));
  chain.push(signedEntry(chain, { kind: "add", device: LAPTOP.device }, { signer: as(PHONE), newcomer: LAPTOP }));
  chain.push(signedEntry(chain, { kind: "rotateRecovery", recoveryKey: RECOVERY_2.publicKey }, { signer: as(LAPTOP) }));
  chain.push(signedEntry(chain, { kind: "revoke", deviceId: PHONE.id }, { signer: as(LAPTOP) }));
  const reset: p.ChainChange = { kind: "reset", device: TABLET.device, recoveryKey: RECOVERY.publicKey };
  chain.push(signedEntry(chain, reset, { signer: byRecovery(RECOVERY_2), newcomer: TABLET }));
  return chain;
}

export const CHAIN = sampleChain();
export const ACCOUNT = p.accountIdOf(CHAIN[0] ?? new Uint8Array(0));
export const ACCOUNT_2 = p.toId(p.accountId, counting(32, 0x60));

export const ENTRIES: readonly p.Entry[] = [
  {
    seq: 1,
    kind: "message",
    epoch: 0,
    acceptedAt: TIME,
    entryId: ENTRY_ID,
    tag: filled(32, 0xaa),
    receipt: filled(32, 0xbb),
    body: counting(40),
  },
  {
    seq: 2 ** 40,
    kind: "handshake",
    epoch: 300,
    acceptedAt: TIME,
    entryId: ENTRY_ID,
    tag: p.NO_TAG,
    receipt: filled(32, 0xbb),
    body: counting(300),
  },
];

const ATTACHMENT: p.Attachment = {
  blob: BLOB,
  expires: 1_792_592_000,
  contentType: "image/jpeg",
  filename: "lake.jpg",
  description: "A lake at dawn",
  size: 2_345_678,
  key: filled(32, 0x11),
  noncePrefix: filled(7, 0x22),
  cipherHash: filled(32, 0x33),
  fileHash: filled(32, 0x44),
  width: 4032,
  height: 3024,
  durationMs: 0,
  blurhash: "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
  thumbnail: { contentType: "image/webp", bytes: counting(64) },
  waveform: new Uint8Array(0),
  isVoiceNote: false,
  isViewOnce: true,
};

export const VOICE: p.Attachment = {
  ...ATTACHMENT,
  contentType: "audio/ogg;codecs=opus",
  filename: "",
  description: "",
  width: 0,
  height: 0,
  durationMs: 4200,
  blurhash: "",
  thumbnail: null,
  waveform: counting(64),
  isVoiceNote: true,
  isViewOnce: false,
};

export const BODIES: Readonly<Record<string, p.Body>> = {
  text: { kind: "text", text: "Hello, *you*. Grüße 👋", format: "markdown", attachments: [] },
  "plain text": { kind: "text", text: "Hello", format: "plain", attachments: [] },
  "text with files": { kind: "text", text: "Look", format: "markdown", attachments: [ATTACHMENT, VOICE] },
  file: { kind: "text", text: "", format: "markdown", attachments: [ATTACHMENT] },
  "voice note": { kind: "text", text: "", format: "markdown", attachments: [VOICE] },
  reaction: { kind: "reaction", emoji: "👩🏽‍⚕️" },
  unreaction: { kind: "unreaction" },
  deletion: { kind: "deletion" },
  status: {
    kind: "status",
    statuses: [
      { id: MESSAGE, status: "delivered" },
      { id: MESSAGE, status: "read" },
    ],
  },
  typing: { kind: "typing", isTyping: true },
  poll: { kind: "poll", question: "Where?", options: ["Lake", "Hill"], choicesMax: 1, closesAt: TIME },
  vote: { kind: "vote", choices: [0, 1] },
  contact: {
    kind: "contact",
    account: ACCOUNT,
    username: "alice",
    host: "example.org",
    displayName: "Alice",
    contactToken: filled(32, 0x55),
  },
  group: { kind: "group", change: { kind: "name", revision: 3, name: "Lake people" } },
};

const POLICY: p.GroupPolicy = { invite: "member", remove: "admin", rename: "owner", post: "member" };

export const GROUP_CHANGES: readonly p.GroupChange[] = [
  { kind: "name", revision: 0, name: "Lake people" },
  { kind: "description", revision: 1, description: "" },
  { kind: "picture", revision: 2, picture: counting(10) },
  { kind: "role", revision: 3, account: ACCOUNT_2, role: "admin" },
  { kind: "policy", revision: 4, policy: POLICY },
  { kind: "timer", revision: 5, timerSeconds: 86_400 },
  { kind: "links", revision: 6, linksAllowed: true },
];

export const GROUP_STATE: p.GroupState = {
  ...p.newGroupState(ACCOUNT, "Lake people"),
  revision: 7,
  policy: POLICY,
  rolesById: new Map([
    // In the order of the ids, as a decoder gives them.
    [p.accountIdToText(ACCOUNT_2), { account: ACCOUNT_2, role: "admin" as const }],
    [p.accountIdToText(ACCOUNT), { account: ACCOUNT, role: "owner" as const }],
  ]),
};

export const NOTES: readonly p.InboxNote[] = [
  {
    kind: "welcome",
    log: LOG,
    firstSeq: 12,
    welcome: counting(80),
    tree: { kind: "included" },
    senderName: "Alice",
    greeting: "Hi, it is me",
  },
  {
    kind: "welcome",
    log: LOG,
    firstSeq: 12,
    welcome: counting(80),
    tree: { kind: "inline", tree: counting(9) },
    senderName: "",
    greeting: "",
  },
  {
    kind: "welcome",
    log: LOG,
    firstSeq: 1,
    welcome: counting(80),
    tree: { kind: "blob", attachment: ATTACHMENT },
    senderName: "",
    greeting: "",
  },
  { kind: "reanchor", oldLog: LOG, newLog: LOG_2, epoch: 17 },
  { kind: "rejoin", log: LOG, groupId: counting(16), epoch: 3, cursor: 41 },
  { kind: "contact", contactToken: filled(32, 0x66), username: "alice", host: "" },
  { kind: "joinInfo", groupId: counting(16), info: filled(40, 0x21) },
  { kind: "joinInfo", groupId: counting(16), info: ATTACHMENT },
  { kind: "history", groupId: counting(16), messages: [[filled(20, 0x31), filled(60, 0x32)]] },
  { kind: "admit" },
  { kind: "reinvite", log: LOG },
];

export const OWN_ITEMS: readonly p.OwnItem[] = [
  { kind: "contact", account: ACCOUNT_2, username: "bob", name: "Bob", isChecked: true, contactToken: filled(32, 0x66) },
  { kind: "contact", account: ACCOUNT_2, username: "", name: "", isChecked: false, contactToken: null },
  { kind: "conversation", group: counting(16), status: "request" },
  { kind: "read", group: counting(16), log: LOG, seq: 77 },
  { kind: "setting", key: "readReceipts", subject: new Uint8Array(), value: false },
  { kind: "setting", key: "mutedUntil", subject: counting(16), value: TIME },
  { kind: "setting", key: "draft", subject: counting(16), value: null },
  { kind: "account", username: "alice", contactToken: filled(32, 0x67) },
  { kind: "masterKey", generation: 2, key: filled(32, 0x68) },
];

export const signedNote = (note: p.InboxNote): p.SignedNote => {
  const unsigned = { senderAccount: ACCOUNT, senderDevice: PHONE.id, note };
  const message = p.inboxNoteSignatureBytes(unsigned, { account: ACCOUNT_2, device: LAPTOP.id });
  return { ...unsigned, signature: PHONE.sign(message) };
};

export const CHECKPOINT: p.Checkpoint = { origin: "sotto.example/directory", size: 1234, root: counting(32) };
export const NOTE_SIGNATURES: readonly p.NoteSignature[] = [
  { name: "sotto.example/directory", keyHash: filled(4, 1), signature: counting(64) },
  { name: "witness.example", keyHash: filled(4, 2), signature: counting(72) },
];
