/**
 * What the importers need from the platform. Everything else is the language.
 *
 *   Source   a file that was handed in: random access, since a ZIP is read from its end
 *   sha256   of small values, in one go;  createSha256  of files, in steps
 *   decode   bytes as UTF-8: undefined where they are not; a byte order mark at the start is dropped
 */
import type { OpenDatabase } from "./input/database.ts";

export type RunningHash = { readonly update: (bytes: Uint8Array) => void; readonly digest: () => Uint8Array };

export type ArchivePorts = {
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
  readonly createSha256: () => RunningHash;
  readonly decodeUtf8: (bytes: Uint8Array) => string | undefined;
  readonly encodeUtf8: (text: string) => Uint8Array;
  /** Milliseconds since 1970; for progress only. */
  readonly now: () => number;
  /** Absent where there is no SQLite. */
  readonly openDatabase?: OpenDatabase;
};

export interface Source {
  /** As it was handed in, relative to what was handed in: "export.zip", "export/messages/inbox/…". With forward slashes. */
  readonly path: string;
  readonly bytes: number;
  /** At most `length` bytes; fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array>;
}
