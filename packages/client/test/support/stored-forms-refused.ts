/** For each stored form, bytes that must be refused. A store holds what this program wrote, so all is `store_damaged` but a newer version. */
import { type CborValue, encodeCbor, encodeGroupChange, LIMITS } from "@sotto/protocol";
import { generallyRefused, type Refused } from "@sotto/protocol/testing";
import { ACCOUNT, BLOB, counting, DEVICE, FORMS, ITEM } from "./stored-forms.ts";

type Broken = readonly [name: string, value: CborValue];

const SHORT = counting(15);
const many = <T>(length: number, item: T): readonly T[] => Array.from({ length }, () => item);
const change = encodeGroupChange({ kind: "name", revision: 0, name: "x" });

const BROKEN: Readonly<Record<string, readonly Broken[]>> = {
  "commit-plan": [
    ["a kind that is none", [1, 7, null]],
    [
      "half a device among good ones",
      [
        1,
        6,
        [
          [ACCOUNT, DEVICE],
          [ACCOUNT, SHORT],
        ],
      ],
    ],
    ["a device without an account", [1, 6, [[DEVICE]]]],
    ["an invitation of nobody in particular", [1, 1, null]],
    ["something due with people", [1, 0, [ACCOUNT]]],
    ["an account of the wrong length among good ones", [1, 1, [ACCOUNT, SHORT]]],
    ["an account that is a number", [1, 2, [ACCOUNT, 7]]],
    ["a change that is none", [1, 3, counting(9)]],
    ["a change of another revision", [1, 3, encodeGroupChange({ kind: "name", revision: 1, name: "x" })]],
    ["a change with people", [1, 3, [ACCOUNT]]],
    ["renewal with a change", [1, 4, change]],
    ["a field too much", [1, 0, null, 0]],
    ["more bytes than a plan has", [1, 1, many(2_000, ACCOUNT)]],
  ],
  "staged-commit": [
    [
      "an invitation to half a device among good ones",
      [
        SHORT,
        [
          [ACCOUNT, DEVICE, SHORT],
          [ACCOUNT, SHORT, SHORT],
        ],
        SHORT,
      ],
    ],
    ["an invitation without a Welcome", [SHORT, [[ACCOUNT, DEVICE]], SHORT]],
    ["an invitation that is a text", [SHORT, ["x"], SHORT]],
    ["no tree", [SHORT, []]],
    ["more invitations than a group has devices", [SHORT, many(LIMITS.groupDevicesMax + 1, [ACCOUNT, DEVICE, SHORT]), SHORT]],
  ],
  "commit-facts": [
    ["an account of the wrong length", [1, [ACCOUNT, SHORT], [], [], []]],
    ["a change of an unknown kind among known ones", [1, [], [], [], [["picture"], ["hymn"]]]],
    ["a name that is a number", [1, [], [], [], [["name", 1]]]],
    ["a name that is too long", [1, [], [], [], [["name", "x".repeat(LIMITS.groupNameBytesMax + 1)]]]],
    ["a role that is none", [1, [], [], [], [["role", ACCOUNT, 3]]]],
    ["a negative timer", [1, [], [], [], [["timer", -1]]]],
    ["a change with a field too much", [1, [], [], [], [["picture", 1]]]],
    ["a field too much", [1, [], [], [], [], 0]],
    ["more people than a group has", [1, many(LIMITS.groupDevicesMax + 1, ACCOUNT), [], [], []]],
  ],
  delivery: [
    ["half an account", [SHORT, DEVICE, ITEM, SHORT]],
    ["no note", [ACCOUNT, DEVICE, ITEM, new Uint8Array()]],
    ["a note that is too large", [ACCOUNT, DEVICE, ITEM, counting(LIMITS.inboxBodyBytesMax + 1)]],
    ["a field too few", [ACCOUNT, DEVICE, ITEM]],
  ],
  "blob-draft": [
    ["half an id", [SHORT, counting(32), SHORT]],
    ["half a token", [BLOB, SHORT, SHORT]],
    ["no bytes", [BLOB, counting(32), new Uint8Array()]],
  ],
  "create-request": [
    ["nothing in it", {}],
    ["half an id", { epoch: 0, hashes: { read: counting(32), write: counting(32) }, log: SHORT, payment: [] }],
  ],
  "append-request": [
    ["nothing in it", {}],
    [
      "an unknown kind",
      { body: SHORT, entryId: ITEM, epoch: 1, kind: "song", log: DEVICE, next: null, tag: counting(32), token: counting(32) },
    ],
  ],
  "stored-chain": [
    ["an entry that is a number among good ones", [SHORT, 1]],
    ["an empty entry", [SHORT, new Uint8Array()]],
    ["an entry that is too long", [counting(LIMITS.chainEntryBytesMax + 1)]],
    ["more entries than a chain has", many(LIMITS.chainEntriesMax + 1, SHORT)],
  ],
  "poll-choices": [
    ["a choice that is a text among good ones", [0, "1"]],
    ["an option that there is not", [LIMITS.pollOptionsMax]],
    ["more choices than options", many(LIMITS.pollOptionsMax + 1, 0)],
  ],
  "held-history": [
    ["content without evidence among good ones", [[SHORT, SHORT], [SHORT]]],
    ["no content", [[new Uint8Array(), SHORT]]],
    ["content that is too long", [[counting(LIMITS.contentBytesMax + 1), SHORT]]],
    ["evidence that is too long", [[SHORT, counting(LIMITS.evidenceBytesMax + 1)]]],
    ["more messages than a note has", many(LIMITS.historyItemsMax + 1, [SHORT, SHORT])],
  ],
  "gap-members": [
    ["half an account", [[SHORT, true]]],
    ["a number for whether it might post", [[ACCOUNT, 1]]],
    ["more people than a group has", many(LIMITS.groupDevicesMax + 1, [ACCOUNT, true])],
  ],
  "setting-value": [
    ["a list", []],
    ["a negative number", -1],
    ["a text that is too long", "x".repeat(LIMITS.ownSettingBytesMax + 1)],
    ["bytes that are too many", counting(LIMITS.ownSettingBytesMax + 1)],
  ],
  rotation: [
    ["half a master key", [counting(180), 2, SHORT, counting(130), "abcd"]],
    ["no entry", [new Uint8Array(), 2, counting(32), counting(130), "abcd"]],
    ["a wrapped key that is too long", [counting(180), 2, counting(32), counting(LIMITS.wrappedKeyBytesMax + 1), "abcd"]],
    ["a recovery key that is a number", [counting(180), 2, counting(32), counting(130), 1]],
    ["a recovery key that is a book", [counting(180), 2, counting(32), counting(130), "x".repeat(129)]],
  ],
};

const NEWER: Readonly<Record<string, Refused>> = {
  "commit-plan": ["a newer version", "version_unsupported", encodeCbor([2, 0, null])],
  "commit-facts": ["a newer version", "version_unsupported", encodeCbor([2, [], [], [], []])],
};

/** Those with the head of an array need one that begins with it. */
function generalOf(name: string): readonly Refused[] {
  const samples = FORMS[name]?.samples ?? [];
  const encoded = samples.map(([, value]) => FORMS[name]?.encode(value) ?? new Uint8Array());
  const arrays = encoded.filter(([head = 0]) => head >>> 5 === 4);
  const [good = encoded[0] ?? new Uint8Array()] = arrays;
  const all = generallyRefused(good, "store_damaged");
  return arrays.length > 0 ? all : all.filter(([title]) => !/not the shortest|indefinite/.test(title));
}

const KNOWN_DEVICES: readonly Refused[] = [
  ["half an id", "store_damaged", counting(24)],
  ["more devices than a chain can have had", "store_damaged", counting(16 * (LIMITS.chainEntriesMax + 1))],
];

const CBOR_REFUSED = Object.fromEntries(
  Object.entries(BROKEN).map(([name, broken]) => {
    const own = broken.map(([title, value]): Refused => [title, "store_damaged", encodeCbor(value)]);
    const newer = NEWER[name];
    return [name, [...generalOf(name), ...own, ...(newer === undefined ? [] : [newer])]];
  }),
);

export const REFUSED: Readonly<Record<string, readonly Refused[]>> = { ...CBOR_REFUSED, "known-devices": KNOWN_DEVICES };
