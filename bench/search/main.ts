/** Search among a million messages: `npm run bench -- search [--quick] [--json]`. The method is in bench/README.md. */
import { parseArgs } from "node:util";
import { Client, type SearchOptions } from "@sotto/client";
import { nodePorts, openStore } from "@sotto/client/node";
import { logId, toId } from "@sotto/protocol";
import { align } from "../lib/align.ts";
import { machineLine } from "../lib/machine.ts";
import { medianOf, quantile } from "../lib/median.ts";
import { type Target, targetTable } from "../lib/targets.ts";
import { builtStore, conversationAt, KEY, vocabulary } from "./build.ts";

const MESSAGES = 1_000_000;
const P95_MS = 50;
const PAGE = 20;
/** How many queries of each kind, each once: what a person types is not in the cache either. */
const QUERIES = 40;

type Kind = { readonly name: string; readonly queries: readonly string[]; readonly options?: SearchOptions };

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
  },
});
const where = machineLine();

/** Words of the vocabulary at these ranks, as many as queries are wanted. */
function words(from: number, to: number): string[] {
  const all = vocabulary.slice(from, to).filter((word) => Array.from(word).length >= 3);
  const step = Math.max(1, Math.floor(all.length / QUERIES));
  return all.filter((_, index) => index % step === 0).slice(0, QUERIES);
}

const each = (list: readonly string[], change: (text: string, index: number) => string): string[] => list.map(change);
const inner = (word: string): string => Array.from(word).slice(1, 4).join("");
const isOther = (word: string): boolean => /[^a-zäöüßéñù]/.test(word);
const log = (index: number): SearchOptions => ({ log: toId(logId, conversationAt(index)) });
const letters = "etaoinshrdlcumwfgypbvkjxqz".split("");

const kinds: readonly Kind[] = [
  { name: "a frequent word", queries: words(0, 160) },
  { name: "a word of the middle", queries: words(1_000, 8_000) },
  { name: "a rare word", queries: words(40_000, 60_000) },
  { name: "three letters inside a word", queries: each(words(0, 5_000), inner).filter((part) => Array.from(part).length === 3) },
  { name: "two frequent words, a phrase", queries: each(words(0, 60), (word, at) => `${word} ${vocabulary[(at * 7) % 60] ?? ""}`) },
  { name: "a frequent and a rare word, a phrase", queries: each(words(30_000, 60_000), (word, at) => `${vocabulary[at] ?? ""} ${word}`) },
  {
    name: "parts of frequent words that never meet",
    queries: each(words(0, 120), (word, at) => `${word}${vocabulary[119 - at] ?? ""}ing`),
  },
  { name: "nothing like it", queries: each(words(20_000, 60_000), (word) => `${word}zqxj`) },
  {
    name: "another script",
    queries: vocabulary
      .filter(isOther)
      .filter((word) => Array.from(word).length >= 3)
      .slice(0, QUERIES),
  },
  { name: "one letter", queries: letters },
  { name: "one rare character", queries: each(vocabulary.filter(isOther).slice(0, QUERIES), (word) => Array.from(word)[0] ?? "好") },
  { name: "two letters", queries: letters.flatMap((a) => letters.slice(0, 26).map((b) => a + b)).filter((_, at) => at % 17 === 0) },
  {
    name: "two characters of another script",
    queries: each(vocabulary.filter(isOther).slice(0, QUERIES), (word) => Array.from(word).slice(0, 2).join("")),
  },
  { name: "signs", queries: ["?", "%", "_", '"', "'", "\\", "*", "a%", '"a', "e.", "e?", "👋", "❤️", "(a)", "NOT", "AND", "-e-", "^a^"] },
  { name: "a frequent word in the largest conversation", queries: words(0, 160), options: log(0) },
  { name: "a rare word in the largest conversation", queries: words(40_000, 60_000), options: log(0) },
  { name: "a frequent word in a small conversation", queries: words(0, 160), options: log(400) },
  { name: "two letters in a small conversation", queries: letters.map((letter) => `${letter}o`), options: log(400) },
];

type Timed = { readonly name: string; readonly samples: readonly number[]; readonly hits: number };

async function measureKind(client: Client, { name, queries, options = {} }: Kind): Promise<Timed> {
  const samples: number[] = [];
  let hits = 0;
  for (const query of new Set(queries)) {
    const started = performance.now();
    const found = await client.search(query, { limit: PAGE, ...options });
    samples.push(performance.now() - started);
    hits += found.length;
  }
  return { name, samples, hits: hits / samples.length };
}

/** Ten pages behind each other. */
async function measurePaging(client: Client): Promise<Timed> {
  const samples: number[] = [];
  for (const query of words(0, 40)) {
    let before: Uint8Array | undefined;
    for (let page = 0; page < 10; page++) {
      const started = performance.now();
      const found = await client.search(query, { limit: PAGE, ...(before === undefined ? {} : { before }) });
      samples.push(performance.now() - started);
      before = found.at(-1)?.localId;
      if (before === undefined) break;
    }
  }
  return { name: "the second to the tenth page", samples, hits: PAGE };
}

const messages = values.quick ? MESSAGES / 10 : MESSAGES;
const path = await builtStore(messages, (progress) => void process.stderr.write(`${progress}\n`));
const client = await Client.open(await nodePorts(openStore(path, { key: KEY }), "http://127.0.0.1:1"));
const timed: Timed[] = [];
for (const kind of kinds.filter(({ name }) => values.only.length === 0 || values.only.some((part) => name.includes(part)))) {
  timed.push(await measureKind(client, kind));
}
if (values.only.length === 0) timed.push(await measurePaging(client));
await client.close();

const all = timed.flatMap(({ samples }) => samples);
const p95 = quantile(all, 0.95);
const slowest = timed.toSorted((a, b) => quantile(b.samples, 0.95) - quantile(a.samples, 0.95))[0];
const worst = quantile(slowest?.samples ?? [], 0.95);
const cell = (ms: number): string => `${ms.toFixed(ms < 10 ? 2 : 1)} ms`;
const targets: Target[] = [
  { name: `p95 of all queries under ${P95_MS} ms`, reached: cell(p95), isReached: p95 < P95_MS },
  { name: `p95 of each kind under ${P95_MS} ms; the slowest: ${slowest?.name ?? ""}`, reached: cell(worst), isReached: worst < P95_MS },
];
if (values.json) {
  console.log(JSON.stringify({ where, messages, timed, targets }, null, 2));
} else {
  const header = [`first ${PAGE} of ${messages.toLocaleString("en")} messages`, "queries", "median", "p95", "slowest", "hits"];
  const rows = timed.map(({ name, samples, hits }) => [
    name,
    String(samples.length),
    ...[medianOf(samples), quantile(samples, 0.95), Math.max(...samples)].map(cell),
    hits.toFixed(1),
  ]);
  console.log(`${where}\n\n${align([header, ...rows])}\n\n${targetTable(targets)}`);
}
