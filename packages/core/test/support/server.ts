/** A server that only orders bytes: logs with compare-and-swap and token hashes, key packages, identity chains. It has no key of a member. */
import { createHmac } from "node:crypto";
import {
  type AppendRequest,
  type AppendResult,
  type CapabilityHashes,
  decodeEntry,
  encodeEntry,
  type Entry,
  expectSuccess,
  idToText,
  isCapability,
  type LogId,
  receiptBytes,
} from "@sotto/protocol";
import { NOW } from "./provider.ts";

type Span = { readonly epoch: number; readonly hashes: CapabilityHashes; readonly first: number; last?: number };
type Log = { readonly entries: Uint8Array[]; readonly spans: Span[]; readonly ids: Map<string, number> };

export const HUB_KEY: Uint8Array = new Uint8Array(32).fill(7);

export class TestServer {
  readonly #logs = new Map<string, Log>();
  /** Everything that it was ever told, for searches after plaintext. */
  readonly seen: Uint8Array[] = [];

  #log(id: LogId): Log {
    const log = this.#logs.get(idToText(id));
    if (log === undefined) throw new Error("log_unknown");
    return log;
  }

  create({ log, epoch, hashes }: { log: LogId; epoch: number; hashes: CapabilityHashes }): void {
    this.#logs.set(idToText(log), { entries: [], spans: [{ epoch, hashes, first: 1 }], ids: new Map() });
  }

  append(request: AppendRequest): AppendResult | "capability_invalid" {
    const log = this.#log(request.log);
    const span = log.spans.at(-1);
    const asked = log.spans.find(({ epoch }) => epoch === request.epoch);
    if (span === undefined || asked === undefined) return "capability_invalid";
    if (!isCapability(asked.hashes.write, request.log, request.token)) return "capability_invalid";
    const known = log.ids.get(idToText(request.entryId));
    if (known !== undefined) return { outcome: "duplicate", ...factsOf(this.entry(request.log, known)) };
    if (span.epoch !== request.epoch) return { outcome: "conflict", head: { epoch: span.epoch, seq: log.entries.length } };
    const seq = log.entries.length + 1;
    const { kind, epoch, entryId, tag, body } = request;
    const acceptedAt = NOW + seq;
    const receipt = new Uint8Array(
      createHmac("sha256", HUB_KEY)
        .update(receiptBytes({ log: request.log, seq, acceptedAt, tag }))
        .digest(),
    );
    log.entries.push(encodeEntry({ seq, kind, epoch, acceptedAt, entryId, tag, receipt, body }));
    this.seen.push(body);
    log.ids.set(idToText(entryId), seq);
    if (kind === "handshake" && request.next !== null) {
      span.last = seq;
      log.spans.push({ epoch: epoch + 1, hashes: request.next, first: seq + 1 });
    }
    return { outcome: "appended", ...factsOf(this.entry(request.log, seq)) };
  }

  /** Entries of the token's epoch from `from` on, or a refusal. */
  read(id: LogId, by: { epoch: number; token: Uint8Array; from: number }): Entry[] | "capability_invalid" {
    const log = this.#log(id);
    const span = log.spans.find(({ epoch }) => epoch === by.epoch);
    if (span === undefined || !isCapability(span.hashes.read, id, by.token)) return "capability_invalid";
    const end = span.last ?? log.entries.length;
    const first = Math.max(span.first, by.from);
    return Array.from({ length: Math.max(0, end - first + 1) }, (_, i) => this.entry(id, first + i));
  }

  /** The operator's own view of one entry. */
  entry(id: LogId, seq: number): Entry {
    const bytes = this.#log(id).entries[seq - 1];
    if (bytes === undefined) throw new Error("log_position");
    return expectSuccess(decodeEntry(bytes));
  }

  head(id: LogId): number {
    return this.#log(id).entries.length;
  }
}

function factsOf({ seq, acceptedAt, receipt }: Entry): { seq: number; acceptedAt: number; receipt: Uint8Array } {
  return { seq, acceptedAt, receipt };
}
