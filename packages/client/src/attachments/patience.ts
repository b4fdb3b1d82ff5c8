/**
 * Trying again: a random part of 0.25 s, doubling up to 30 s, until so many attempts in a row brought next to nothing. A server may ask for a longer
 * wait, up to a minute.
 */
import type { ClientErrorCode } from "../client-error.ts";
import { isTransient } from "../net/transient.ts";
import type { Ports } from "../ports.ts";
import { type Failed, PROGRESS_BYTES } from "./blob-server.ts";
import type { Cancellation } from "./ports.ts";

const FIRST_MS = 250;
const LONGEST_MS = 30_000;
const ASKED_MS_MAX = 60_000;
const ATTEMPTS_MAX = 8;

/** These pass by themselves, but not soon. */
const SLOW: ReadonlySet<string> = new Set(["quota_exceeded", "server_disk_full", "server_read_only"]);
/** An upload that broke may still hold its place; a download may end early. */
const IN_TRANSFER: ReadonlySet<string> = new Set(["blob_offset", "blob_incomplete"]);

export class Patience {
  readonly #ports: Pick<Ports, "clock" | "random">;
  readonly #cancellation: Cancellation | undefined;
  #failures = 0;
  /** Bytes since the last failure that counted as a first one. */
  #fresh = 0;

  constructor(ports: Pick<Ports, "clock" | "random">, cancellation: Cancellation | undefined) {
    this.#ports = ports;
    this.#cancellation = cancellation;
  }

  /** So many bytes came through. After enough of them the next failure is a first one; a few each time are not worth going on for ever. */
  progressed(bytes: number): void {
    this.#fresh += bytes;
    if (this.#fresh < PROGRESS_BYTES) return;
    this.#failures = 0;
    this.#fresh = 0;
  }

  /** Waits, if it is worth trying again; else the code to end with. */
  async wait({ code, waitMs }: Failed): Promise<ClientErrorCode | undefined> {
    if (SLOW.has(code) || !(isTransient(code) || IN_TRANSFER.has(code))) return code;
    this.#failures += 1;
    if (this.#failures >= ATTEMPTS_MAX) return code;
    const [part = 0] = this.#ports.random(1);
    const ownMs = (Math.min(LONGEST_MS, FIRST_MS * 2 ** (this.#failures - 1)) * (128 + part / 2)) / 256;
    await this.#sleep(Math.floor(Math.max(ownMs, Math.min(waitMs, ASKED_MS_MAX))));
    return this.#cancellation?.aborted === true ? "transfer_stopped" : undefined;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        cancelTimer();
        this.#cancellation?.removeEventListener("abort", end);
        resolve();
      };
      const cancelTimer = this.#ports.clock.after(ms, end);
      this.#cancellation?.addEventListener("abort", end);
      if (this.#cancellation?.aborted === true) end();
    });
  }
}
