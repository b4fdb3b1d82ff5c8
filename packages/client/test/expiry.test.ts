/** Messages that are to disappear, with a clock that is set at will and no server. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Store } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { encodeContent, entryId, expectSuccess, logId, messageId, plainContent, toId } from "@sotto/protocol";
import { afterAll, expect, test } from "vitest";
import { keepSent } from "../src/send/sent.ts";

const folder = mkdtempSync(join(tmpdir(), "sotto-expiry-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const LOG = new Uint8Array(16).fill(1);
const START = 1_800_000_000_000;

class Profile {
  now = START;
  due: { readonly at: number; readonly call: () => void } | undefined;
  readonly path: string;

  constructor(name: string) {
    this.path = join(folder, `${name}.db`);
  }

  async use<T>(use: (store: Store, client: Client) => Promise<T>): Promise<T> {
    const store = openStore(this.path, { key: new Uint8Array(32).fill(3) });
    const after = (delay: number, call: () => void) => {
      this.due = { at: this.now + delay, call };
      return () => {
        this.due = undefined;
      };
    };
    const client = await Client.open({ ...(await nodePorts(store, "http://127.0.0.1:1")), clock: { now: () => this.now, after } });
    try {
      return await use(store, client);
    } finally {
      await client.close();
    }
  }
}

async function insert(
  store: Store,
  text: string,
  expiry: { readonly after: number; readonly at: number | null; readonly seq: number },
): Promise<void> {
  const message =
    "INSERT INTO messages (local_id, log, seq, message_id, sender, at, kind, text, state, expires_after, expires_at) VALUES (?, ?, ?, ?, ?, 0, 'text', ?, 'received', ?, ?)";
  const id = new TextEncoder().encode(text);
  await store.write([
    { sql: message, parameters: [id, LOG, expiry.seq, id, LOG, text, expiry.after, expiry.at] },
    { sql: "INSERT INTO reactions VALUES (?, ?, ?, ?, ?)", parameters: [LOG, id, LOG, id, "👍"] },
  ]);
}

const found = (store: Store, words: string) => store.all("SELECT rowid FROM messages_text WHERE messages_text MATCH ?", [`"${words}"`]);
const texts = async (store: Store): Promise<unknown[]> =>
  (await store.all("SELECT text FROM messages ORDER BY seq")).map(({ text }) => text);

test("what came due while nothing ran goes when the profile is opened, with its reactions and from the search index", async () => {
  const profile = new Profile("restart");
  await profile.use(async (store) => {
    await insert(store, "due soon", { after: 60, at: START + 60_000, seq: 1 });
    await insert(store, "due later", { after: 6000, at: START + 6_000_000, seq: 2 });
    await store.write([
      { sql: "INSERT INTO messages_text (rowid, words, place) SELECT moment, words, place FROM messages", parameters: [] },
      { sql: "UPDATE search_state SET through = (SELECT max(id) FROM messages)", parameters: [] },
    ]);
    expect(await found(store, "due soon")).toHaveLength(1);
  });
  profile.now += 61_000;
  await profile.use(async (store) => {
    expect(await texts(store)).toEqual(["due later"]);
    expect(await found(store, "due soon")).toEqual([]);
    expect(await found(store, "due later")).toHaveLength(1);
    expect(await store.all("SELECT target FROM reactions")).toHaveLength(1);
  });
});

test("what comes due while it runs goes then", async () => {
  const profile = new Profile("running");
  await profile.use((store) => insert(store, "due", { after: 60, at: START + 60_000, seq: 1 }));
  await profile.use(async (store) => {
    expect(profile.due?.at).toBe(START + 60_000);
    profile.now = START + 60_000;
    profile.due?.call();
    await expect.poll(() => texts(store)).toEqual([]);
  });
});

test("a clock that is set back keeps nothing for longer than its time", async () => {
  const profile = new Profile("back");
  await profile.use((store) => insert(store, "due", { after: 60, at: START + 60_000, seq: 1 }));
  profile.now = START - 86_400_000;
  await profile.use(async (store) => {
    expect(await store.all("SELECT expires_at FROM messages")).toEqual([{ expires_at: profile.now + 60_000 }]);
  });
});

test("the time of what was read runs, and of what was not read does not", async () => {
  const profile = new Profile("read");
  await profile.use(async (store) => {
    const conversation =
      "INSERT INTO conversations (log, kind, status, title, cursor, read_seq, updated_at) VALUES (?, 'group', 'active', '', 9, 1, 0)";
    await store.write([{ sql: conversation, parameters: [LOG] }]);
    await insert(store, "read", { after: 60, at: null, seq: 1 });
    await insert(store, "unread", { after: 60, at: null, seq: 2 });
  });
  await profile.use(async (store) => {
    expect(await store.all("SELECT expires_at FROM messages ORDER BY seq")).toEqual([{ expires_at: START + 60_000 }, { expires_at: null }]);
  });
});

test("the words of an edit that was on its way while its message disappeared are not kept either", async () => {
  const target = toId(messageId, new Uint8Array(32).fill(1));
  const textBody = { kind: "text", text: "in other words", format: "markdown", attachments: [] } as const;
  const content = { ...plainContent(new Uint8Array(16).fill(4), textBody), replaces: target };
  const draft = expectSuccess(encodeContent(content));
  const edit = (at: number) => {
    const id = new Uint8Array(16).fill(at);
    const row = { localId: id, log: toId(logId, LOG), draft, staged: new Uint8Array(32).fill(at) };
    return keepSent(row, { entryId: toId(entryId, id), acceptedAt: START }, at);
  };
  await new Profile("edit").use(async (store) => {
    await insert(store, "said", { after: 60, at: START + 60_000, seq: 1 });
    await store.write([{ sql: "UPDATE messages SET message_id = ?", parameters: [target] }, ...edit(5)]);
    await store.write([{ sql: "DELETE FROM messages", parameters: [] }, ...edit(6)]);
    const kept = await store.all("SELECT length(draft) > 0 AS is_kept FROM sent ORDER BY seq");
    expect(kept.map(({ is_kept: isKept }) => isKept)).toEqual([1, 0]);
  });
});
