/** What an operator can tell about an account: all that is there, signed, and nothing of others. */
import { createPublicKey, verify } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { accountIdToText, bytesToBase64url, entryId, toId } from "@sotto/protocol";
import { expect, test } from "vitest";
import { disclose } from "../src/index.ts";
import { DISCLOSED_TABLES } from "../src/admin/disclose.ts";
import { connect } from "./support/connection.ts";
import { TestPerson } from "./support/people.ts";
import { started } from "./support/started.ts";

const SPKI_PREFIX = Buffer.from("302a300506032b6570032100", "hex");
const bytes = (text: string): Buffer => Buffer.from(text, "base64url");

test("an account is disclosed whole, signed, and without anybody else's", async () => {
  const server = await started();
  const [alice, bob] = [new TestPerson(), new TestPerson()];
  const account = await alice.register(server.address, "alice");
  await bob.register(server.address, "bobby");
  await account.request("keyPackages.upload", {
    packages: [new Uint8Array(100).fill(1)],
    lastResort: new Uint8Array(100).fill(2),
    replacesAll: false,
  });
  await account.request("inbox.setAccess", { contact: new Uint8Array(32).fill(3), gate: null, strangers: true });
  const { connection } = await connect(server.address, "anonymous");
  const item = { devices: [alice.first.id], itemId: toId(entryId, new Uint8Array(16).fill(4)), body: new Uint8Array(50).fill(5) };
  await connection.request("inbox.deliver", {
    account: alice.account,
    ...item,
    authorisation: { as: "stranger", payment: [], gateCode: "" },
  });

  const { document, signature, publicKey } = disclose(server.folder, "@Alice", Date.UTC(2026, 0, 2));
  const key = createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes(publicKey)]), format: "der", type: "spki" });
  const message = (text: string): Buffer => Buffer.from(`sotto disclosure v1\0${text}`);
  expect(verify(null, message(document), key, bytes(signature))).toBe(true);
  expect(verify(null, message(document.replace("alice", "carol")), key, bytes(signature))).toBe(false);

  const parsed: unknown = JSON.parse(document);
  expect(parsed).toMatchObject({
    format: "sotto disclosure v1",
    account: bytesToBase64url(alice.account),
    at: "2026-01-02T00:00:00.000Z",
    tables: {
      account: [{ contact: bytesToBase64url(new Uint8Array(32).fill(3)), gate: null, strangers: 1 }],
      username: [{ name: "alice" }],
      chain: [{ idx: 0, entry: bytesToBase64url(alice.entries[0] ?? new Uint8Array()) }],
      key_package: [{ last_resort: 0 }, { last_resort: 1 }],
      inbox: [{ device: bytesToBase64url(alice.first.id), head: 1, first: 1 }],
      inbox_item: [{ seq: 1 }],
      inbox_seen: [{ item_id: bytesToBase64url(item.itemId) }],
    },
  });
  expect(document).not.toContain("bobby");
  expect(document).not.toContain(bytesToBase64url(bob.account));
  const again = disclose(server.folder, accountIdToText(alice.account), Date.UTC(2026, 0, 2));
  expect(again).toEqual({ document, signature, publicKey });
  expect(() => disclose(server.folder, "@nobody", 0)).toThrow(expect.objectContaining({ code: "username_unknown" }));
  expect(() => disclose(server.folder, accountIdToText(new TestPerson().account), 0)).toThrow(
    expect.objectContaining({ code: "account_unknown" }),
  );
});

test("no table with something on an account is left out", async () => {
  const { folder } = await started();
  const database = new DatabaseSync(join(folder, "accounts.db"), { readOnly: true });
  const tables = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all();
  database.close();
  // Hashes of invitations belong to nobody.
  expect(tables.map(({ name }) => String(name)).toSorted()).toEqual([...Object.keys(DISCLOSED_TABLES), "invite"].toSorted());
});
