/** Every stored or sent form: how it is written and read, and samples. Vectors and fuzzing walk over this table. */
import * as p from "@sotto/protocol";
import { type Form, form } from "../testing/form-suite.ts";
import { sampleFrames } from "./frame-samples.ts";
import * as s from "./samples.ts";

const named = <T>(values: readonly T[], name: (value: T) => string): [string, T][] => values.map((value) => [name(value), value]);
const [clientFrames, serverFrames] = [sampleFrames().client, sampleFrames().server];

const contents = Object.entries(s.BODIES).map(([name, body]): [string, p.Content] => {
  const relation = {
    replaces: body.kind === "deletion" || body.kind === "unreaction" ? s.MESSAGE : null,
    inReplyTo: body.kind === "reaction" || body.kind === "vote" ? s.MESSAGE : null,
  };
  return [name, { ...p.plainContent(s.SALT, body), ...relation }];
});

const text: p.Body = { kind: "text", text: "Edited", format: "markdown", attachments: [] };
contents.push(
  ["edit that disappears", { ...p.plainContent(s.SALT, text), replaces: s.MESSAGE, expires: { relative: true, seconds: 3600 } }],
  ["reply in a thread", { ...p.plainContent(s.SALT, text), inReplyTo: s.MESSAGE, topicId: s.counting(4) }],
);

/** Frames are checked as their bytes: the value of the vector is the decoded CBOR. */
function decodeClient(bytes: Uint8Array): p.Outcome<unknown> {
  const envelope = p.decodeRequestEnvelope(bytes);
  if (!envelope.ok) return envelope;
  const operation = envelope.value.operation;
  const request = p.readRequest(envelope.value, p.isFrameOperation(operation) ? p.connectionOf(operation) : "account");
  return request.ok ? p.decodeCbor(bytes, p.cborLimits(bytes.length)) : request;
}

function decodeServer(bytes: Uint8Array): p.Outcome<unknown> {
  const frame = p.decodeServerFrame(bytes);
  return frame.ok ? p.decodeCbor(bytes, p.cborLimits(bytes.length)) : frame;
}

const framed = ([name, bytes]: [string, Uint8Array]): [string, unknown] => [
  name,
  p.expectSuccess(p.decodeCbor(bytes, p.cborLimits(bytes.length))),
];

const CREATE = p.BLOB_OPERATIONS["blob.create"];

export const FORMS: Readonly<Record<string, Form>> = {
  "log-entry": form({
    spec: "spec/log.md, Entries",
    samples: named(s.ENTRIES, ({ kind }) => kind),
    encode: p.encodeEntry,
    decode: p.decodeEntry,
  }),
  "chain-statement": form({
    spec: "spec/identity.md, Chain",
    samples: s.CHAIN.map((bytes) => p.expectSuccess(p.decodeChainEntry(bytes)).statement).map((value) => [value.change.kind, value]),
    encode: p.encodeChainStatement,
    decode: p.decodeChainStatement,
  }),
  "chain-entry": form({
    spec: "spec/identity.md, Chain",
    samples: s.CHAIN.map((bytes) => p.expectSuccess(p.decodeChainEntry(bytes))).map((value) => [value.statement.change.kind, value]),
    encode: ({ signed, signature, proof }: p.ChainEntry) => p.encodeChainEntry(signed, { signature, proof }),
    decode: p.decodeChainEntry,
  }),
  "inbox-item": form({
    spec: "spec/inbox.md, Items",
    samples: named<p.InboxItem>(
      [
        { seq: 1, acceptedAt: s.TIME, itemId: s.ENTRY_ID, lane: "contact", body: s.counting(20) },
        { seq: 2, acceptedAt: s.TIME, itemId: s.ENTRY_ID, lane: "stranger", body: s.counting(300) },
      ],
      ({ lane }) => lane,
    ),
    encode: p.encodeInboxItem,
    decode: p.decodeInboxItem,
  }),
  "inbox-note": form({
    spec: "spec/inbox.md, Notes",
    samples: s.NOTES.map(s.signedNote).map((value, i) => [`${value.note.kind} ${i}`, value]),
    encode: p.encodeInboxNote,
    decode: p.decodeInboxNote,
  }),
  content: form({
    spec: "spec/content.md, Kinds",
    samples: contents,
    encode: (value: p.Content) => p.expectSuccess(p.encodeContent(value)),
    decode: p.decodeContent,
    keepsMeaningOnly: true,
  }),
  "mimi-content": form({
    spec: "draft-ietf-mimi-content-08",
    samples: contents.map(([name, value]) => [name, p.expectSuccess(p.decodeMimiContent(p.expectSuccess(p.encodeContent(value))))]),
    encode: p.encodeMimiContent,
    decode: p.decodeMimiContent,
  }),
  "group-state": form({
    spec: "spec/groups.md, State",
    samples: [
      ["new", p.newGroupState(s.ACCOUNT, "")],
      ["with roles", s.GROUP_STATE],
    ],
    encode: p.encodeGroupState,
    decode: p.decodeGroupState,
  }),
  "group-change": form({
    spec: "spec/groups.md, Changes",
    samples: named(s.GROUP_CHANGES, ({ kind }) => kind),
    encode: p.encodeGroupChange,
    decode: p.decodeGroupChange,
  }),
  "own-items": form({
    spec: "spec/own-devices.md, Items",
    samples: [
      ...s.OWN_ITEMS.map((item, i): [string, p.OwnItems] => [`${item.kind} ${i}`, { for: undefined, items: [item] }]),
      ["several, for a new device", { for: s.LAPTOP.id, items: s.OWN_ITEMS }],
    ],
    encode: p.encodeOwnItems,
    decode: p.decodeOwnItems,
    keepsMeaningOnly: true,
  }),
  checkpoint: form({
    spec: "C2SP tlog-checkpoint",
    samples: [["log and witness", p.expectSuccess(p.decodeCheckpoint(p.encodeCheckpoint(s.CHECKPOINT, s.NOTE_SIGNATURES)))]],
    encode: ({ checkpoint, signatures }: p.SignedCheckpoint) => p.encodeCheckpoint(checkpoint, signatures),
    decode: p.decodeCheckpoint,
  }),
  "client-frames": form({
    spec: "spec/log.md, Frames",
    samples: clientFrames.map(framed),
    encode: (value: unknown) => p.encodeCbor(value as p.CborValue),
    decode: decodeClient,
  }),
  "server-frames": form({
    spec: "spec/log.md, Frames",
    samples: serverFrames.map(framed),
    encode: (value: unknown) => p.encodeCbor(value as p.CborValue),
    decode: decodeServer,
  }),
  kept: form({
    spec: "spec/backup.md, At the server",
    samples: [
      ["nothing yet", { wrappedKeys: [], card: s.counting(0) }],
      ["two copies and a card", { wrappedKeys: [s.counting(120), s.filled(512, 7)], card: s.counting(80) }],
    ],
    encode: (value: p.Kept) => p.encodeForm(p.keptForm, value),
    decode: (bytes) => p.decodeForm(p.keptForm, bytes, p.LIMITS.keptBytesMax),
  }),
  "http-blob-create": form({
    spec: "spec/blobs.md, Operations",
    samples: [
      ["free", { blob: s.BLOB, size: 5_000_000, write: s.filled(32, 3), payment: [] }],
      [
        "paid",
        { blob: s.BLOB, size: 0, write: s.filled(32, 3), payment: [{ key: s.counting(8), nonce: s.counting(32), output: s.counting(64) }] },
      ],
    ],
    encode: (value: p.HttpRequestOf<"blob.create">) => p.encodeForm(CREATE.request, value),
    decode: (bytes) => p.decodeForm(CREATE.request, bytes, CREATE.requestBytesMax),
  }),
  "http-blob-status": form({
    spec: "spec/blobs.md, Operations",
    samples: [
      ["begun", { size: 5_000_000, offset: 65_536, expiresAt: s.TIME }],
      ["empty and complete", { size: 0, offset: 0, expiresAt: s.TIME }],
    ],
    encode: (value: p.HttpResponseOf<"blob.status">) => p.encodeForm(p.blobStatus, value),
    decode: (bytes) => p.decodeForm(p.blobStatus, bytes, p.LIMITS.httpAnswerBytesMax),
  }),
  "http-blob-deleted": form({
    spec: "spec/blobs.md, Operations",
    samples: [["deleted", {}]],
    encode: (value: p.HttpResponseOf<"blob.delete">) => p.encodeForm(p.BLOB_OPERATIONS["blob.delete"].response, value),
    decode: (bytes) => p.decodeForm(p.BLOB_OPERATIONS["blob.delete"].response, bytes, p.LIMITS.httpAnswerBytesMax),
  }),
  "http-problem": form({
    spec: "spec/blobs.md, Operations",
    samples: [["too many requests", { code: "rate_limited", retryAfterMs: 1000 }]],
    encode: (value: p.FormOf<typeof p.problem>) => p.encodeForm(p.problem, value),
    decode: (bytes) => p.decodeForm(p.problem, bytes, p.LIMITS.httpAnswerBytesMax),
  }),
};
