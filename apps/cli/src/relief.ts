/**
 * Keeps a long transfer small. V8 lets about 64 MiB of buffers that nobody uses any more pile up before it frees them; asked every few megabytes, it
 * frees them in a millisecond each time.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY_BYTES = 4 * 1024 * 1024;

function collector(): (() => void) | undefined {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  return typeof collect === "function" ? () => void collect({ type: "minor" }) : undefined;
}

/** To be told how far the transfer is. */
export function createRelief(): (bytes: number) => void {
  const collect = collector();
  let relievedAt = 0;
  return (bytes) => {
    if (Math.abs(bytes - relievedAt) < EVERY_BYTES) return;
    relievedAt = bytes;
    collect?.();
  };
}
