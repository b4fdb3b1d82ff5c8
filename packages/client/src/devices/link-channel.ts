/**
 * The log in which an old and a new device meet (spec/identity.md §Linking). It is read again and again, since it lives for minutes and says five
 * things. What does not open is noise and is passed over, up to a limit.
 */
import { type LinkKeys, linkHashes, type LinkMessage, openLinkMessage, sealLinkMessage } from "@sotto/core";
import { decodeEntry, entryId, isErrorCode, LIMITS, NO_TAG, toId } from "@sotto/protocol";
import { ClientError, type ClientErrorCode, orThrow } from "../client-error.ts";
import type { Line } from "../net/line.ts";
import { isTransient } from "../net/transient.ts";
import type { Ports } from "../ports.ts";

const POLL_MS = 400;
const ENTRY_ID_BYTES = 16;
const ENTRIES_MAX = 64;
const EPOCH = 0;

type Heard<S extends LinkMessage["step"]> = Extract<LinkMessage, { readonly step: S }>;

/** What the other side says is not trusted to be a code that this program knows. */
function refusalCode(reason: string): ClientErrorCode {
  if (isErrorCode(reason)) return reason;
  return reason === "link_digits_wrong" || reason === "link_cancelled" || reason === "link_changed" ? reason : "link_refused";
}

export class LinkChannel {
  readonly #ports: Ports;
  readonly #line: Pick<Line, "ask">;
  readonly #keys: LinkKeys;
  readonly #deadline: number;
  #next = 1;

  constructor(ports: Ports, line: Pick<Line, "ask">, { keys, timeoutMs }: { readonly keys: LinkKeys; readonly timeoutMs: number }) {
    this.#ports = ports;
    this.#line = line;
    this.#keys = keys;
    this.#deadline = ports.clock.now() + timeoutMs;
  }

  /** Throws `link_expired` when the time is over. */
  async #again(): Promise<void> {
    if (this.#ports.clock.now() >= this.#deadline) throw new ClientError("link_expired");
    await new Promise<void>((resolve) => void this.#ports.clock.after(POLL_MS, resolve));
  }

  async create(): Promise<void> {
    const request = { log: this.#keys.log, epoch: EPOCH, hashes: linkHashes(this.#keys), payment: [] };
    for (;;) {
      const answer = await this.#line.ask("log.create", request);
      if (answer.ok) return;
      if (!isTransient(answer.code)) throw new ClientError(answer.code);
      await this.#again();
    }
  }

  async say(message: LinkMessage): Promise<void> {
    const { clock, crypto, random } = this.#ports;
    const body = orThrow(sealLinkMessage(message, this.#keys, { crypto, random, now: clock.now() }));
    const { log, write: token } = this.#keys;
    const id = toId(entryId, random(ENTRY_ID_BYTES));
    const request = { log, epoch: EPOCH, token, entryId: id, kind: "message" as const, tag: NO_TAG, body, next: null };
    for (;;) {
      const answer = await this.#line.ask("log.append", request);
      if (answer.ok) return;
      if (!isTransient(answer.code)) throw new ClientError(answer.code === "log_unknown" ? "link_expired" : answer.code);
      await this.#again();
    }
  }

  /** The next message of this step. A refusal of the other side is thrown with its code. */
  async hear<S extends LinkMessage["step"]>(awaited: S): Promise<Heard<S>> {
    for (;;) {
      const body = await this.#read();
      if (body === undefined) {
        await this.#again();
        continue;
      }
      const opened = openLinkMessage(body, { keys: this.#keys, awaited }, this.#ports);
      if (!opened.ok) continue;
      const message: LinkMessage = opened.value;
      if (message.step === "refusal") throw new ClientError(refusalCode(message.reason));
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- openLinkMessage gives the awaited step or a refusal
      return message as Heard<S>;
    }
  }

  /** Undefined if nothing new is there. Entries are taken one by one, so that what follows the awaited one is left for the next call. */
  async #read(): Promise<Uint8Array | undefined> {
    if (this.#next > ENTRIES_MAX) throw new ClientError("link_message_invalid");
    const { log, read: token } = this.#keys;
    const answer = await this.#line.ask("log.read", { log, epoch: EPOCH, token, from: this.#next, bytesMax: LIMITS.messageBodyBytesMax });
    if (!answer.ok && isTransient(answer.code)) return undefined;
    if (!answer.ok) throw new ClientError(answer.code === "log_unknown" ? "link_expired" : answer.code);
    const [first] = answer.value.entries;
    if (first === undefined) return undefined;
    this.#next += 1;
    const entry = decodeEntry(first);
    return entry.ok ? entry.value.body : new Uint8Array();
  }
}
