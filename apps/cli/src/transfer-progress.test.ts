import { expect, test } from "vitest";
import { sizeText, TransferProgress } from "./transfer-progress.ts";

function shown(isTTY: boolean, isQuiet = false) {
  const lines: string[] = [];
  let now = 0;
  const progress = new TransferProgress({ terminal: { isTTY, columns: 100, write: (text) => lines.push(text) }, now: () => now, isQuiet });
  return { lines, at: (ms: number) => void (now = ms), progress };
}

test("a size is told in three digits", () => {
  const sizes = [0, 999, 1000, 1234, 12_340, 999_499, 999_500, 2_147_483_648, 5e12];
  expect(sizes.map(sizeText)).toEqual(["0 B", "999 B", "1.00 kB", "1.23 kB", "12.3 kB", "999 kB", "1.00 MB", "2.15 GB", "5000 GB"]);
});

test("a terminal sees part, bytes, rate and time left on one line that is written over", () => {
  const { lines, at, progress } = shown(true);
  progress.show("photo.jpg", 0, 10_000_000);
  at(100);
  progress.show("photo.jpg", 500_000, 10_000_000);
  at(1000);
  progress.show("photo.jpg", 1_000_000, 10_000_000);
  progress.end();
  expect(lines).toEqual([
    "\r\u001b[K  0 %  0 B of 10.0 MB  photo.jpg",
    "\r\u001b[K 10 %  1.00 MB of 10.0 MB  1.00 MB/s  9 s left  photo.jpg",
    "\r\u001b[K",
  ]);
});

test("long times are told in minutes and hours", () => {
  const { lines, at, progress } = shown(true);
  progress.show("film.mkv", 0, 2_000_000_000);
  at(1000);
  progress.show("film.mkv", 1_000_000, 2_000_000_000);
  at(2000);
  progress.show("film.mkv", 1_200_000, 2_000_000_000);
  expect(lines.map((line) => /\S+ \S+ \S+ \S+ left/.exec(line)?.[0])).toEqual([undefined, "33 min 19 s left", "55 min 32 s left"]);
});

test("the rate begins anew when something has to be sent again", () => {
  const { lines, at, progress } = shown(true);
  progress.show("photo.jpg", 8_000_000, 10_000_000);
  at(1000);
  progress.show("photo.jpg", 4_000_000, 10_000_000);
  expect(lines.at(-1)).toBe("\r\u001b[K 40 %  4.00 MB of 10.0 MB  photo.jpg");
});

test("a pipe and a script see nothing", () => {
  for (const { lines, progress } of [shown(false), shown(true, true)]) {
    progress.show("photo.jpg", 1, 2);
    progress.end();
    expect(lines).toEqual([]);
  }
});
