/**
 * A disk whose power can be cut: an ext4 file system in a file, mounted over a loop device. The cut is the file system's own (EXT4_IOC_SHUTDOWN
 * without flushing its log, as xfstests do it): from then on nothing is written, and what was in memory only is gone at the next mount.
 *
 * It models a machine that stops, with a drive that keeps what it was told to flush. Unlike on such a machine the processes go on for a moment,
 * and an fsync that is under way may even tell them of success: nobody must hear of what they do then. It needs root and Linux.
 */
import { type ChildProcess, execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { newFolder } from "./processes.ts";

const BYTES = 192 * 1024 * 1024;
/** _IOR('X', 125, __u32), and EXT4_GOING_FLAGS_NOLOGFLUSH (fs/ext4/ext4.h of Linux). */
const SHUTDOWN =
  'open(my $f, "<", $ARGV[0]) or die "open: $!"; my $how = pack("L", 2); defined ioctl($f, 0x8004587D, $how) or die "ioctl: $!"';
const TOOLS = ["mkfs.ext4", "mount", "umount", "losetup", "perl"];

export function command(name: string, ...args: readonly string[]): void {
  execFileSync(name, args, { stdio: "pipe", env: { ...process.env, PATH: `${process.env["PATH"] ?? ""}:/usr/sbin:/sbin` } });
}

function works(name: string, ...args: readonly string[]): boolean {
  try {
    command(name, ...args);
    return true;
  } catch {
    return false;
  }
}

/** Undefined, or why there can be no such disk here. */
export function whyNoDisk(): string | undefined {
  if (process.platform !== "linux") return "file systems can be cut off on Linux only";
  if (process.getuid?.() !== 0) return "mounting a file system takes root";
  const missing = TOOLS.filter((tool) => !works("which", tool));
  if (missing.length > 0) return `missing: ${missing.join(", ")}`;
  return works("losetup", "--find") ? undefined : "there is no free loop device";
}

const isStopped = (pid: number): boolean => /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));

/** Stops a process where it is, and waits until it has stopped: what it had asked of the system is done by then. */
export async function freeze(child: ChildProcess): Promise<void> {
  child.kill("SIGSTOP");
  while (child.pid !== undefined && child.exitCode === null && !isStopped(child.pid)) await delay(1);
}

export class Disk {
  readonly path: string;
  readonly #image: string;

  constructor() {
    const folder = newFolder();
    this.#image = join(folder, "image");
    this.path = join(folder, "disk");
    mkdirSync(this.path);
    writeFileSync(this.#image, "");
    truncateSync(this.#image, BYTES);
    command("mkfs.ext4", "-q", "-F", this.#image);
    // Comes before the folder is removed: what is registered last runs first.
    onTestFinished(() => void works("umount", "--lazy", this.path));
    this.#mount();
  }

  #mount(): void {
    command("mount", "-o", "loop", this.#image, this.path);
  }

  cut(): void {
    command("perl", "-e", SHUTDOWN, this.path);
  }

  /** As after the power came back. No process may use the disk any more. */
  restart(): void {
    command("umount", this.path);
    this.#mount();
  }
}
