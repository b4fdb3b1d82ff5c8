/** What is computed from other values: hashes, the bytes under signatures and MACs, text forms, sizes. */
import * as p from "@sotto/protocol";
import { ACCOUNT, ACCOUNT_2, BLOB, CHAIN, counting, filled, LAPTOP, LOG, NOTES, PHONE, SALT, TIME } from "./samples.ts";

type Derived = { readonly name: string; readonly spec: string; readonly input: unknown; readonly output: unknown };

const token = filled(32, 0x77);
const content = p.expectSuccess(p.encodeContent(p.plainContent(SALT, { kind: "text", text: "Hello", format: "plain", attachments: [] })));
const idFacts = { senderUri: p.accountUri(ACCOUNT), roomUri: p.groupUri(LOG), content, salt: SALT };
const receipt = { log: LOG, seq: 2 ** 40 + 1, acceptedAt: TIME, tag: filled(32, 0xaa) };
const login = { origin: "https://sotto.example", nonce: filled(32, 0x0c), account: ACCOUNT, device: PHONE.id };
const recipient = { account: ACCOUNT_2, device: LAPTOP.id };
const [note = NOTES[0]] = NOTES.filter(({ kind }) => kind === "reanchor");
const unsigned = note === undefined ? undefined : { senderAccount: ACCOUNT, senderDevice: PHONE.id, note };
const leaves = Array.from({ length: 7 }, (_, i) => p.leafHash(counting(i + 1)));
const [genesis = new Uint8Array(0)] = CHAIN;

export const DERIVED: readonly Derived[] = [
  { name: "capability hash", spec: "spec/log.md, Capabilities", input: { log: LOG, token }, output: p.capabilityHash(LOG, token) },
  { name: "contact hash", spec: "spec/inbox.md, Authorisation", input: { account: ACCOUNT, token }, output: p.contactHash(ACCOUNT, token) },
  {
    name: "gate code hash",
    spec: "spec/inbox.md, Authorisation",
    input: { account: ACCOUNT, gateCode: "grüße" },
    output: p.gateCodeHash(ACCOUNT, "grüße"),
  },
  { name: "receipt bytes", spec: "spec/log.md, Receipts", input: receipt, output: p.receiptBytes(receipt) },
  { name: "login bytes", spec: "spec/identity.md, Login", input: login, output: p.loginBytes(login) },
  { name: "device id", spec: "spec/identity.md, Keys", input: PHONE.publicKey, output: PHONE.id },
  { name: "account id", spec: "spec/identity.md, Chain", input: genesis, output: p.accountIdOf(genesis) },
  { name: "account id as text", spec: "spec/log.md, Ids", input: ACCOUNT, output: p.accountIdToText(ACCOUNT) },
  { name: "blob id as text", spec: "spec/log.md, Ids", input: BLOB, output: p.idToText(BLOB) },
  {
    name: "chain signature bytes",
    spec: "spec/identity.md, Signatures",
    input: p.expectSuccess(p.decodeChainEntry(genesis)).signed,
    output: p.chainSignatureBytes(p.expectSuccess(p.decodeChainEntry(genesis)).signed),
  },
  {
    name: "inbox note signature bytes",
    spec: "spec/inbox.md, Notes",
    input: { ...unsigned, recipient },
    output: unsigned === undefined ? undefined : p.inboxNoteSignatureBytes(unsigned, recipient),
  },
  { name: "message id", spec: "draft-ietf-mimi-content-08, Message ID", input: idFacts, output: p.deriveMessageId(idFacts) },
  { name: "franking tag", spec: "spec/content.md, Commitment", input: { salt: SALT, content }, output: p.frankingTag(SALT, content) },
  { name: "padding", spec: "spec/content.md, Padding", input: content, output: p.expectSuccess(p.padContent(content)) },
  {
    name: "group state hash",
    spec: "spec/groups.md, State",
    input: p.encodeGroupState(p.newGroupState(ACCOUNT, "Lake people")),
    output: p.groupStateHash(p.encodeGroupState(p.newGroupState(ACCOUNT, "Lake people"))),
  },
  ...[0, 1, 2, 9, 1000, 65_520, 65_521, 1_000_000, 300_000_000, p.LIMITS.attachmentBytesMax].map((size) => ({
    name: `segments of ${size} bytes`,
    spec: "spec/blobs.md, Segments",
    input: size,
    output: p.planSegments(size),
  })),
  {
    name: "segment nonce",
    spec: "spec/blobs.md, Segments",
    input: { prefix: filled(7, 0x22), index: 258, isLast: true },
    output: p.segmentNonce(filled(7, 0x22), 258, true),
  },
  {
    name: "archived person",
    spec: "spec/archive-format.md, Ids",
    input: ["instagram", "ada"],
    output: p.archivePersonId("instagram", "ada"),
  },
  {
    name: "archived conversation",
    spec: "spec/archive-format.md, Ids",
    input: ["instagram", "thread 1"],
    output: p.archiveConversationId("instagram", "thread 1"),
  },
  {
    name: "archived message",
    spec: "spec/archive-format.md, Ids",
    input: { conversation: LOG, at: 1_600_000_000_000, identity: counting(10, 0x70) },
    output: p.archiveMessageId(LOG, 1_600_000_000_000, counting(10, 0x70)),
  },
  { name: "tree of seven", spec: "RFC 6962 §2.1", input: leaves, output: p.rootHash(leaves) },
  { name: "inclusion of leaf 4 of seven", spec: "RFC 6962 §2.1.1", input: { index: 4, leaves }, output: p.inclusionProof(leaves, 4) },
  { name: "growth from 3 to 7", spec: "RFC 6962 §2.1.2", input: { oldSize: 3, leaves }, output: p.consistencyProof(leaves, 3) },
];
