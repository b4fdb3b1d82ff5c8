/** The server over real sockets: two people, a log, an inbox. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { contactHash, decodeEntry, decodeInboxItem, decodeServerFrame, entryId, expectSuccess, toId, type Username } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { connect } from "./support/connection.ts";
import { handshake, hashesOf, message, newLogId, readAccess, tokensOf } from "./support/logs.ts";
import { newDevice, TestPerson } from "./support/people.ts";
import { newFolder, started } from "./support/started.ts";

const ID = toId(entryId, new Uint8Array(16).fill(9));

describe("accounts", () => {
  test("what an account keeps for a new device is there for who names it, and only its devices change it", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    const connection = await alice.register(address, "alice");
    const stranger = (await connect(address, "account")).connection;
    expect(await stranger.request("account.kept", { account: alice.account })).toEqual({ wrappedKeys: [], card: new Uint8Array(0) });
    const kept = { wrappedKeys: [new Uint8Array(120).fill(1)], card: new Uint8Array(90).fill(2) };
    expect(await stranger.refusal("account.keep", kept)).toBe("login_required");
    expect(await connection.request("account.keep", { ...kept, card: new Uint8Array(9) })).toEqual({});
    expect(await connection.request("account.keep", kept)).toEqual({});
    expect(await stranger.request("account.kept", { account: alice.account })).toEqual(kept);
    expect(await stranger.refusal("account.kept", { account: new TestPerson().account })).toBe("account_unknown");
  });
});

describe("logs", () => {
  test("a message is appended once, read and pushed", async () => {
    const { address } = await started();
    const [alice, bob] = [(await connect(address, "anonymous")).connection, (await connect(address, "anonymous")).connection];
    const log = newLogId();
    expect(await alice.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] })).toEqual({ outcome: "created" });
    expect(await bob.request("log.subscribe", { ...readAccess(log, 0), from: 1 })).toEqual({ first: 1, head: 0 });
    expect(await bob.push("log.live")).toEqual({ log, next: 1 });
    const request = message(log, 0);
    const appended = await alice.request("log.append", request);
    expect(appended).toMatchObject({ outcome: "appended", seq: 1 });
    expect(await alice.request("log.append", request)).toEqual({ ...appended, outcome: "duplicate" });
    const [pushed] = (await bob.push("log.entries")).entries;
    expect(expectSuccess(decodeEntry(pushed ?? new Uint8Array())).body).toEqual(request.body);
    const read = await bob.request("log.read", { ...readAccess(log, 0), from: 1, bytesMax: 1_000_000 });
    expect(read).toEqual({ entries: [pushed], next: 2, first: 1, end: "live" });
  });

  test("a commit ends the epoch: its readers get it and nothing after it", async () => {
    const { address } = await started();
    const { connection } = await connect(address, "anonymous");
    const log = newLogId();
    await connection.request("log.create", { log, epoch: 5, hashes: hashesOf(log, 5), payment: [] });
    await connection.request("log.subscribe", { ...readAccess(log, 5), from: 1 });
    await connection.push("log.live");
    expect(await connection.request("log.append", handshake(log, 5))).toMatchObject({ outcome: "appended", seq: 1 });
    expect(await connection.push("log.entries")).toMatchObject({ log });
    expect(await connection.push("log.closed")).toEqual({ log, reason: "epoch_ended" });
    expect(await connection.request("log.append", message(log, 5))).toEqual({ outcome: "conflict", head: { epoch: 6, seq: 1 } });
    await connection.request("log.append", message(log, 6, "secret of the others"));
    const old = await connection.request("log.read", { ...readAccess(log, 5), from: 1, bytesMax: 1_000_000 });
    expect(old.entries).toHaveLength(1);
    expect(old.end).toBe("epoch_ended");
    expect(await connection.refusal("log.read", { ...readAccess(log, 5), from: 3, bytesMax: 1_000_000 })).toBe("log_position");
    expect(await connection.refusal("log.read", { ...readAccess(log, 6), token: tokensOf(log, 5).read, from: 2, bytesMax: 9 })).toBe(
      "capability_invalid",
    );
  });

  test("something ephemeral reaches who listens, and is not stored", async () => {
    const { address } = await started();
    const [alice, bob] = [(await connect(address, "anonymous")).connection, (await connect(address, "anonymous")).connection];
    const log = newLogId();
    await alice.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
    await bob.request("log.subscribe", { ...readAccess(log, 0), from: 1 });
    await bob.push("log.live");
    const body = new Uint8Array([1, 2, 3]);
    await alice.request("log.ephemeral", { log, epoch: 0, token: tokensOf(log, 0).write, body });
    expect(await bob.push("log.ephemeral")).toEqual({ log, epoch: 0, body });
    expect(await alice.refusal("log.ephemeral", { log, epoch: 0, token: tokensOf(log, 0).read, body })).toBe("capability_invalid");
  });

  test("a subscription catches up with what was stored, in order, while others write", async () => {
    const { address } = await started();
    const [alice, bob] = [(await connect(address, "anonymous")).connection, (await connect(address, "anonymous")).connection];
    const log = newLogId();
    await alice.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
    const body = new Uint8Array(20_000);
    for (let i = 0; i < 200; i++) await alice.request("log.append", message(log, 0, body));
    const writing = (async () => {
      for (let i = 0; i < 200; i++) await alice.request("log.append", message(log, 0, body));
    })();
    await bob.request("log.subscribe", { ...readAccess(log, 0), from: 1 });
    const seqs: number[] = [];
    while (seqs.length < 400) {
      for (const entry of (await bob.push("log.entries")).entries) seqs.push(expectSuccess(decodeEntry(entry)).seq);
    }
    await writing;
    expect(seqs).toEqual(Array.from({ length: 400 }, (_, index) => index + 1));
  });
});

describe("accounts", () => {
  test("sign up, log in, look up", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    const first = await alice.register(address, "alice");
    first.close();
    await alice.logIn(address);
    const { connection } = await connect(address, "anonymous");
    expect(await connection.request("directory.lookup", { username: "alice" as Username })).toEqual({
      account: alice.account,
      gated: false,
      proof: new Uint8Array(),
    });
    expect(await connection.request("directory.name", { account: alice.account })).toEqual({ username: "alice" });
    expect(await connection.request("directory.chain", { account: alice.account, from: 0 })).toEqual({ entries: alice.entries, length: 1 });
    const own = await alice.logIn(address);
    expect(await own.request("account.chain", { from: 0 })).toEqual({ entries: alice.entries, length: 1 });
    expect(await own.refusal("directory.chain", { account: alice.account, from: 0 })).toBe("operation_unknown");
    await expect(new TestPerson().register(address, "alice")).rejects.toThrow("username_taken");
    await expect(alice.register(address)).rejects.toThrow("account_exists");
  });

  test("a login for another server, or with another key, is refused, and a nonce counts once", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    await alice.register(address);
    const { connection, hello } = await connect(address, "account");
    const elsewhere = alice.login("http://elsewhere.example", hello.nonce, alice.first);
    const attempt = { account: alice.account, device: alice.first.id };
    expect(await connection.refusal("account.login", { ...attempt, signature: elsewhere })).toBe("login_failed");
    const right = alice.login(address, hello.nonce, alice.first);
    expect(await connection.refusal("account.login", { ...attempt, signature: right })).toBe("login_expired");
    expect(await connection.refusal("account.quotas", {})).toBe("login_required");
  });

  test("a second device is added, and out once it is revoked", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    const connection = await alice.register(address);
    const second = newDevice();
    const add = alice.entry({ kind: "add", device: second.device }, { by: alice.first, proof: second });
    expect(await connection.request("account.chainAppend", { entry: add })).toEqual({ outcome: "appended", length: 2 });
    expect(await connection.push("account.chainChanged")).toEqual({ length: 2 });
    expect(await connection.request("account.chainAppend", { entry: add })).toEqual({ outcome: "duplicate", length: 2 });
    alice.entries.push(add);
    const other = await alice.logIn(address, second);
    const revoke = alice.entry({ kind: "revoke", deviceId: second.id }, { by: alice.first, proof: undefined });
    expect(await connection.request("account.chainAppend", { entry: revoke })).toEqual({ outcome: "appended", length: 3 });
    expect(await other.closed).toEqual({ code: 4403, reason: "device_revoked" });
    await expect(alice.logIn(address, second)).rejects.toThrow("device_revoked");
  });
});

describe("inboxes", () => {
  test("a stranger reaches a device once, and its owner clears what is applied", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    const owner = await alice.register(address);
    const { connection } = await connect(address, "anonymous");
    const body = new Uint8Array([1, 2, 3]);
    const delivery = {
      account: alice.account,
      devices: [alice.first.id, newDevice().id],
      itemId: ID,
      body,
      authorisation: { as: "stranger" as const, payment: [], gateCode: "" },
    };
    const { results } = await connection.request("inbox.deliver", delivery);
    expect(results.map(({ outcome }) => outcome)).toEqual(["delivered", "device_unknown"]);
    expect((await connection.request("inbox.deliver", delivery)).results[0]?.outcome).toBe("duplicate");
    expect(await owner.request("inbox.subscribe", { from: 1 })).toEqual({ first: 1, head: 1 });
    const [item] = (await owner.push("inbox.items")).items;
    expect(expectSuccess(decodeInboxItem(item ?? new Uint8Array()))).toMatchObject({ seq: 1, lane: "stranger", body });
    expect(await owner.push("inbox.live")).toEqual({ next: 2 });
    await owner.request("inbox.acknowledge", { through: 1 });
    expect(await owner.request("account.quotas", {})).toMatchObject({ inboxItems: 0 });
    expect((await connection.request("inbox.deliver", delivery)).results[0]?.outcome).toBe("duplicate");
  });

  test("a stranger who goes on is told to wait, and takes nothing from contacts", async () => {
    const rare = { perSecond: 0.01, burst: 3 };
    const { address } = await started({ limits: { strangersToAccount: rare } });
    const [alice, bob] = [new TestPerson(), new TestPerson()];
    const owner = await alice.register(address);
    await bob.register(address);
    const token = new Uint8Array(32).fill(4);
    await owner.request("inbox.setAccess", { contact: contactHash(alice.account, token), gate: null, strangers: true });
    const { connection } = await connect(address, "anonymous");
    const as = { stranger: { as: "stranger" as const, payment: [], gateCode: "" }, contact: { as: "contact" as const, token } };
    const to = ({ account, first }: TestPerson, id: number) => ({
      account,
      devices: [first.id],
      itemId: toId(entryId, new Uint8Array(16).fill(id)),
      body: new Uint8Array(1),
    });
    for (const id of [1, 2, 3]) await connection.request("inbox.deliver", { ...to(alice, id), authorisation: as.stranger });
    expect(await connection.refusal("inbox.deliver", { ...to(alice, 4), authorisation: as.stranger })).toBe("rate_limited");
    const claim = { account: alice.account, devices: [alice.first.id], authorisation: as.stranger };
    expect(await connection.refusal("keyPackages.claim", claim)).toBe("rate_limited");
    await connection.request("inbox.deliver", { ...to(alice, 4), authorisation: as.contact });
    await connection.request("inbox.deliver", { ...to(bob, 1), authorisation: as.stranger });
  });

  test("strangers at one address have a limit for all whom they write to together", async () => {
    const { address } = await started({ limits: { strangersAtAddress: { perSecond: 0.01, burst: 2 } } });
    const authorisation = { as: "stranger" as const, payment: [], gateCode: "" };
    const deliver = async () => {
      const person = new TestPerson();
      await person.register(address);
      const { connection } = await connect(address, "anonymous");
      const request = { account: person.account, devices: [person.first.id], itemId: ID, body: new Uint8Array(1), authorisation };
      return { connection, request };
    };
    for (let at = 0; at < 2; at++) {
      const { connection, request } = await deliver();
      expect((await connection.request("inbox.deliver", request)).results[0]?.outcome).toBe("delivered");
    }
    const { connection, request } = await deliver();
    expect(await connection.refusal("inbox.deliver", request)).toBe("rate_limited");
  });

  test("key packages are given once, the last-resort one when they are gone", async () => {
    const { address } = await started();
    const alice = new TestPerson();
    const owner = await alice.register(address);
    const [one, last] = [new Uint8Array([1]), new Uint8Array([2])];
    expect(await owner.request("keyPackages.upload", { packages: [one], lastResort: last, replacesAll: false })).toEqual({ kept: 1 });
    const { connection } = await connect(address, "anonymous");
    const authorisation = { as: "stranger" as const, payment: [], gateCode: "" };
    const claim = async () =>
      (await connection.request("keyPackages.claim", { account: alice.account, devices: [alice.first.id], authorisation })).claimed[0];
    expect(await claim()).toMatchObject({ keyPackage: one, isLastResort: false });
    expect(await owner.push("keyPackages.low")).toEqual({ kept: 0 });
    expect(await claim()).toMatchObject({ keyPackage: last, isLastResort: true });
    expect(await claim()).toMatchObject({ keyPackage: last, isLastResort: true });
  });
});

test("who has no account makes logs and writes into them no faster than the address may", async () => {
  const limits = { newLogsAtAddress: { perSecond: 0.01, burst: 1 }, bytesAtAddress: { perSecond: 0.01, burst: 100 } };
  const { address } = await started({ limits });
  const { connection } = await connect(address, "anonymous");
  const log = newLogId();
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  const other = newLogId();
  expect(await connection.refusal("log.create", { log: other, epoch: 0, hashes: hashesOf(other, 0), payment: [] })).toBe("rate_limited");
  const entry = { ...message(log, 0), body: new Uint8Array(60) };
  expect(await connection.request("log.append", entry)).toMatchObject({ outcome: "appended" });
  const again = (await connect(address, "anonymous")).connection;
  expect(await again.refusal("log.append", entry)).toBe("rate_limited");
});

describe("listening", () => {
  test("with a certificate it speaks TLS only, and logins name https", async () => {
    const folder = join(import.meta.dirname, "support", "tls");
    const certificateFile = join(folder, "certificate.pem");
    const { address, port } = await started({ tls: { certificateFile, keyFile: join(folder, "key.pem") } });
    expect(address).toBe(`https://127.0.0.1:${port}`);
    const socket = new WebSocket(`wss://127.0.0.1:${port}/v1/account`, "sotto.v1", { ca: readFileSync(certificateFile) });
    const first = await new Promise<Buffer>((resolve) => socket.once("message", resolve));
    const hello = expectSuccess(decodeServerFrame(new Uint8Array(first)));
    expect(hello).toMatchObject({ type: "push", push: "account.hello" });
    socket.close();
    await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
  });

  test("a port that is taken, and a certificate that is not there, have a code", async () => {
    const { port } = await started();
    await expect(started({ port })).rejects.toMatchObject({ code: "server_address" });
    await expect(started({ tls: { certificateFile: "nowhere.pem", keyFile: "nowhere.pem" } })).rejects.toMatchObject({
      code: "server_certificate",
    });
  });

  test("a nearly full disk stops writes, not reads, and shows in the health", async () => {
    const folder = newFolder();
    const { address, close } = await started({ dataFolder: folder });
    const first = (await connect(address, "anonymous")).connection;
    const log = newLogId();
    await first.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
    await first.request("log.append", message(log, 0));
    await close();
    const full = await started({ dataFolder: folder, limits: { diskFreeBytesMin: Number.MAX_SAFE_INTEGER } });
    const { connection } = await connect(full.address, "anonymous");
    expect(await connection.refusal("log.append", message(log, 0))).toBe("server_disk_full");
    expect((await connection.request("log.read", { ...readAccess(log, 0), from: 1, bytesMax: 10_000 })).entries).toHaveLength(1);
    await expect(new TestPerson().register(full.address)).rejects.toThrow("server_disk_full");
    const health = await fetch(`${full.address}/healthz`);
    expect([health.status, await health.json()]).toEqual([503, { status: "server_disk_full" }]);
  });

  test("many large reads at once are all answered", async () => {
    const { address } = await started();
    const { connection } = await connect(address, "anonymous");
    const log = newLogId();
    await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
    for (let i = 0; i < 20; i++) await connection.request("log.append", message(log, 0, new Uint8Array(60_000)));
    const read = { ...readAccess(log, 0), from: 1, bytesMax: 1_048_576 };
    const all = await Promise.all(Array.from({ length: 100 }, () => connection.request("log.read", read)));
    expect(new Set(all.map(({ entries }) => entries.length))).toEqual(new Set([17]));
  });
});
