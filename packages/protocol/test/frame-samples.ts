/** A request and an answer of every frame operation, and every push. The type makes a missing one an error. */
import * as p from "@sotto/protocol";
import { ACCOUNT, CHAIN, counting, ENTRIES, ENTRY_ID, filled, LAPTOP, LOG, PHONE, TIME } from "./samples.ts";

const token = filled(32, 0x77);
const hashes = { read: filled(32, 1), write: filled(32, 2) };
const payment: p.AnonymousToken[] = [{ key: filled(8, 3), nonce: filled(32, 4), output: filled(64, 5) }];
const [genesis = new Uint8Array(1), second = new Uint8Array(1)] = CHAIN;
const [alice] = ["alice"].map((name) => p.expectSuccess(p.parseAddress(name)).username);
const username = alice ?? ("" as p.Username);
const entries = ENTRIES.map(p.encodeEntry);
const stranger: p.Authorisation = { as: "stranger", payment, gateCode: "" };
const accepted = { seq: 4, acceptedAt: TIME, receipt: filled(32, 6) };
const item = p.encodeInboxItem({ seq: 1, acceptedAt: TIME, itemId: ENTRY_ID, lane: "stranger", body: counting(20) });

const REQUESTS: { readonly [Name in p.FrameOperation]: readonly p.RequestOf<Name>[] } = {
  "log.create": [{ log: LOG, epoch: 0, hashes, payment }],
  "log.append": [
    { log: LOG, epoch: 3, token, entryId: ENTRY_ID, kind: "message", tag: filled(32, 8), body: counting(50), next: null },
    { log: LOG, epoch: 3, token, entryId: ENTRY_ID, kind: "handshake", tag: p.NO_TAG, body: counting(50), next: hashes },
  ],
  "log.read": [{ log: LOG, epoch: 3, token, from: 1, bytesMax: 65_536 }],
  "log.subscribe": [{ log: LOG, epoch: 3, token, from: 1 }],
  "log.unsubscribe": [{ log: LOG }],
  "log.ephemeral": [{ log: LOG, epoch: 3, token, body: counting(30) }],
  "account.register": [{ genesis, signature: filled(64, 9), username, invite: "" }],
  "account.login": [{ account: ACCOUNT, device: PHONE.id, signature: filled(64, 9) }],
  "account.chain": [{ from: 0 }],
  "account.chainAppend": [{ entry: second }],
  "account.recover": [{ account: ACCOUNT, entry: second }],
  "account.keep": [{ wrappedKeys: [counting(120), counting(121)], card: counting(90) }],
  "account.kept": [{ account: ACCOUNT }],
  "account.setUsername": [{ username }, { username: null }],
  "account.quotas": [{}],
  "keyPackages.upload": [{ packages: [counting(100), counting(90)], lastResort: counting(80), replacesAll: false }],
  "tokens.issue": [{ key: filled(8, 3), blinded: [filled(32, 7)] }],
  "tokens.key": [{}],
  "inbox.subscribe": [{ from: 1 }],
  "inbox.acknowledge": [{ through: 12 }],
  "inbox.setAccess": [{ contact: filled(32, 1), gate: null, strangers: true }],
  "inbox.deliver": [
    { account: ACCOUNT, devices: [PHONE.id, LAPTOP.id], itemId: ENTRY_ID, body: counting(60), authorisation: stranger },
    { account: ACCOUNT, devices: [PHONE.id], itemId: ENTRY_ID, body: counting(60), authorisation: { as: "contact", token } },
  ],
  "keyPackages.claim": [{ account: ACCOUNT, devices: [PHONE.id], authorisation: stranger }],
  "directory.lookup": [{ username }],
  "directory.name": [{ account: ACCOUNT }],
  "directory.chain": [{ account: ACCOUNT, from: 0 }],
};

const ANSWERS: { readonly [Name in p.FrameOperation]: readonly p.ResponseOf<Name>[] } = {
  "log.create": [{ outcome: "created" }, { outcome: "exists" }],
  "log.append": [
    { outcome: "appended", ...accepted },
    { outcome: "duplicate", ...accepted },
    { outcome: "conflict", head: { epoch: 4, seq: 9 } },
  ],
  "log.read": [{ entries, next: 3, first: 1, end: "epoch_ended" }],
  "log.subscribe": [{ first: 1, head: 9 }],
  "log.unsubscribe": [{}],
  "log.ephemeral": [{}],
  "account.register": [{ account: ACCOUNT }],
  "account.login": [{ chainLength: 2 }],
  "account.chain": [{ entries: CHAIN, length: CHAIN.length }],
  "account.chainAppend": [
    { outcome: "appended", length: 3 },
    { outcome: "conflict", length: 5 },
  ],
  "account.recover": [{ outcome: "duplicate", length: 3 }],
  "account.keep": [{}],
  "account.kept": [
    { wrappedKeys: [counting(120)], card: counting(90) },
    { wrappedKeys: [], card: new Uint8Array(0) },
  ],
  "account.setUsername": [{}],
  "account.quotas": [{ keyPackages: 90, hasLastResort: true, inboxItems: 0, inboxItemsMax: 2048, tokens: 5, tokensNextAt: TIME }],
  "keyPackages.upload": [{ kept: 100 }],
  "tokens.issue": [{ evaluated: [filled(32, 7)], proof: filled(64, 8) }],
  "tokens.key": [{ key: filled(8, 3), publicKey: filled(32, 4), tokensPerDay: 50 }],
  "inbox.subscribe": [{ first: 1, head: 2 }],
  "inbox.acknowledge": [{}],
  "inbox.setAccess": [{}],
  "inbox.deliver": [
    {
      results: [
        { device: PHONE.id, outcome: "delivered" },
        { device: LAPTOP.id, outcome: "inbox_full" },
      ],
    },
  ],
  "keyPackages.claim": [{ claimed: [{ device: PHONE.id, keyPackage: counting(70), isLastResort: false }] }],
  "directory.name": [{ username }, { username: null }],
  "directory.lookup": [{ account: ACCOUNT, gated: false, proof: new Uint8Array(0) }],
  "directory.chain": [{ entries: CHAIN, length: CHAIN.length }],
};

const hello: p.Hello = {
  protocol: 1,
  software: "sotto 0.1.0",
  time: TIME,
  nonce: filled(32, 0x0c),
  inviteRequired: false,
  paymentRequired: false,
  entryDaysKept: 30,
  blobDaysKept: 30,
  blobBytesMax: p.LIMITS.blobBytesMax,
};

const PUSH_SAMPLES: { readonly [Name in p.PushName]: readonly p.PushPayload<Name>[] } = {
  "account.hello": [hello],
  "anonymous.hello": [{ ...hello, nonce: null }],
  "log.entries": [{ log: LOG, entries }],
  "log.live": [{ log: LOG, next: 3 }],
  "log.ephemeral": [{ log: LOG, epoch: 3, body: counting(30) }],
  "log.closed": [{ log: LOG, reason: "log_slow_consumer" }],
  "account.chainChanged": [{ length: 3 }],
  "keyPackages.low": [{ kept: 9 }],
  "inbox.items": [{ items: [item] }],
  "inbox.live": [{ next: 2 }],
};

const names = <T extends object>(table: T): (keyof T)[] => Object.keys(table) as (keyof T)[];

/** Every sample as frame bytes, with a name. */
export function sampleFrames(): { readonly client: [string, Uint8Array][]; readonly server: [string, Uint8Array][] } {
  const client: [string, Uint8Array][] = [];
  const server: [string, Uint8Array][] = [["error", p.encodeError(7, "rate_limited", 1500)]];
  for (const name of names(REQUESTS)) {
    REQUESTS[name].forEach((request, i) => client.push([`${name} ${i}`, p.encodeRequest(7, name, request)]));
    ANSWERS[name].forEach((answer, i) => server.push([`${name} ${i}`, p.encodeAnswer(7, name, answer)]));
  }
  for (const name of names(PUSH_SAMPLES)) {
    PUSH_SAMPLES[name].forEach((payload, i) => server.push([`${name} ${i}`, p.encodePush(name, payload)]));
  }
  return { client, server };
}
