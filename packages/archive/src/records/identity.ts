/**
 * What tells a message from every other one of the same conversation and time, so that the same message has the same id in every export of it:
 *
 *   SHA-256(JSON of ["n", the service's id] or ["c", sender, text, names of files], ordinal)[0..9]
 *
 * The ordinal counts messages that are equal in all of this, from 0, within one export: three "ok" of one minute stay three, and the same three
 * of a later export are known. It is kept for the messages read last, since equal ones have equal times and so stand close together.
 */
import { ARCHIVE_IDENTITY_BYTES, bytesToBase64url } from "@sotto/protocol";
import { fileNameOf } from "../input/safe-path.ts";
import type { ArchivePorts } from "../ports.ts";
import type { MessageDraft } from "./draft.ts";

const WINDOW = 20_000;

export class Identities {
  readonly #ports: Pick<ArchivePorts, "sha256" | "encodeUtf8">;
  #recent = new Map<string, number>();
  #older = new Map<string, number>();

  constructor(ports: Pick<ArchivePorts, "sha256" | "encodeUtf8">) {
    this.#ports = ports;
  }

  /** `conversation` is its id, as text. */
  next(draft: MessageDraft, conversation: string): Uint8Array {
    const { nativeId, sender, text, media = [], at } = draft;
    const what = nativeId === undefined ? ["c", sender?.key ?? null, text, ...media.map(({ name }) => fileNameOf(name))] : ["n", nativeId];
    const same = JSON.stringify(what);
    const hash = this.#ports.sha256(this.#ports.encodeUtf8(same));
    const key = `${conversation} ${at} ${bytesToBase64url(hash.subarray(0, ARCHIVE_IDENTITY_BYTES))}`;
    const ordinal = this.#recent.get(key) ?? this.#older.get(key) ?? 0;
    this.#recent.set(key, ordinal + 1);
    if (this.#recent.size > WINDOW) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    if (ordinal === 0) return hash.slice(0, ARCHIVE_IDENTITY_BYTES);
    return this.#ports.sha256(this.#ports.encodeUtf8(`${same} ${ordinal}`)).slice(0, ARCHIVE_IDENTITY_BYTES);
  }
}
