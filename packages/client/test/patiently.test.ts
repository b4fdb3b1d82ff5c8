/** What a server that has enough for the moment does to requests that come by the hundred. */
import { type Asked } from "../src/net/line.ts";
import { askPatiently } from "../src/net/patiently.ts";
import { expectSuccess, type FrameOperation, failure, parseAddress, type ResponseOf, success } from "@sotto/protocol";
import { expect, test } from "vitest";

const REQUEST = { username: expectSuccess(parseAddress("ada")).username };
const limited = { ...failure("rate_limited"), retryAfterMs: 40 };

function asking(answers: readonly unknown[]) {
  const waits: number[] = [];
  let asked = 0;
  const ask = <Name extends FrameOperation>(): Promise<Asked<ResponseOf<Name>>> =>
    Promise.resolve((answers[Math.min(asked++, answers.length - 1)] ?? limited) as Asked<ResponseOf<Name>>);
  const after = (ms: number, call: () => void) => {
    waits.push(ms);
    call();
    return () => undefined;
  };
  const run = () => askPatiently({ anonymous: { ask }, ports: { clock: { now: () => 0, after } } }, "directory.lookup", REQUEST);
  return { run, waits, asked: () => asked };
}

test("waits as long as the server says, and goes on", async () => {
  const { run, waits } = asking([limited, { ...failure("rate_limited"), retryAfterMs: 5 }, failure("rate_limited"), success("found")]);
  expect(await run()).toEqual(success("found"));
  expect(waits).toEqual([40, 20, 1_000]);
});

test("has other failures at once", async () => {
  const { run, waits } = asking([failure("account_unknown")]);
  expect(await run()).toMatchObject({ ok: false, code: "account_unknown" });
  expect(waits).toEqual([]);
});

test("has enough after half a minute, and does not begin a wait that is longer", async () => {
  const forEver = asking([limited]);
  expect(await forEver.run()).toMatchObject({ ok: false, code: "rate_limited" });
  expect(forEver.waits.reduce((sum, wait) => sum + wait, 0)).toBe(30_000);
  const long = asking([{ ...limited, retryAfterMs: 86_400_000 }]);
  expect(await long.run()).toMatchObject({ ok: false, code: "rate_limited" });
  expect(long.asked()).toBe(1);
});
