/**
 * Every stored or sent form: its vectors in `vectors/`, one file for each, and hostile input; and one file for the hashes and signed bytes.
 * `UPDATE_VECTORS=1` writes them; a change shows in the diff and belongs into the specification too.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import { storedVectors, testForms, toJson } from "../testing/form-suite.ts";
import { DERIVED } from "./derived.ts";
import { FORMS } from "./forms.ts";
import { REFUSED } from "./refused.ts";

const FOLDER = join(import.meta.dirname, "../../../vectors");

testForms(FORMS, REFUSED, FOLDER);

test("hashes, signed bytes and text forms have vectors that are up to date", () => {
  const make = (): unknown =>
    DERIVED.map(({ name, spec, input, output }) => ({ name, spec, input: toJson(input), output: toJson(output) }));
  expect(storedVectors(FOLDER, "derived", make)).toEqual(make());
});
