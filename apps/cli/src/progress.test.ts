import { expect, test } from "vitest";
import { showProgress } from "./progress.ts";

function shown(isJson: boolean): string[] {
  const lines: string[] = [];
  let now = 0;
  const tell = showProgress({ isJson, write: (line) => lines.push(line), now: () => now });
  for (let done = 0; done <= 30; done++) {
    tell({ part: "logs.db", done, total: 30, unit: "segments" });
    now += 100;
  }
  return lines;
}

test("a long piece of work tells once a second how far it is", () => {
  expect(shown(false)).toEqual([
    "logs.db: 10 of 30 segments (33 %)",
    "logs.db: 20 of 30 segments (66 %)",
    "logs.db: 30 of 30 segments (100 %)",
  ]);
  expect(shown(true)[0]).toBe('{"progress":"logs.db","done":10,"total":30,"unit":"segments"}');
});
