/** What lies on the disk and in the logs after people used the server: ciphertext, hashes, numbers (spec/threat-model.md). */
import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Writable } from "node:stream";
import { accountIdToText, bytesToHex, contactHash, entryId, gateCodeHash, idToText, toId } from "@sotto/protocol";
import { pino } from "pino";
import { expect, test } from "vitest";
import { connect } from "./support/connection.ts";
import { handshake, hashesOf, message, newLogId, readAccess, tokensOf } from "./support/logs.ts";
import { TestPerson } from "./support/people.ts";
import { started } from "./support/started.ts";

/** All files below a folder, as one buffer each. */
function filesOf(folder: string): { readonly name: string; readonly bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((item) => item.isFile())
    .map((item) => ({ name: item.name, bytes: readFileSync(join(item.parentPath, item.name)) }));
}

test("the disk and the logs show no token, no code, and no account beside a conversation", async () => {
  const lines: string[] = [];
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const server = await started({ logger: pino({ base: null, level: "trace" }, sink) });
  const [alice, log, contactToken, gateCode] = [new TestPerson(), newLogId(), new Uint8Array(randomBytes(32)), "open sesame 4711"];
  const account = await alice.register(server.address, "alice_the_tester");
  await account.request("inbox.setAccess", {
    contact: contactHash(alice.account, contactToken),
    gate: gateCodeHash(alice.account, gateCode),
    strangers: true,
  });
  const { connection } = await connect(server.address, "anonymous");
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  for (let i = 0; i < 5; i++) await connection.request("log.append", message(log, 0));
  await connection.request("log.append", handshake(log, 0));
  await connection.request("log.read", { ...readAccess(log, 0), from: 1, bytesMax: 10_000 });
  const delivery = {
    account: alice.account,
    devices: [alice.first.id],
    itemId: toId(entryId, new Uint8Array(16)),
    body: new Uint8Array(9),
  };
  await connection.request("inbox.deliver", { ...delivery, authorisation: { as: "stranger", payment: [], gateCode } });
  await connection.request("inbox.deliver", { ...delivery, authorisation: { as: "contact", token: contactToken } });
  await server.close();

  const files = filesOf(server.folder);
  const secrets = [contactToken, Buffer.from(gateCode), ...[0, 1].flatMap((epoch) => Object.values(tokensOf(log, epoch)))];
  for (const { name, bytes } of files)
    for (const secret of secrets) expect([name, bytes.includes(Buffer.from(secret))]).toEqual([name, false]);

  const holds = (part: Uint8Array): string[] => files.filter(({ bytes }) => bytes.includes(Buffer.from(part))).map(({ name }) => name);
  expect(holds(log)).toEqual(["logs.db"]);
  for (const ofAlice of [alice.account, alice.first.id, Buffer.from("alice_the_tester")]) expect(holds(ofAlice)).toEqual(["accounts.db"]);

  const text = lines.join("");
  expect(text).toContain("listening");
  const names = [
    "alice",
    "127.0.0.1",
    idToText(log),
    bytesToHex(log),
    accountIdToText(alice.account),
    bytesToHex(alice.account),
    idToText(alice.first.id),
  ];
  for (const name of names) expect(text).not.toContain(name);
});

test("what was acknowledged or trimmed leaves no bytes behind", async () => {
  const server = await started();
  const alice = new TestPerson();
  const account = await alice.register(server.address);
  const { connection } = await connect(server.address, "anonymous");
  const body = new Uint8Array(randomBytes(3_000));
  const delivery = { account: alice.account, devices: [alice.first.id], itemId: toId(entryId, new Uint8Array(16)), body };
  await connection.request("inbox.deliver", { ...delivery, authorisation: { as: "stranger", payment: [], gateCode: "" } });
  await account.request("inbox.acknowledge", { through: 1 });
  await server.close();
  // A page of SQLite holds less than the whole body.
  expect(filesOf(server.folder).some(({ bytes }) => bytes.includes(Buffer.from(body.subarray(100, 600))))).toBe(false);
});

test("the numbers of /metrics name nobody", async () => {
  const { address } = await started();
  const { connection } = await connect(address, "anonymous");
  const log = newLogId();
  await connection.request("log.create", { log, epoch: 0, hashes: hashesOf(log, 0), payment: [] });
  await connection.request("log.append", message(log, 0));
  const text = await (await fetch(`${address}/metrics`)).text();
  expect(text).toContain("sotto_entries_total 1");
  expect(text).toContain('sotto_answers_total{operation="log.append",code="ok"} 1');
  const labels = [
    ...new Set([...text.matchAll(/^sotto_.*/gm)].flatMap(([line]) => [...line.matchAll(/([a-z_]+)="/g)].map(([, name]) => name))),
  ];
  expect(labels.filter((name) => !["kind", "operation", "code", "le"].includes(name ?? ""))).toEqual([]);
  const proxied = await fetch(`${address}/metrics`, { headers: { "x-forwarded-for": "192.0.2.1" } });
  expect(proxied.status).toBe(404);
});
