/** Whatever arrives, the server answers with an error, or closes that connection; it serves others on. */
import { randomBytes } from "node:crypto";
import { connect as connectTcp } from "node:net";
import {
  encodeCbor,
  encodeRequest,
  entryId,
  FRAME_API,
  isErrorCode,
  decodeServerFrame,
  expectSuccess,
  type CborValue,
  toId,
  type Username,
} from "@sotto/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connect } from "./support/connection.ts";
import { handshake, hashesOf, message, newLogId, readAccess, tokensOf } from "./support/logs.ts";
import { TestPerson } from "./support/people.ts";
import { started } from "./support/started.ts";

const log = newLogId();
const person = new TestPerson();

/** Well-formed requests, as a start for mutations. */
const SEEDS: readonly Uint8Array[] = [
  encodeRequest(1, "log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] }),
  encodeRequest(2, "log.append", message(log, 0)),
  encodeRequest(3, "log.append", handshake(log, 0)),
  encodeRequest(4, "log.read", { ...readAccess(log, 0), from: 1, bytesMax: 1_000 }),
  encodeRequest(5, "log.subscribe", { ...readAccess(log, 0), from: 1 }),
  encodeRequest(6, "log.ephemeral", { log, epoch: 0, token: tokensOf(log, 0).write, body: new Uint8Array(3) }),
  encodeRequest(7, "account.login", { account: person.account, device: person.first.id, signature: new Uint8Array(64) }),
  encodeRequest(8, "account.register", {
    genesis: person.entries[0] ?? new Uint8Array(),
    signature: new Uint8Array(64),
    username: null,
    invite: "",
  }),
  encodeRequest(9, "account.recover", { account: person.account, entry: person.entries[0] ?? new Uint8Array() }),
  encodeRequest(10, "directory.lookup", { username: "alice" as Username }),
  encodeRequest(11, "inbox.deliver", {
    account: person.account,
    devices: [person.first.id],
    itemId: toId(entryId, new Uint8Array(16)),
    body: new Uint8Array(10),
    authorisation: { as: "stranger", payment: [], gateCode: "" },
  }),
  encodeRequest(12, "keyPackages.claim", {
    account: person.account,
    devices: [person.first.id],
    authorisation: { as: "contact", token: new Uint8Array(32) },
  }),
  encodeRequest(13, "inbox.subscribe", { from: 0 }),
  encodeRequest(14, "tokens.issue", { key: new Uint8Array(8), blinded: [new Uint8Array(32)] }),
];

const mutated = fc
  .record({
    seed: fc.constantFrom(...SEEDS),
    edits: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    cut: fc.nat(400),
  })
  .map(({ seed, edits, cut }) => {
    const bytes = Uint8Array.from(seed);
    for (const [at, value] of edits) bytes[at % bytes.length] = value;
    return bytes.subarray(0, Math.max(1, bytes.length - (cut > 300 ? cut - 300 : 0)));
  });
const value: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.nat(),
    fc.boolean(),
    fc.constant(null),
    fc.string({ unit: "binary-ascii" }),
    fc.uint8Array({ maxLength: 70 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(fc.constantFrom("log", "epoch", "token", "from", "payment", "account", "entry"), tie("value")),
  ),
})).value;
const wellFramed = fc
  .tuple(fc.nat(0xffff), fc.constantFrom(...Object.keys(FRAME_API), "log.destroy", "__proto__", "constructor"), value)
  .map(([id, operation, request]) => encodeCbor([0, id, operation, request]));
const anything = fc.oneof(mutated, wellFramed, fc.uint8Array({ minLength: 0, maxLength: 200 }));

/** Sends bytes as they are, and sees that only well-formed frames with known codes come back. */
class RawConnection {
  static readonly #PROBE = 0xffff_ffff;
  readonly #socket: WebSocket;
  isClosed = false;
  #wake: () => void = () => undefined;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const frame = expectSuccess(decodeServerFrame(new Uint8Array(data)));
      if (frame.type === "error" && (!isErrorCode(frame.code) || frame.code === "code_unknown")) throw new Error("unknown code");
      if (frame.type !== "push" && frame.id === RawConnection.#PROBE) this.#wake();
    });
    socket.on("close", () => {
      this.isClosed = true;
      this.#wake();
    });
  }

  static async open(address: string, kind: string): Promise<RawConnection> {
    const socket = new WebSocket(`${address.replace("http", "ws")}/v1/${kind}`, "sotto.v1");
    const connection = new RawConnection(socket);
    await new Promise((resolve) => socket.once("open", resolve));
    return connection;
  }

  /** Resolves once the server has answered what followed the frame, or closed. */
  async settle(frame: Uint8Array): Promise<void> {
    const settled = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#socket.send(frame);
    this.#socket.send(encodeCbor([0, RawConnection.#PROBE, "no.such.operation", null]));
    await settled;
  }

  end(): void {
    this.#socket.terminate();
  }
}

describe("fuzzing", () => {
  for (const kind of ["anonymous", "account"] as const) {
    test(`frames on the ${kind} connection get an answer, an error or a close`, async () => {
      const { address } = await started();
      let connection: RawConnection | undefined;
      await fc.assert(
        fc.asyncProperty(fc.array(anything, { minLength: 1, maxLength: 20 }), async (frames) => {
          for (const frame of frames) {
            if (connection === undefined || connection.isClosed) connection = await RawConnection.open(address, kind);
            await connection.settle(frame);
          }
        }),
        { numRuns: 100 },
      );
      connection?.end();
      expect((await fetch(`${address}/healthz`)).status).toBe(200);
      const other = (await connect(address, "anonymous")).connection;
      const fresh = newLogId();
      await other.request("log.create", { log: fresh, epoch: 0, hashes: hashesOf(fresh, 0), payment: [] });
      expect(await other.request("log.append", message(fresh, 0))).toMatchObject({ outcome: "appended", seq: 1 });
    });
  }
});

describe("bad frames", () => {
  test("a text, garbage or an answer ends the connection with a code", async () => {
    const { address } = await started();
    const cases: readonly (readonly [string | Uint8Array, string])[] = [
      ["hello", "frame_unknown"],
      [new Uint8Array([0xff]), "cbor_indefinite"],
      [encodeCbor([1, 2, null]), "frame_unknown"],
      [encodeCbor([0, 1, "log.read", null]).subarray(0, 5), "cbor_truncated"],
    ];
    for (const [frame, reason] of cases) {
      const { connection } = await connect(address, "anonymous");
      connection.socket.send(frame);
      expect(await connection.closed).toEqual({ code: 4400, reason });
    }
  });

  test("one that is too large ends the connection before it is read", async () => {
    const { address } = await started();
    const { connection } = await connect(address, "anonymous");
    connection.socket.send(new Uint8Array(5 * 1024 * 1024));
    expect((await connection.closed).code).toBe(1009);
  });

  test("an operation of the other connection does not exist, and wrong fields are told", async () => {
    const { address } = await started();
    const [anonymous, account] = [(await connect(address, "anonymous")).connection, (await connect(address, "account")).connection];
    expect(await anonymous.refusal("account.quotas", {})).toBe("operation_unknown");
    expect(await account.refusal("log.read", { ...readAccess(log, 0), from: 1, bytesMax: 1 })).toBe("operation_unknown");
    expect(await account.refusal("inbox.acknowledge", { through: 1 })).toBe("login_required");
  });

  test("too many requests are put off, not dropped", async () => {
    const { address } = await started({ limits: { cheap: { perSecond: 1, burst: 5 } } });
    const { connection } = await connect(address, "anonymous");
    const codes = await Promise.all(Array.from({ length: 10 }, () => connection.refusal("log.unsubscribe", { log })));
    expect(codes).toEqual([...Array<string>(5).fill("subscription_unknown"), ...Array<string>(5).fill("rate_limited")]);
  });
});

describe("slow and rude clients", () => {
  test("half a frame and silence is cut off", async () => {
    const { address } = await started({ limits: { pingEveryMs: 100 } });
    const { hostname, port } = new URL(address);
    const socket = connectTcp(Number(port), hostname);
    socket.on("error", () => undefined);
    socket.write(
      `GET /v1/anonymous HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
        `Sec-WebSocket-Protocol: sotto.v1\r\nSec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    );
    await new Promise((resolve) => socket.once("data", resolve));
    socket.resume();
    const closed = new Promise((resolve) => socket.once("close", () => resolve("closed")));
    // A masked frame of 100 bytes, of which only the first ones come.
    socket.write(Buffer.from([0x82, 0x80 | 100, 1, 2, 3, 4, 9]));
    expect(await closed).toBe("closed");
  });

  test("half a request head and silence is cut off", async () => {
    const { address } = await started({ limits: { httpHeadersMs: 200 } });
    const { hostname, port } = new URL(address);
    const socket = connectTcp(Number(port), hostname, () => socket.write("GET /healthz HTTP/1.1\r\nHost: x"));
    socket.on("error", () => undefined);
    socket.resume();
    expect(await new Promise((resolve) => socket.once("close", () => resolve("closed")))).toBe("closed");
  });

  test("a reader that does not read loses its subscription, or its connection, and others go on", async () => {
    const { address } = await started({ limits: { slowConsumerBytes: 200_000, write: { perSecond: 10_000, burst: 10_000 } } });
    const [writer, slow, quick] = await Promise.all([1, 2, 3].map(async () => (await connect(address, "anonymous")).connection));
    if (writer === undefined || slow === undefined || quick === undefined) throw new Error("three were asked for");
    const busy = newLogId();
    await writer.request("log.create", { log: busy, epoch: 0, hashes: hashesOf(busy, 0), payment: [] });
    for (const reader of [slow, quick]) {
      await reader.request("log.subscribe", { ...readAccess(busy, 0), from: 1 });
      await reader.push("log.live");
    }
    slow.socket.pause();
    const body = new Uint8Array(70_000);
    for (let i = 0; i < 300; i++) await writer.request("log.append", message(busy, 0, body));
    let received = 0;
    while (received < 300) received += (await quick.push("log.entries")).entries.length;
    const isOut = async (): Promise<boolean> => (await (await fetch(`${address}/metrics`)).text()).includes("sotto_log_subscriptions 1\n");
    await expect.poll(isOut, { timeout: 5_000 }).toBe(true);
    slow.socket.terminate();
  });

  test("paths and subprotocols that are none are refused", async () => {
    const { address } = await started();
    const refusedWith = (path: string, protocol?: string): Promise<number | undefined> =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${address.replace("http", "ws")}${path}`, protocol);
        socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
        socket.on("error", () => undefined);
      });
    expect(await refusedWith("/v1/other", "sotto.v1")).toBe(404);
    expect(await refusedWith("/v1/account", "sotto.v0")).toBe(426);
    expect(await refusedWith("/v1/account")).toBe(426);
  });
});
