/** The exposure report's text detectors: `npm run bench -- exposure [--quick] [--json]`. The method is in bench/README.md. */
import { parseArgs } from "node:util";
import { findExposures } from "@sotto/archive";
import { withCheckDigit } from "@sotto/archive/testing";
import { align } from "../lib/align.ts";
import { machineLine } from "../lib/machine.ts";
import { type Target, targetTable } from "../lib/targets.ts";
import { createDice, createVocabulary, type Dice, sentence } from "../search/texts.ts";

const MESSAGES = 200_000;
const NUMBERS = 1_000_000;
const RATE_MIN = 100_000;
const FALSE_MAX = 1 / 10_000;
const RUNS = 5;
const SEED = 20_261_125;

const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, json: { type: "boolean", default: false } } });
const where = machineLine();
const scale = values.quick ? 0.1 : 1;

const digits = (dice: Dice, count: number): string => Array.from({ length: count }, () => Math.floor(dice() * 10)).join("");
const grouped = (number: string): string => number.replaceAll(/(\d{4})(?=\d)/g, "$1 ");

/** One message in twenty holds a number or something that is looked for; the others are words. */
function messages(count: number, dice: Dice): string[] {
  const vocabulary = createVocabulary(60_000, dice);
  const planted = [
    (): string => `my card is ${grouped(withCheckDigit(`4${digits(dice, 14)}`))} exp 04/29`,
    (): string => `IBAN DE${digits(dice, 20)}`,
    (): string => `your order ${digits(dice, 16)} has left`,
    (): string => `password: ${digits(dice, 3)}aB!x`,
    (): string => `https://example.org/${digits(dice, 9)}/watch?v=${digits(dice, 20)}`,
  ];
  return Array.from({ length: count }, (_, at) =>
    at % 20 === 0 ? (planted[(at / 20) % planted.length]?.() ?? "") : sentence(vocabulary, dice),
  );
}

type Shape = { readonly name: string; readonly make: (dice: Dice) => string };

const length = (dice: Dice): number => 13 + Math.floor(dice() * 7);
const SHAPES: readonly Shape[] = [
  { name: "16 digits alone", make: (dice) => digits(dice, 16) },
  { name: "13 to 19 digits in a sentence", make: (dice) => `it was ${digits(dice, length(dice))}, I think` },
  { name: "13 to 19 digits of an order", make: (dice) => `order no. ${digits(dice, length(dice))}` },
  { name: "16 digits in groups of four", make: (dice) => grouped(digits(dice, 16)) },
  { name: "milliseconds", make: (dice) => String(1_500_000_000_000 + Math.floor(dice() * 300_000_000_000)) },
];

function falseCards({ make }: Shape, count: number, dice: Dice): { readonly shown: number; readonly possible: number } {
  let [shown, possible] = [0, 0];
  for (let at = 0; at < count; at++) {
    const card = findExposures(make(dice)).find(({ kind }) => kind === "card");
    if (card?.level === "possible") possible += 1;
    else if (card !== undefined) shown += 1;
  }
  return { shown, possible };
}

function rate(texts: readonly string[]): { readonly perSecond: number; readonly findings: number } {
  let [best, findings] = [0, 0];
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now();
    findings = 0;
    for (const text of texts) findings += findExposures(text).length;
    best = Math.max(best, texts.length / ((performance.now() - started) / 1000));
  }
  return { perSecond: best, findings };
}

const dice = createDice(SEED);
const texts = messages(MESSAGES * scale, dice);
const characters = texts.reduce((sum, text) => sum + text.length, 0);
const { perSecond, findings } = rate(texts);
const each = Math.round((NUMBERS / SHAPES.length) * scale);
const results = SHAPES.map((shape) => ({ name: shape.name, ...falseCards(shape, each, dice) }));
const numbers = each * SHAPES.length;
const shown = results.reduce((sum, result) => sum + result.shown, 0);
const unbroken = results.filter(({ name }) => !name.includes("groups"));
const all = unbroken.reduce((sum, result) => sum + result.shown + result.possible, 0);
const count = (value: number): string => Math.round(value).toLocaleString("en");
const share = (some: number, of: number): string => `${some} of ${count(of)}`;
const targets: Target[] = [
  { name: `${count(RATE_MIN)} messages a second`, reached: count(perSecond), isReached: perSecond >= RATE_MIN },
  { name: "random numbers shown as cards under 1 in 10,000", reached: share(shown, numbers), isReached: shown / numbers < FALSE_MAX },
  {
    name: "and with possible ones, of unbroken numbers",
    reached: share(all, each * unbroken.length),
    isReached: all / (each * unbroken.length) < FALSE_MAX,
  },
];
if (values.json) console.log(JSON.stringify({ where, messages: texts.length, characters, perSecond, findings, results, targets }, null, 2));
else {
  const table = [
    ["random numbers", "tried", "confirmed or likely", "possible"],
    ...results.map((result) => [result.name, count(each), String(result.shown), String(result.possible)]),
  ];
  console.log(
    `${where}\n\n${count(texts.length)} messages, ${count(characters)} characters: ${count(perSecond)} messages a second, ${count(findings)} findings (best of ${RUNS} runs)\n\n${align(table)}\n\n${targetTable(targets)}`,
  );
}
