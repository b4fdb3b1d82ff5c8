import { expect, test } from "vitest";
import * as p from "@sotto/protocol";
import { ACCOUNT, ACCOUNT_2 } from "../../test/samples.ts";

test("finds each mentioned account once, in order", () => {
  const [bob, eve] = [p.mentionText(ACCOUNT_2, "bob"), p.mentionText(ACCOUNT, "eve]\n[x](")];
  expect(p.mentionsOf(`Hi ${bob} and ${eve}, and ${bob} again`)).toEqual([ACCOUNT_2, ACCOUNT]);
  expect(p.mentionsOf(`No ${bob.slice(1)} [@x](https://example.org) [@x](sotto:a/abc)`)).toEqual([]);
});

test("takes long texts of brackets in little time", () => {
  expect(p.mentionsOf("[@".repeat(p.LIMITS.textBytesMax / 2))).toEqual([]);
});
