/** For each form, encodings that must be refused, with the code. */
import * as p from "@sotto/protocol";
import type { Refused } from "../testing/form-suite.ts";
import { generallyRefused } from "../testing/hostile-bytes.ts";
import {
  ACCOUNT,
  CHAIN,
  counting,
  ENTRIES,
  ENTRY_ID,
  filled,
  GROUP_STATE,
  LOG,
  MESSAGE,
  PHONE,
  SALT,
  signedNote,
  NOTES,
  OWN_ITEMS,
  TIME,
} from "./samples.ts";

const hex = (text: string): Uint8Array => p.hexToBytes(text.replaceAll(" ", "")) ?? new Uint8Array(0);
const cbor = (...items: readonly p.CborValue[]): Uint8Array => p.encodeCbor(items);

const entry = (fields: Partial<Record<"version" | "seq" | "kind" | "tag" | "body", p.CborValue>>): Uint8Array =>
  cbor(
    fields.version ?? 1,
    fields.seq ?? 1,
    fields.kind ?? 0,
    0,
    TIME,
    ENTRY_ID,
    fields.tag ?? filled(32, 1),
    filled(32, 2),
    fields.body ?? counting(9),
  );

const [sampleEntry] = ENTRIES;
const [genesis = new Uint8Array(0)] = CHAIN;
const [note = { kind: "rejoin", log: LOG, groupId: counting(16), epoch: 3, cursor: 41 } satisfies p.InboxNote] = NOTES;
const state = p.encodeGroupState(GROUP_STATE);
const change = p.encodeGroupChange({ kind: "name", revision: 0, name: "x" });
const statement = p.expectSuccess(p.decodeChainEntry(genesis)).signed;
const key: p.CborValue = [p.ED25519, filled(32, 1)];
const NONE = new Uint8Array(0);
const mimi = (part: p.CborValue, extensions: p.CborValue = new Map()): Uint8Array => cbor(SALT, null, NONE, null, null, extensions, part);
const nested = (depth: number): p.CborValue => (depth === 0 ? [1, "", 0] : [1, "", 3, 2, [nested(depth - 1), [1, "", 0]]]);
const checkpoint = (...lines: readonly string[]): Uint8Array => p.encodeUtf8(lines.map((line) => `${line}\n`).join(""));
const ROOT = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
const SIGNATURE = "\u2014 a.example AAAAAAA=";

const mimiRefused: Refused[] = [
  ...generallyRefused(mimi([1, "", 0])),
  ["a short salt", "content_salt", cbor(counting(15), null, NONE, null, null, new Map(), [1, "", 0])],
  ["a message id of another hash", "id_invalid", cbor(SALT, Uint8Array.of(2, ...counting(31)), NONE, null, null, new Map(), [1, "", 0])],
  ["parts nested five deep", "cbor_too_deep", mimi(nested(4))],
  ["a multipart of one", "form_length", mimi([1, "", 3, 2, [[1, "", 0]]])],
  ["a part of an unknown shape", "form_invalid", mimi([1, "", 4])],
  ["an empty extension key", "form_invalid", mimi([1, "", 0], new Map([["", 1]]))],
];

/** For a map there is no array whose head could be changed. */
const withoutArray = (good: Uint8Array): Refused[] =>
  generallyRefused(good).filter(([name]) => name !== "a length that is not the shortest" && name !== "an indefinite length");

export const REFUSED: Readonly<Record<string, readonly Refused[]>> = {
  "log-entry": [
    ...generallyRefused(sampleEntry === undefined ? NONE : p.encodeEntry(sampleEntry)),
    ["a newer version", "version_unsupported", entry({ version: 2 })],
    ["sequence number 0", "log_entry_invalid", entry({ seq: 0 })],
    ["an unknown kind", "form_invalid", entry({ kind: 2 })],
    ["a short tag", "form_length", entry({ tag: filled(31, 1) })],
    ["an empty body", "form_length", entry({ body: NONE })],
  ],
  "chain-statement": [
    ...generallyRefused(statement),
    ["genesis with a predecessor", "chain_previous", cbor(1, 0, 0, filled(32, 1), PHONE.id, TIME, [key, key], key)],
    ["genesis that is not the first", "chain_index", cbor(1, 0, 1, NONE, PHONE.id, TIME, [key, key], key)],
    ["another first entry", "chain_index", cbor(1, 1, 0, filled(32, 1), PHONE.id, TIME, [key, key])],
    ["an unknown kind", "chain_kind", cbor(1, 5, 1, filled(32, 1), PHONE.id, TIME)],
    ["a newer version", "version_unsupported", cbor(2, 1, 1, filled(32, 1), PHONE.id, TIME, [key, key])],
    ["a field too much", "form_invalid", cbor(1, 2, 1, filled(32, 1), PHONE.id, TIME, PHONE.id, 0)],
  ],
  "chain-entry": [
    ...generallyRefused(genesis),
    ["an empty signature", "form_length", cbor(statement, NONE, NONE)],
    ["a statement that is no CBOR", "cbor_truncated", cbor(hex("98"), counting(64), NONE)],
  ],
  "inbox-item": [
    ...generallyRefused(cbor(1, 1, TIME, ENTRY_ID, 0, counting(3))),
    ["sequence number 0", "inbox_item_invalid", cbor(1, 0, TIME, ENTRY_ID, 0, counting(3))],
    ["an unknown lane", "form_invalid", cbor(1, 1, TIME, ENTRY_ID, 2, counting(3))],
    ["a newer version", "version_unsupported", cbor(2, 1, TIME, ENTRY_ID, 0, counting(3))],
  ],
  "inbox-note": [
    ...generallyRefused(p.encodeInboxNote(signedNote(note))),
    ["an unknown kind", "form_invalid", cbor(1, ACCOUNT, PHONE.id, 8, [], counting(64))],
    ["a payload of another kind", "form_number", cbor(1, ACCOUNT, PHONE.id, 0, [LOG, LOG, 1], counting(64))],
    ["an admission with a payload", "form_invalid", cbor(1, ACCOUNT, PHONE.id, 6, [1], counting(64))],
    ["no signature", "form_length", cbor(1, ACCOUNT, PHONE.id, 2, [LOG, counting(16)], NONE)],
  ],
  content: [
    ...mimiRefused,
    ["a reaction to nothing", "content_invalid", mimi([2, "", 1, "text/plain;charset=utf-8", hex("e29da4")])],
    ["a deletion of nothing", "content_invalid", mimi([1, "", 0])],
  ],
  "mimi-content": mimiRefused,
  "group-state": [
    ...generallyRefused(state),
    [
      "roles that are not sorted",
      "form_invalid",
      cbor(
        1,
        0,
        "",
        "",
        NONE,
        [
          [filled(32, 2), 2],
          [filled(32, 1), 1],
        ],
        [0, 0, 0, 0],
        0,
        false,
      ),
    ],
    ["an unknown role", "form_invalid", cbor(1, 0, "", "", NONE, [[filled(32, 2), 3]], [0, 0, 0, 0], 0, false)],
    ["a long name", "form_text", cbor(1, 0, "x".repeat(p.LIMITS.groupNameBytesMax + 1), "", NONE, [], [0, 0, 0, 0], 0, false)],
  ],
  "group-change": [
    ...generallyRefused(change),
    ["an unknown kind", "form_invalid", cbor(1, 7, 0, "x")],
    ["a negative timer", "form_number", cbor(1, 5, 0, -1)],
  ],
  "own-items": [
    ...generallyRefused(p.encodeOwnItems({ for: undefined, items: OWN_ITEMS.slice(3, 4) })),
    ["another version", "version_unsupported", cbor(2, NONE, [])],
    [
      "too many items",
      "form_length",
      cbor(
        1,
        NONE,
        Array.from({ length: p.LIMITS.ownItemsMax + 1 }, () => [2, counting(16), LOG, 1]),
      ),
    ],
    ["a short device id", "id_invalid", cbor(1, counting(15), [])],
    ["an item without a kind", "form_number", cbor(1, NONE, [[]])],
    ["a field too much", "form_invalid", cbor(1, NONE, [[2, counting(16), LOG, 1, 1]])],
    ["a log id of the wrong length", "id_invalid", cbor(1, NONE, [[2, counting(16), counting(3), 1]])],
    ["a setting with a long key", "form_text", cbor(1, NONE, [[3, "x".repeat(65), NONE, 1]])],
    ["a setting that is a list", "form_invalid", cbor(1, NONE, [[3, "x", NONE, []]])],
  ],
  checkpoint: [
    ["nothing", "checkpoint_invalid", NONE],
    ["no signature", "checkpoint_invalid", checkpoint("a.example", "1", ROOT, "")],
    ["a size with a leading zero", "checkpoint_invalid", checkpoint("a.example", "01", ROOT, "", SIGNATURE)],
    ["an extension line", "checkpoint_invalid", checkpoint("a.example", "1", ROOT, "extension", "", SIGNATURE)],
    ["a short root", "checkpoint_invalid", checkpoint("a.example", "1", "AAAA", "", SIGNATURE)],
    ["an origin with a space", "checkpoint_invalid", checkpoint("a example", "1", ROOT, "", SIGNATURE)],
    ["no line end", "checkpoint_invalid", checkpoint("a.example", "1", ROOT, "", SIGNATURE).slice(0, -1)],
  ],
  "client-frames": [
    ...generallyRefused(p.encodeRequest(1, "tokens.key", {})),
    ["an unknown operation", "operation_unknown", cbor(0, 1, "log.burn", {})],
    ["a server's frame", "frame_unknown", cbor(1, 1, {})],
    ["a list where no fields are", "form_invalid", cbor(0, 1, "tokens.key", [])],
    ["a field that is missing", "form_invalid", cbor(0, 1, "log.unsubscribe", {})],
    ["a field too much", "form_invalid", cbor(0, 1, "log.unsubscribe", { log: LOG, why: 1 })],
    ["an id of the wrong length", "id_invalid", cbor(0, 1, "log.unsubscribe", { log: MESSAGE })],
    ["a request above its limit", "cbor_too_large", cbor(0, 1, "log.unsubscribe", { log: filled(2000, 1) })],
  ],
  "server-frames": [
    ...generallyRefused(p.encodeError(1, "server_busy", 10)),
    ["an unknown push", "frame_unknown", cbor(3, "log.burnt", {})],
    ["a client's frame", "frame_unknown", cbor(0, 1, "tokens.key", {})],
    ["a push that breaks its form", "form_invalid", cbor(3, "inbox.live", {})],
  ],
  kept: [
    ...withoutArray(p.encodeForm(p.keptForm, { wrappedKeys: [counting(3)], card: NONE })),
    ["a copy that is empty", "form_length", p.encodeCbor({ card: NONE, wrappedKeys: [NONE] })],
    [
      "nine copies",
      "form_length",
      p.encodeCbor({ card: NONE, wrappedKeys: Array.from({ length: p.LIMITS.wrappedKeysMax + 1 }, () => counting(3)) }),
    ],
    ["a copy that is too long", "form_length", p.encodeCbor({ card: NONE, wrappedKeys: [counting(p.LIMITS.wrappedKeyBytesMax + 1)] })],
    ["a card that is too long", "form_length", p.encodeCbor({ card: counting(p.LIMITS.accountCardBytesMax + 1), wrappedKeys: [] })],
    ["no card", "form_invalid", p.encodeCbor({ wrappedKeys: [] })],
    ["a field too much", "form_invalid", p.encodeCbor({ card: NONE, more: 1, wrappedKeys: [] })],
  ],
  "http-blob-create": [
    ...withoutArray(p.encodeCbor({ blob: counting(16), payment: [], size: 1, write: filled(32, 3) })),
    [
      "a blob that is too large",
      "form_number",
      p.encodeCbor({ blob: counting(16), payment: [], size: p.LIMITS.blobBytesMax + 1, write: filled(32, 3) }),
    ],
    ["a short id", "id_invalid", p.encodeCbor({ blob: counting(15), payment: [], size: 1, write: filled(32, 3) })],
    ["no hash of a token", "form_length", p.encodeCbor({ blob: counting(16), payment: [], size: 1, write: NONE })],
    ["a field too much", "form_invalid", p.encodeCbor({ blob: counting(16), more: 1, payment: [], size: 1, write: filled(32, 3) })],
  ],
  "http-blob-status": [
    ...withoutArray(p.encodeCbor({ expiresAt: TIME, offset: 1, size: 2 })),
    ["a negative place", "form_number", p.encodeCbor({ expiresAt: TIME, offset: -1, size: 2 })],
    ["no size", "form_invalid", p.encodeCbor({ expiresAt: TIME, offset: 1 })],
    [
      "more than an answer may have",
      "cbor_too_large",
      p.encodeCbor({ expiresAt: TIME, more: filled(p.LIMITS.httpAnswerBytesMax, 1), offset: 1, size: 2 }),
    ],
  ],
  "http-blob-deleted": [
    ["nothing", "cbor_truncated", NONE],
    ["an indefinite length", "cbor_indefinite", hex("bf ff")],
    ["a field", "form_invalid", p.encodeCbor({ blob: 1 })],
    ["an empty list", "form_invalid", p.encodeCbor([])],
    ["empty bytes", "form_invalid", p.encodeCbor(NONE)],
  ],
  "http-problem": [
    ["nothing", "cbor_truncated", NONE],
    ["no code", "form_invalid", p.encodeCbor({ retryAfterMs: null })],
  ],
};
