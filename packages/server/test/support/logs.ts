/** Logs for tests: ids, tokens of an epoch and their hashes, append requests. */
import { createHash, randomBytes } from "node:crypto";
import { type AppendRequest, capabilityHash, type CapabilityHashes, entryId, type LogId, logId, NO_TAG, toId } from "@sotto/protocol";

export const newLogId = (): LogId => toId(logId, new Uint8Array(randomBytes(16)));

/** What the MLS exporter gives a group in an epoch. */
export function tokensOf(log: LogId, epoch: number): { readonly read: Uint8Array; readonly write: Uint8Array } {
  const token = (side: string): Uint8Array => new Uint8Array(createHash("sha256").update(`${side} ${epoch}`).update(log).digest());
  return { read: token("read"), write: token("write") };
}

export function hashesOf(log: LogId, epoch: number): CapabilityHashes {
  const { read, write } = tokensOf(log, epoch);
  return { read: capabilityHash(log, read), write: capabilityHash(log, write) };
}

export function message(log: LogId, epoch: number, body: Uint8Array | string = "hello"): AppendRequest {
  return {
    log,
    epoch,
    token: tokensOf(log, epoch).write,
    entryId: toId(entryId, new Uint8Array(randomBytes(16))),
    kind: "message",
    tag: new Uint8Array(32).fill(7),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    next: null,
  };
}

export function handshake(log: LogId, epoch: number, body: Uint8Array | string = "commit"): AppendRequest {
  return { ...message(log, epoch, body), kind: "handshake", tag: NO_TAG, next: hashesOf(log, epoch + 1) };
}

export const readAccess = (log: LogId, epoch: number) => ({ log, epoch, token: tokensOf(log, epoch).read });
