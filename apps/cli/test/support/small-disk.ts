/** A small file system in memory, which can be filled and made read-only. It needs root and Linux. */
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished, type TestContext } from "vitest";
import { command } from "./disk.ts";
import { newFolder } from "./processes.ts";

const KIB = 1024;

export class SmallDisk {
  readonly path: string;
  readonly #filler: string;

  /** Skips the test where there can be none. */
  constructor(context: TestContext, mib: number) {
    if (process.platform !== "linux" || process.getuid?.() !== 0) context.skip("a small file system takes root on Linux");
    this.path = join(newFolder(), "small");
    this.#filler = join(this.path, "filler");
    mkdirSync(this.path);
    command("mount", "-t", "tmpfs", "-o", `size=${mib}m`, "tmpfs", this.path);
    onTestFinished(() => command("umount", "--lazy", this.path));
  }

  /** To the last byte. */
  fill(): void {
    const file = openSync(this.#filler, "a");
    try {
      for (const size of [64 * KIB, 4 * KIB, 1]) while (wrote(file, size));
    } finally {
      closeSync(file);
    }
  }

  /** Makes room again. */
  empty(): void {
    rmSync(this.#filler);
  }

  setReadOnly(isReadOnly: boolean): void {
    command("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, this.path);
  }
}

/** Whether any of so many bytes found room. */
function wrote(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) > 0;
  } catch {
    return false;
  }
}
