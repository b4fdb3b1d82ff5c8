/** What the disk does by itself: 1 KiB appended to a file and `fdatasync`, one after the other. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { medianOf } from "../lib/median.ts";

/** Median milliseconds. */
export function measureRawAppend(folder: string, seconds: number): number {
  const path = join(folder, "raw-append");
  const file = openSync(path, "w");
  const bytes = Buffer.alloc(1024, 7);
  const samples: number[] = [];
  const end = performance.now() + seconds * 1000;
  try {
    while (performance.now() < end) {
      const started = performance.now();
      writeSync(file, bytes);
      fdatasyncSync(file);
      samples.push(performance.now() - started);
    }
  } finally {
    closeSync(file);
    rmSync(path);
  }
  return medianOf(samples);
}
