/** Every decoder takes any bytes and answers with a code: it does not throw, hang or read past the end. */
import { beforeAll, describe, expect, test } from "vitest";
import { codeOf } from "../support/clients.ts";
import { corpus, type Form } from "./corpus.ts";
import { damageBytes, damageValues } from "./mutate.ts";
import { diceRuns, encodable } from "./runs.ts";

let forms: readonly Form[] = [];

beforeAll(async () => {
  forms = (await corpus()).forms;
});

function codes(form: Form, bytes: Uint8Array): string {
  return codeOf(form.decode(bytes));
}

describe("decoders", () => {
  test("take their examples", () => {
    expect(forms.length).toBeGreaterThan(20);
    for (const form of forms.filter(({ name }) => name !== "records")) {
      expect([form.name, ...new Set(form.examples.map((example) => codes(form, example)))]).toEqual([form.name, "ok"]);
    }
  });
  test("refuse every beginning of an example", () => {
    for (const form of forms.filter(({ name }) => name !== "SafeAAD" && name !== "records")) {
      for (const example of form.examples) {
        const step = Math.max(1, Math.floor(example.length / 100));
        for (let length = 0; length < example.length; length += step)
          expect([form.name, length, codes(form, example.subarray(0, length))]).not.toContain("ok");
      }
    }
  });
  test("refuse an example with more after it", () => {
    for (const form of forms.filter(({ name }) => name !== "SafeAAD" && name !== "records")) {
      for (const example of form.examples) {
        const longer = new Uint8Array(example.length + 1);
        longer.set(example);
        expect([form.name, codes(form, longer)]).not.toContain("ok");
      }
    }
  });
  test("answer for damaged bytes", () => {
    for (const form of forms) {
      const seen = diceRuns(form.name, 150, (dice) => {
        let bytes = dice.pick(form.examples);
        for (let i = dice.chance(0.7) ? 1 : 1 + dice.below(5); i > 0; i--) bytes = damageBytes(bytes, dice);
        return codes(form, bytes);
      });
      expect([form.name, seen.size > 1]).toEqual([form.name, true]);
    }
  });
  test("answer for damaged structures", () => {
    for (const form of forms) {
      const { rewrite } = form;
      if (rewrite === undefined) continue;
      diceRuns(`${form.name} inside`, 150, (dice) => {
        const bytes = encodable(() => rewrite(dice.pick(form.examples), (value) => damageValues(value, dice)));
        return bytes === undefined ? "not encodable" : codes(form, bytes);
      });
    }
    expect(forms.filter(({ rewrite }) => rewrite !== undefined).length).toBeGreaterThan(14);
  });
  test("answer for any bytes at all", () => {
    for (const form of forms) {
      diceRuns(`${form.name} noise`, 60, (dice) =>
        codes(
          form,
          Uint8Array.from({ length: dice.below(300) }, () => (dice.chance(0.5) ? dice.below(4) : dice.below(256))),
        ),
      );
    }
    expect(forms.length).toBeGreaterThan(20);
  });
});
