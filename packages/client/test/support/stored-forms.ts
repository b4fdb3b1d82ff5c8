/** Every form that the client stores, with samples. */
import { accountId, blobId, deviceId, entryId, type GroupChange, logId, toId } from "@sotto/protocol";
import { form, type Form } from "@sotto/protocol/testing";
import { decodeStoredChain, encodeStoredChain } from "../../src/account/stored-chain.ts";
import { type BlobDraft, decodeBlobDraft, encodeBlobDraft } from "../../src/attachments/blob-draft.ts";
import { decodeKnownDevices, encodeKnownDevices } from "../../src/devices/known-devices.ts";
import { decodeRotation, encodeRotation } from "../../src/devices/stored-rotation.ts";
import { type CommitFacts, decodeFacts, encodeFacts } from "../../src/groups/commit-facts.ts";
import { decodePlan, encodePlan, type Plan } from "../../src/groups/plan.ts";
import { decodeStaged, encodeStaged, type Staged } from "../../src/groups/staged.ts";
import { decodeSettingValue, encodeSettingValue } from "../../src/own/setting-value.ts";
import { decodeChoices, encodeChoices } from "../../src/polls/choices.ts";
import { decodeHeld, decodeMembers, encodeHeld, encodeMembers } from "../../src/repair/stored-history.ts";
import { decodeDelivery, encodeDelivery } from "../../src/send/delivery.ts";
import { decodeAppend, decodeCreate, encodeAppend, encodeCreate } from "../../src/send/stored-request.ts";

export const counting = (length: number, start = 0): Uint8Array => Uint8Array.from({ length }, (_, i) => (start + i) & 0xff);

export const ACCOUNT = toId(accountId, counting(32, 0x20));
export const DEVICE = toId(deviceId, counting(16, 0x50));
export const ITEM = toId(entryId, counting(16, 0x80));
export const BLOB = toId(blobId, counting(16, 0xc0));
const ACCOUNT_2 = toId(accountId, counting(32, 0x60));
const LOG = toId(logId, counting(16));

const CHANGES: readonly GroupChange[] = [
  { kind: "name", revision: 0, name: "Lake people" },
  { kind: "timer", revision: 0, timerSeconds: 3600 },
  { kind: "role", revision: 0, account: ACCOUNT, role: "admin" },
];

const PLANS: readonly (readonly [string, Plan])[] = [
  ["what is due", { kind: "due" }],
  ["renew", { kind: "renew" }],
  ["invite", { kind: "invite", accounts: [ACCOUNT, ACCOUNT_2] }],
  ["remove", { kind: "remove", accounts: [ACCOUNT] }],
  ["devices", { kind: "devices", accounts: [ACCOUNT] }],
  ["replace", { kind: "replace", devices: [{ account: ACCOUNT, device: DEVICE }] }],
  ...CHANGES.map((change): [string, Plan] => [`change of ${change.kind}`, { kind: "change", change }]),
];

const NOBODY = { added: [], removed: [], left: [] };
const FACTS: readonly (readonly [string, CommitFacts])[] = [
  ["people", { added: [ACCOUNT], removed: [ACCOUNT_2], left: [ACCOUNT, ACCOUNT_2], changes: [] }],
  [
    "every change",
    {
      ...NOBODY,
      changes: [
        { kind: "name", name: "Seeleute" },
        { kind: "description" },
        { kind: "picture" },
        { kind: "policy" },
        { kind: "timer", seconds: 86_400 },
        { kind: "role", account: ACCOUNT, role: "owner" },
        { kind: "links", isAllowed: true },
      ],
    },
  ],
];

const to = { account: ACCOUNT, device: DEVICE };
const STAGED: readonly (readonly [string, Staged])[] = [
  ["nobody invited", { next: counting(40), invitations: [], ratchetTree: new Uint8Array() }],
  [
    "two invited",
    {
      next: counting(40),
      invitations: [
        { to, welcome: counting(9) },
        { to, welcome: counting(300) },
      ],
      ratchetTree: counting(70),
    },
  ],
];

const upload: BlobDraft = { blob: BLOB, token: counting(32), sealed: counting(300) };
const entry = { log: LOG, epoch: 7, token: counting(32), entryId: ITEM, tag: counting(32, 9) };
const hashes = { read: counting(32, 1), write: counting(32, 2) };

export const FORMS: Readonly<Record<string, Form>> = {
  "commit-plan": form({ spec: "spec/client-store.md, Commit plan", samples: PLANS, encode: encodePlan, decode: decodePlan }),
  "staged-commit": form({ spec: "spec/client-store.md, Staged commit", samples: STAGED, encode: encodeStaged, decode: decodeStaged }),
  "commit-facts": form({ spec: "spec/client-store.md, News of a commit", samples: FACTS, encode: encodeFacts, decode: decodeFacts }),
  delivery: form({
    spec: "spec/client-store.md, Delivery",
    samples: [["a note", { to, itemId: ITEM, body: counting(200) }]],
    encode: encodeDelivery,
    decode: decodeDelivery,
  }),
  "blob-draft": form({
    spec: "spec/client-store.md, Upload",
    samples: [["a tree", upload]],
    encode: encodeBlobDraft,
    decode: decodeBlobDraft,
  }),
  "create-request": form({
    spec: "spec/client-store.md, Requests",
    samples: [["a new log", { log: LOG, epoch: 0, hashes, payment: [] }]],
    encode: encodeCreate,
    decode: decodeCreate,
  }),
  "append-request": form({
    spec: "spec/client-store.md, Requests",
    samples: [
      ["message", { ...entry, kind: "message", body: counting(300), next: null }],
      ["handshake", { ...entry, kind: "handshake", body: counting(300), next: hashes }],
    ],
    encode: encodeAppend,
    decode: decodeAppend,
  }),
  "stored-chain": form({
    spec: "spec/client-store.md, Identity chain",
    samples: [
      ["one entry", [counting(200)]],
      ["several", [counting(200), counting(20), counting(2)]],
    ],
    encode: encodeStoredChain,
    decode: decodeStoredChain,
  }),
  "poll-choices": form({
    spec: "spec/client-store.md, Vote",
    samples: [
      ["taken back", []],
      ["two of them", [0, 19]],
    ],
    encode: encodeChoices,
    decode: decodeChoices,
  }),
  "held-history": form({
    spec: "spec/client-store.md, Held history",
    samples: [
      [
        "two messages",
        [
          [counting(60), counting(400)],
          [counting(2), counting(3)],
        ],
      ],
    ],
    encode: encodeHeld,
    decode: decodeHeld,
  }),
  "gap-members": form({
    spec: "spec/client-store.md, Members before a gap",
    samples: [
      [
        "one who might post and one who might not",
        [
          [ACCOUNT, true],
          [ACCOUNT_2, false],
        ],
      ],
    ],
    encode: encodeMembers,
    decode: decodeMembers,
  }),
  "setting-value": form({
    spec: "spec/client-store.md, Shared setting",
    samples: [
      ["taken back", null],
      ["yes", true],
      ["a time", 1_790_000_000_000],
      ["a draft", "See you at the läke"],
      ["bytes", counting(40)],
    ],
    encode: encodeSettingValue,
    decode: decodeSettingValue,
  }),
  "known-devices": form({
    spec: "spec/client-store.md, Known devices",
    samples: [
      ["nobody", []],
      ["two", [DEVICE, toId(deviceId, counting(16, 0x70))]],
    ],
    encode: encodeKnownDevices,
    decode: decodeKnownDevices,
  }),
  rotation: form({
    spec: "spec/client-store.md, Rotation",
    samples: [
      [
        "a second master key",
        { entry: counting(180), masterKey: { generation: 2, key: counting(32) }, wrappedKey: counting(130), recoveryText: "abcd efgh" },
      ],
    ],
    encode: encodeRotation,
    decode: decodeRotation,
  }),
};
