/** Frames as a broken or hostile client sends them: each gets its code, and what is stored stays as it was. */
import {
  concatBytes,
  decodeEntry,
  decodeServerFrame,
  encodeCbor,
  encodeRequest,
  expectSuccess,
  idToText,
  LIMITS,
  type LogId,
} from "@sotto/protocol";
import { beforeEach, describe, expect, test } from "vitest";
import { connect, type TestConnection } from "./support/connection.ts";
import { handshake, hashesOf, message, newLogId, readAccess, tokensOf } from "./support/logs.ts";
import { TestPerson } from "./support/people.ts";
import { started } from "./support/started.ts";

const PROBE = 77;
const utf8 = new TextEncoder();
/** A text of up to 23 bytes in CBOR (RFC 8949 §3.1). */
const cborText = (value: string): Uint8Array => concatBytes(Uint8Array.of(0x60 + value.length), utf8.encode(value));
/** `[0, 77, "log.unsubscribe", …]` with the last item as given. */
const unsubscribe = (item: Uint8Array): Uint8Array =>
  concatBytes(Uint8Array.of(0x84, 0x00, 0x18, PROBE), cborText("log.unsubscribe"), item);

let connection: TestConnection;
let address: string;
/** A log in epoch 1 with two messages of epoch 0, the handshake, and one message of epoch 1. */
let log: LogId;
let stored: readonly string[];

async function entryIds(): Promise<string[]> {
  const { connection: reader } = await connect(address, "anonymous");
  const parts = [];
  for (const [epoch, from] of [
    [0, 1],
    [1, 4],
  ] as const) {
    parts.push(...(await reader.request("log.read", { ...readAccess(log, epoch), from, bytesMax: 1_000_000 })).entries);
  }
  reader.close();
  return parts.map((bytes) => idToText(expectSuccess(decodeEntry(bytes)).entryId));
}

beforeEach(async () => {
  ({ address } = await started());
  ({ connection } = await connect(address, "anonymous"));
  log = newLogId();
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  for (const request of [message(log, 0), message(log, 0), handshake(log, 0), message(log, 1)])
    await connection.request("log.append", request);
  stored = await entryIds();
  if (stored.length !== 4) throw new Error("four entries were appended");
});

/** The code of the error that answers the probe, `answered`, or the reason with which the connection ends. */
async function answerTo(frame: Uint8Array): Promise<string> {
  const answered = new Promise<string>((resolve) => {
    connection.socket.on("message", (data: Buffer) => {
      const answer = expectSuccess(decodeServerFrame(new Uint8Array(data)));
      if (answer.type !== "push" && answer.id === PROBE) resolve(answer.type === "error" ? answer.code : "answered");
    });
  });
  connection.socket.send(frame);
  return Promise.race([answered, connection.closed.then(({ code, reason }) => `${code} ${reason}`.trim())]);
}

const map = (...pairs: readonly (readonly [string, Uint8Array])[]): Uint8Array =>
  concatBytes(Uint8Array.of(0xa0 + pairs.length), ...pairs.map(([key, value]) => concatBytes(cborText(key), value)));
const bytes16 = (fill: number): Uint8Array => concatBytes(Uint8Array.of(0x50), new Uint8Array(16).fill(fill));
const whole = (): Uint8Array => encodeRequest(PROBE, "log.append", message(log, 1));

const FRAMES: readonly (readonly [string, () => Uint8Array, string])[] = [
  ["nothing", () => new Uint8Array(0), "4400 cbor_truncated"],
  ["cut in the middle", () => whole().subarray(0, 60), "4400 cbor_truncated"],
  ["cut by one byte", () => whole().subarray(0, -1), "4400 cbor_truncated"],
  ["with a byte behind its end", () => concatBytes(whole(), Uint8Array.of(0)), "4400 cbor_trailing"],
  ["too large for any", () => new Uint8Array(LIMITS.frameBytesMax + 1), "1009"],
  ["of another kind", () => encodeCbor([9, PROBE, "log.append", null]), "4400 frame_unknown"],
  [
    "with a number that is not shortest",
    () => concatBytes(Uint8Array.of(0x84, 0x00, 0x19, 0x00, PROBE), whole().subarray(4)),
    "4400 cbor_not_shortest",
  ],
  ["of indefinite length", () => concatBytes(Uint8Array.of(0x9f), whole().subarray(1), Uint8Array.of(0xff)), "4400 cbor_indefinite"],
  ["with keys in another order", () => unsubscribe(map(["seq", bytes16(1)], ["log", bytes16(2)])), "4400 cbor_map_order"],
  ["with a key twice", () => unsubscribe(map(["log", bytes16(1)], ["log", bytes16(2)])), "4400 cbor_map_duplicate"],
  ["with a field of a later version", () => unsubscribe(map(["log", bytes16(1)], ["version", Uint8Array.of(2)])), "form_invalid"],
  ["without its field", () => unsubscribe(map()), "form_invalid"],
  ["of an operation of a later version", () => encodeCbor([0, PROBE, "log.append2", null]), "operation_unknown"],
  ["for the other connection", () => encodeRequest(PROBE, "account.quotas", {}), "operation_unknown"],
  [
    "with a body that is too large",
    () => encodeCbor([0, PROBE, "log.append", { ...message(log, 1), body: new Uint8Array(LIMITS.frameBytesMax - 1_000) }]),
    "form_length",
  ],
  [
    "with the token for reading",
    () => encodeRequest(PROBE, "log.append", { ...message(log, 1), token: tokensOf(log, 1).read }),
    "capability_invalid",
  ],
  [
    "with the token of another log",
    () => encodeRequest(PROBE, "log.append", { ...message(log, 1), token: tokensOf(newLogId(), 1).write }),
    "capability_invalid",
  ],
  [
    "with the token of an earlier epoch",
    () => encodeRequest(PROBE, "log.append", { ...message(log, 1), token: tokensOf(log, 0).write }),
    "capability_invalid",
  ],
  ["of an epoch to come", () => encodeRequest(PROBE, "log.append", message(log, 2)), "capability_invalid"],
  ["of a commit for an epoch to come", () => encodeRequest(PROBE, "log.append", handshake(log, 2)), "capability_invalid"],
  ["of a log that is none", () => encodeRequest(PROBE, "log.append", message(newLogId(), 0)), "log_unknown"],
  [
    "of a commit without the next tokens",
    () => encodeRequest(PROBE, "log.append", { ...handshake(log, 1), next: null }),
    "log_next_required",
  ],
  [
    "of a message with the next tokens",
    () => encodeRequest(PROBE, "log.append", { ...message(log, 1), next: hashesOf(log, 2) }),
    "log_next_forbidden",
  ],
];

describe("a frame", () => {
  test.each(FRAMES)("%s", async (_name, make, code) => {
    expect(await answerTo(make())).toBe(code);
    expect(await entryIds()).toEqual(stored);
    const { connection: other } = await connect(address, "anonymous");
    expect(await other.request("log.append", message(log, 1))).toMatchObject({ outcome: "appended", seq: 5 });
  });
});

describe("order and repetition", () => {
  test("a message that comes again is one, also after its epoch", async () => {
    const again = message(log, 1);
    const first = await connection.request("log.append", again);
    expect(first).toMatchObject({ outcome: "appended", seq: 5 });
    const { connection: other } = await connect(address, "anonymous");
    for (const sender of [connection, other]) expect(await sender.request("log.append", again)).toEqual({ ...first, outcome: "duplicate" });
    await connection.request("log.append", handshake(log, 1));
    expect(await other.request("log.append", again)).toEqual({ ...first, outcome: "duplicate" });
    expect(await other.request("log.append", { ...again, body: new Uint8Array([1]) })).toEqual({ ...first, outcome: "duplicate" });
  });

  test("what comes after the commit that it should have come before is a conflict, and does not enter", async () => {
    expect(await connection.request("log.append", message(log, 0))).toEqual({ outcome: "conflict", head: { epoch: 1, seq: 4 } });
    expect(await connection.request("log.append", handshake(log, 0))).toEqual({ outcome: "conflict", head: { epoch: 1, seq: 4 } });
    expect(await entryIds()).toEqual(stored);
  });

  test("two commits at once: one enters, the other is told the head", async () => {
    const outcomes = await Promise.all([handshake(log, 1), handshake(log, 1)].map((request) => connection.request("log.append", request)));
    expect(outcomes.map(({ outcome }) => outcome).toSorted()).toEqual(["appended", "conflict"]);
  });

  test("two requests under one number are both answered", async () => {
    const frames = [whole(), whole()];
    let answers = 0;
    connection.socket.on("message", (data: Buffer) => {
      const answer = expectSuccess(decodeServerFrame(new Uint8Array(data)));
      if (answer.type === "answer" && answer.id === PROBE) answers++;
    });
    for (const frame of frames) connection.socket.send(frame);
    await expect.poll(() => answers).toBe(2);
  });

  test("a login of another connection, device or account does not log in", async () => {
    const [alice, eve] = [new TestPerson(), new TestPerson()];
    (await alice.register(address)).close();
    (await eve.register(address)).close();
    const [first, second] = [await connect(address, "account"), await connect(address, "account")];
    const signature = alice.login(address, first.hello.nonce, alice.first);
    const login = { account: alice.account, device: alice.first.id, signature };
    expect(await second.connection.refusal("account.login", login)).toBe("login_failed");
    expect(await first.connection.refusal("account.login", login)).toBe("answered");
    const third = await connect(address, "account");
    const forged = { ...login, signature: eve.login(address, third.hello.nonce, eve.first) };
    expect(await third.connection.refusal("account.login", forged)).toBe("login_failed");
  });
});
