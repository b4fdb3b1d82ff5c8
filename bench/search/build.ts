/**
 * A profile with a million messages in a real client store, encrypted, written with the columns that the engine writes. It is kept in the
 * temporary folder of the system for the next run.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type Statement, type Store } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { createDice, createVocabulary, type Dice, sentence } from "./texts.ts";

export const KEY = new Uint8Array(32).fill(9);
/** Changed when the texts, the columns or the tables change. */
const VERSION = 2;
const SEED = 20_261_125;
const VOCABULARY = 60_000;
const CONVERSATIONS = 500;
const PEOPLE = 1_000;
const BATCH = 5_000;
const FIRST_AT = 1_600_000_000_000;
const CONTENT_OVERHEAD = 60;
const EVIDENCE_BYTES = 300;

const INSERT =
  "INSERT INTO messages (local_id, log, seq, message_id, sender, at, kind, text, content, state, evidence) VALUES (?, ?, ?, ?, ?, ?, 'text', ?, ?, 'received', ?)";

const bytesFrom = (dice: Dice, length: number): Uint8Array => Uint8Array.from({ length }, () => Math.floor(dice() * 256));
const named = (text: string): Uint8Array => new Uint8Array(createHash("sha256").update(text).digest());

/** As the engine makes them: the time first. */
function localId(number: number): Uint8Array {
  const id = named(`local ${number}`).slice(0, 16);
  new DataView(id.buffer).setUint32(0, Math.floor((FIRST_AT + number * 1000) / 0x1_0000));
  new DataView(id.buffer).setUint16(4, (FIRST_AT + number * 1000) % 0x1_0000);
  return id;
}

export const vocabulary = createVocabulary(VOCABULARY, createDice(SEED));
export const conversationAt = (index: number): Uint8Array => named(`log ${index}`).subarray(0, 16);

/** The path of the store. */
export async function builtStore(messages: number, say: (progress: string) => void): Promise<string> {
  const folder = join(tmpdir(), `sotto-bench-search-${VERSION}`);
  const path = join(folder, `${messages}.db`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const draft = `${path}.draft`;
  for (const file of [draft, `${draft}-wal`, `${draft}-shm`]) rmSync(file, { force: true });
  const store = openStore(draft, { key: KEY });
  const client = await Client.open(await nodePorts(store, "http://127.0.0.1:1"));
  const started = performance.now();
  await fill(client, store, { messages, say });
  const seconds = (performance.now() - started) / 1000;
  say(
    `built ${messages.toLocaleString("en")} messages in ${seconds.toFixed(0)} s: ${Math.round(messages / seconds).toLocaleString("en")} a second, index included`,
  );
  await client.close();
  renameSync(draft, path);
  return path;
}

async function fill(
  client: Client,
  store: Store,
  { messages, say }: { readonly messages: number; readonly say: (progress: string) => void },
): Promise<void> {
  // A build that is cut short begins again: nothing to wait for the disk for.
  await store.all("PRAGMA synchronous = OFF");
  const dice = createDice(SEED + 1);
  const seqs = new Map<number, number>();
  const evidence = bytesFrom(dice, EVIDENCE_BYTES);
  for (let first = 0; first < messages; first += BATCH) {
    const batch: Statement[] = [];
    for (let number = first; number < Math.min(messages, first + BATCH); number++) {
      // A few conversations hold most of the messages.
      const conversation = Math.floor(CONVERSATIONS ** dice()) - 1;
      const seq = (seqs.get(conversation) ?? 0) + 1;
      seqs.set(conversation, seq);
      const text = sentence(vocabulary, dice);
      const content = new Uint8Array(Buffer.byteLength(text) + CONTENT_OVERHEAD);
      const sender = named(`person ${Math.floor(dice() * PEOPLE)}`);
      const id = Uint8Array.of(1, ...named(`message ${number}`).subarray(1));
      const parameters = [
        localId(number),
        conversationAt(conversation),
        seq,
        id,
        sender,
        FIRST_AT + number * 1000,
        text,
        content,
        evidence,
      ];
      batch.push({ sql: INSERT, parameters });
    }
    await store.write(batch);
    // As it happens while messages come: the index follows.
    await client.search("index");
    if ((first / BATCH) % 20 === 0) say(`building a store: ${first.toLocaleString("en")} of ${messages.toLocaleString("en")}`);
  }
}
