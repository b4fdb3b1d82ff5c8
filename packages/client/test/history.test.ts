/** What is kept of those who were asked for history, and of what changed messages. */
import { openStore } from "@sotto/client/node";
import { accountId, type Content, deviceId, type HistoryItem, logId, messageId, plainContent, toId } from "@sotto/protocol";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import type { Statement, Store } from "../src/ports.ts";
import { alsoAsked, ANSWER_BYTES_MAX, forgetAsked, gapOf, holdStatements } from "../src/repair/asked.ts";
import { Slots } from "../src/repair/slots.ts";
import { traceStatements } from "../src/repair/traces.ts";
import { migrate } from "../src/store/migrate.ts";
import { contentEffects } from "../src/sync/content-effects.ts";

const DAY_MS = 86_400_000;
const NOW = 1_800_000_000_000;
const folder = mkdtempSync(join(tmpdir(), "sotto-history-"));
const stores: Store[] = [];
afterAll(async () => {
  for (const open of stores) await open.close();
  rmSync(folder, { recursive: true, force: true });
});

const filled = (length: number, by: number): Uint8Array => new Uint8Array(length).fill(by);
const LOG = toId(logId, filled(16, 1));
const addressOf = (by: number) => ({ account: toId(accountId, filled(32, by)), device: toId(deviceId, filled(16, by)) });
const [ADA, EVE] = [addressOf(2), addressOf(3)];
const idOf = (by: number) => toId(messageId, Uint8Array.of(1, ...filled(31, by)));

let store: Store;
beforeEach(async () => {
  store = openStore(join(folder, `${stores.length}.db`), { key: filled(32, 9) });
  stores.push(store);
  await migrate(store);
});

const all = (text: string) => store.all(text);
const run = (...statements: readonly Statement[]) => store.write(statements);
const openGap = (at = NOW): Promise<void> =>
  run({ sql: "INSERT OR REPLACE INTO history_gaps VALUES (?, ?, ?, ?, 1, 0)", parameters: [LOG, at, Uint8Array.of(0x80), LOG] });

describe("notes with history", () => {
  const item = (bytes: number): HistoryItem => [filled(bytes, 1), filled(400, 1)];
  const note = (items: readonly HistoryItem[], now = NOW) => holdStatements(LOG, { by: EVE, items, now });
  const held = async () => (await all("SELECT id FROM history_held")).length;

  test("are kept from a device that was asked, and from nobody else", async () => {
    await openGap();
    await run(...note([item(100)]));
    expect(await held()).toBe(0);
    await run(alsoAsked(LOG, ADA, NOW));
    await run(...note([item(100)]));
    expect(await held()).toBe(0);
    await run(alsoAsked(LOG, EVE, NOW));
    await run(...note([item(100)]));
    expect(await held()).toBe(1);
  });

  test("count against what one answer may have, however small they are", async () => {
    await openGap();
    await run(alsoAsked(LOG, EVE, NOW));
    const large = Array.from({ length: 3 }, () => item(60_000));
    for (let i = 0; i < 60; i++) await run(...note(large));
    const afterLarge = await held();
    expect(afterLarge).toBeGreaterThan(40);
    expect(afterLarge * 3 * 60_000).toBeLessThan(ANSWER_BYTES_MAX);
    const tiny = Array.from({ length: 256 }, (): HistoryItem => [filled(1, 1), filled(1, 1)]);
    for (let i = 0; i < 200; i++) await run(...note(tiny));
    expect((await held()) - afterLarge).toBeLessThan(5);
  });

  test("are forgotten with whom was asked after a week", async () => {
    await openGap();
    await run(alsoAsked(LOG, EVE, NOW), ...note([item(100)]));
    await run(...forgetAsked(NOW + 6 * DAY_MS));
    expect(await held()).toBe(1);
    await run(...note([item(100)], NOW + 8 * DAY_MS));
    expect(await held()).toBe(1);
    expect(await gapOf(store, LOG, NOW + 8 * DAY_MS)).toBeUndefined();
    await run(...forgetAsked(NOW + 8 * DAY_MS));
    expect(await held()).toBe(0);
    expect(await all("SELECT 1 FROM history_asked")).toEqual([]);
  });
});

describe("traces", () => {
  let seq = 1;
  const say = async (from: typeof ADA, id: number, content: Partial<Content> & Pick<Content, "body">): Promise<void> => {
    const whole = { ...plainContent(filled(16, id), content.body), ...content };
    const [bytes, evidence] = [filled(50, id), filled(60, id)];
    const said = { log: LOG, seq: seq++, messageId: idOf(id), content: whole, bytes, evidence };
    const shown = { at: NOW + seq, localId: filled(16, id), sender: from, isOwn: false, isOwnAccount: false, isReceiptDue: false };
    await run(...traceStatements({ ...said, account: from.account }), ...contentEffects({ ...said, ...shown, now: NOW, timerSeconds: 0 }));
  };
  const text = (words: string) => ({ kind: "text" as const, text: words, format: "markdown" as const, attachments: [] });
  const traces = async () =>
    (await all("SELECT role, message_id, length(content) AS bytes FROM traces ORDER BY role, message_id")).map(
      ({ role, message_id: id, bytes }) => [role, id instanceof Uint8Array ? id[1] : undefined, bytes],
    );

  test("have an edit with the words before the first one; of edits in between only that they were", async () => {
    await say(ADA, 10, { body: text("first") });
    await say(ADA, 11, { body: text("second"), replaces: idOf(10) });
    await say(ADA, 12, { body: text("third"), replaces: idOf(10) });
    expect(await traces()).toEqual([
      ["edit", 12, 50],
      ["original", 10, 50],
      ["void", 11, 0],
    ]);
  });

  test("have no words of a message that is taken back, and none when it is gone", async () => {
    await say(ADA, 10, { body: text("first") });
    await say(ADA, 11, { body: text("second"), replaces: idOf(10) });
    await say(EVE, 12, { body: { kind: "reaction", emoji: "👍" }, inReplyTo: idOf(10) });
    await say(ADA, 13, { body: { kind: "deletion" }, replaces: idOf(10) });
    expect(await traces()).toEqual([["deletion", 13, 50]]);
    await run({ sql: "DELETE FROM messages", parameters: [] });
    expect(await traces()).toEqual([]);
  });

  test("know a reaction that was withdrawn, and a vote that was changed", async () => {
    const poll = { kind: "poll" as const, question: "When?", options: ["Fri", "Sat"], choicesMax: 1, closesAt: 0 };
    await say(ADA, 10, { body: poll });
    await say(EVE, 11, { body: { kind: "reaction", emoji: "👍" }, inReplyTo: idOf(10) });
    await say(EVE, 12, { body: { kind: "unreaction" }, replaces: idOf(11) });
    await say(EVE, 13, { body: { kind: "vote", choices: [0] }, inReplyTo: idOf(10) });
    await say(EVE, 14, { body: { kind: "vote", choices: [1] }, inReplyTo: idOf(10) });
    expect(await traces()).toEqual([
      ["unreaction", 12, 50],
      ["void", 11, 0],
      ["void", 13, 0],
      ["vote", 14, 50],
    ]);
  });

  test("are not made by somebody else's edit or deletion", async () => {
    await say(ADA, 10, { body: text("first") });
    await say(EVE, 11, { body: text("mine now"), replaces: idOf(10) });
    await say(EVE, 12, { body: { kind: "deletion" }, replaces: idOf(10) });
    expect(await traces()).toEqual([]);
  });

  test("know what was taken back before it came, as long as something may be missing", async () => {
    await say(ADA, 13, { body: { kind: "deletion" }, replaces: idOf(10) });
    expect(await traces()).toEqual([]);
    await openGap();
    await say(ADA, 14, { body: { kind: "deletion" }, replaces: idOf(10) });
    await say(EVE, 15, { body: { kind: "deletion" }, replaces: idOf(10) });
    expect(await traces()).toEqual([
      ["void", 10, 0],
      ["void", 10, 0],
    ]);
    await run(...forgetAsked(NOW + 8 * DAY_MS));
    expect(await traces()).toEqual([]);
  });
});

test("a free place is found below those that are taken, and never beyond the gap", async () => {
  const insert = "INSERT INTO messages (local_id, log, seq, sender, at, kind, text, state) VALUES (?, ?, ?, ?, 0, 'text', '', 'received')";
  await run(...[3, 5, 6, 8, 9].map((place) => ({ sql: insert, parameters: [filled(16, place), LOG, place, LOG] })));
  const slots = new Slots(store, LOG, { first: 4, end: 10 });
  const wanted = [9, 9, 9, 2, 1_000_000, 7, 7];
  const found: unknown[] = [];
  for (const place of wanted) found.push(await slots.take(place));
  expect(found).toEqual([7, 4, 2, 1, undefined, undefined, undefined]);
});
