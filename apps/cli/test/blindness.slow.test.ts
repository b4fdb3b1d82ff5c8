/**
 * What lies on the disks while people talk, after a crash and at rest: at the server no text, name or key, and no account beside a
 * conversation; at the client nothing that can be read without the key. Searched for in every form in which it could have been written.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, type Store } from "@sotto/client";
import { fileSource, nodePorts, openStore } from "@sotto/client/node";
import { accountIdToText, idToText, type LogId, logId, toId } from "@sotto/protocol";
import { expect, onTestFinished, test } from "vitest";
import { common, filesBelow, found, type Needle, text } from "./support/needles.ts";
import { newFolder, serve } from "./support/processes.ts";
import { soon } from "./support/world.ts";

const PASSPHRASE = "correct horse battery staple";
const WORDS = {
  first: "Zwetschgendatschi um vier?",
  second: "The lighthouse keeper whistles at midnight",
  wrong: "Meet me at teh harbour",
  edited: "Meet me at the harbour, pier nine",
  unsent: "I never liked the accordion",
  draft: "Dear aunt, about the inheritance",
  group: "Philatelists of Lower Bavaria",
  renamed: "Numismatists of Upper Bavaria",
  file: "Kontoauszug-Oktober.pdf",
  content: "Saldo: 4711 Taler und zwei Kreuzer",
  reaction: "👩🏽‍🚀",
} as const;

type Resident = {
  readonly username: string;
  readonly folder: string;
  readonly store: Store;
  readonly client: Client;
  readonly recoveryKey: string;
  readonly settle: () => Promise<void>;
};

async function resident(folder: string, username: string, address: string): Promise<Resident> {
  const store = openStore(join(folder, username, "profile.db"), { passphrase: `${username}: ${PASSPHRASE}` });
  const client = await Client.open(await nodePorts(store, address));
  onTestFinished(() => client.close().catch(() => undefined));
  const { recoveryKey } = await client.signUp({ username, timeoutMs: 20_000 });
  const settle = async (): Promise<void> => {
    if (!(await client.settled(20_000))) throw new Error(`${username} does not settle`);
  };
  return { username, folder: join(folder, username), store, client, recoveryKey, settle };
}

async function settleAll(...people: readonly Resident[]): Promise<void> {
  for (const { settle } of people) await settle();
}

/** The message with this text, once it has an id. */
async function messageOf(client: Client, log: LogId, words: string) {
  const message = (await client.messages(log)).find((one) => one.text === words);
  if (message?.messageId === undefined) throw new Error("not sent yet");
  return { ...message, messageId: message.messageId };
}

/** A conversation of two and a group, with everything that people do in them. The one of two. */
async function talk(ada: Resident, bob: Resident): Promise<LogId> {
  const log = await ada.client.direct(await ada.client.findPerson(bob.username));
  await ada.client.sendText(log, WORDS.first);
  await settleAll(ada, bob);
  await soon(async () => {
    const [request] = await bob.client.conversations();
    if (request === undefined) throw new Error("nothing came");
    await bob.client.accept(request.log);
  });
  await bob.client.sendText(log, WORDS.second);
  for (const words of [WORDS.wrong, WORDS.unsent]) await ada.client.sendText(log, words);
  await settleAll(ada, bob);
  await ada.client.sendText(log, WORDS.edited, { replaces: (await messageOf(ada.client, log, WORDS.wrong)).messageId });
  await ada.client.unsend(log, (await messageOf(ada.client, log, WORDS.unsent)).messageId);
  await bob.client.react(log, (await messageOf(bob.client, log, WORDS.second)).messageId, WORDS.reaction);
  const group = await ada.client.createGroup(WORDS.group, [await ada.client.findPerson(bob.username)]);
  await settleAll(ada, bob);
  await ada.client.rename(group, WORDS.renamed);
  await ada.client.sendText(group, "first entry of the group");
  const path = join(ada.folder, "..", "outgoing");
  writeFileSync(path, WORDS.content.repeat(50));
  await ada.client.attachments.send(group, [{ source: fileSource(path), name: WORDS.file, mediaType: "application/pdf" }]);
  await settleAll(ada, bob);
  rmSync(path);
  await ada.store.write([{ sql: "INSERT INTO drafts VALUES (?, ?, NULL, 0)", parameters: [log, WORDS.draft] }]);
  return log;
}

const words = (): Needle[] => Object.entries(WORDS).map(([name, value]) => text(name, value));

type Values = (sql: string) => Promise<Uint8Array[]>;

const valuesIn =
  (store: Store): Values =>
  async (sql) => {
    const rows = await store.all(sql);
    return rows.flatMap((row) => Object.values(row).filter((value) => value instanceof Uint8Array));
  };

/** All of a profile that is for nobody else: keys of device and account, of key packages, of all epochs. */
async function secretsOf({ store }: Resident): Promise<Uint8Array[]> {
  const values = valuesIn(store);
  const settings = await values("SELECT value FROM settings WHERE key IN ('device', 'contact_token')");
  const tables = [
    "SELECT key FROM master_keys",
    "SELECT key FROM attachments",
    "SELECT stored FROM key_packages",
    "SELECT value FROM records",
  ];
  return [...settings, ...(await Promise.all(tables.map((sql) => values(sql)))).flat()];
}

/** What the server is to have: chains, what stands in published key packages, and what was sent. */
async function publicOf({ store }: Resident, data: string): Promise<Uint8Array[]> {
  const { DatabaseSync } = await import("node:sqlite");
  const accounts = new DatabaseSync(join(data, "accounts.db"), { readOnly: true });
  const rows = accounts.prepare("SELECT bytes AS value FROM key_package UNION ALL SELECT entry FROM chain").all();
  accounts.close();
  const chains = await valuesIn(store)("SELECT entries FROM chains");
  return [...chains, ...rows.flatMap(({ value }) => (value instanceof Uint8Array ? [value] : []))];
}

test("the disks of server and clients show nothing to who has no key", { timeout: 180_000 }, async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  let server = await serve(data, { args: ["--free-mib", "0"] });
  const people = join(folder, "people");
  const [ada, bob] = [await resident(people, "ada_lovelace", server.address), await resident(people, "bob_the_builder", server.address)];
  const published = await Promise.all([ada, bob].map((one) => publicOf(one, data)));
  const direct = await talk(ada, bob);

  // Killed in the middle, with its write-ahead logs as they are; then at rest.
  const crashed = join(folder, "crashed");
  const output = [server.output()];
  await server.end("SIGKILL");
  cpSync(data, crashed, { recursive: true });
  server = await serve(data, { args: ["--free-mib", "0"], port: server.port });
  await ada.client.sendText(direct, "after the crash");
  await settleAll(ada, bob);
  await server.end("SIGTERM");
  output.push(server.output());

  const residents = [ada, bob];
  const names = residents.flatMap(({ username, client }) => {
    const me = client.whoAmI();
    if (me === undefined) throw new Error("not signed up");
    return [
      text(`username of ${username}`, username),
      { name: `account of ${username}`, bytes: me.account },
      text("id", accountIdToText(me.account)),
    ];
  });
  const recovery = residents.map(({ username, recoveryKey }) => text(`recovery key of ${username}`, recoveryKey));
  const secrets = (await Promise.all(residents.map(secretsOf))).flat();
  const tokens = await Promise.all(
    residents.map(({ store }) =>
      valuesIn(store)("SELECT value FROM settings WHERE key = 'contact_token' UNION ALL SELECT key FROM master_keys"),
    ),
  );
  const keys = tokens.flat().map((bytes, at): Needle => ({ name: `key ${at}`, bytes }));
  expect(keys.length).toBeGreaterThanOrEqual(4);
  const atServer = [...filesBelow(data), ...filesBelow(crashed)];
  expect(atServer.some(({ name }) => name === "logs.db-wal")).toBe(true);
  expect(found(atServer, [...words(), ...recovery, ...keys])).toEqual([]);

  // Also those that nobody sees: with the own devices. The id of the group stands in the frame of its MLS messages.
  const allLogs = (
    await Promise.all(residents.map(({ store }) => valuesIn(store)("SELECT log FROM conversations UNION SELECT group_id FROM places")))
  ).flat();
  const known = [...published.flat(), ...(await Promise.all(residents.map((one) => publicOf(one, data)))).flat(), ...allLogs];
  expect(common(atServer, secrets, known)).toEqual([]);

  const places = (needles: readonly Needle[]): string[] => [
    ...new Set(found(atServer, needles).map((place) => place.replace(/^.* in |-wal$/g, ""))),
  ];
  const logIds = allLogs.flatMap((log, at) => [{ name: `log ${at}`, bytes: log }, text("log id", idToText(toId(logId, log)))]);
  expect(places(names)).toEqual(["accounts.db"]);
  expect(places(logIds)).toEqual(["logs.db"]);
  const printed = [{ name: "output", bytes: Buffer.from(output.join("")) }];
  expect(found(printed, [...words(), ...recovery, ...keys, ...names, ...logIds])).toEqual([]);

  const readable = [...words(), ...recovery, ...names, ...keys, ...logIds, text("passphrase", PASSPHRASE), text("address", server.address)];
  const copy = join(folder, "copy");
  const lookAtClients = (): void => {
    rmSync(copy, { recursive: true, force: true });
    cpSync(people, copy, { recursive: true });
    // Their folders have the names that this test gave them.
    const files = residents.flatMap(({ username }) => filesBelow(join(copy, username)));
    expect(files.length).toBeGreaterThanOrEqual(2);
    expect(found(files, readable)).toEqual([]);
    expect(common(files, secrets)).toEqual([]);
  };
  lookAtClients();
  for (const { client } of residents) await client.close();
  lookAtClients();
});

test("the search finds what it is for", () => {
  const folder = newFolder();
  const secret = Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) & 0xff);
  const needles = [{ name: "secret", bytes: secret }];
  mkdirSync(join(folder, "in"));
  for (const form of ["hex", "base64", "base64url", "latin1"] as const) {
    const around = Buffer.concat([Buffer.from("abcd"), secret, Buffer.from("xy")]).toString(form);
    writeFileSync(join(folder, "in", "file"), Buffer.from(around, "latin1"));
    expect([form, found(filesBelow(folder), needles)]).toEqual([form, [`secret in ${join("in", "file")}`]]);
  }
  expect(common(filesBelow(folder), [secret])).toHaveLength(13);
  expect(common(filesBelow(folder), [secret], [secret.subarray(0, 20)])).toHaveLength(4);
  writeFileSync(join(folder, "in", "file"), Buffer.alloc(100));
  writeFileSync(join(folder, WORDS.file), "");
  expect(found(filesBelow(folder), [...needles, ...words()])).toEqual([`file in ${WORDS.file}`]);
});
