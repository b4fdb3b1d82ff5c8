/** What an export reads from, and where it goes: ports. The store gives its records in the order of the timeline. */
import type { ArchiveConversation, ArchiveMessage, ArchivePerson } from "@sotto/protocol";

export interface ArchiveReader {
  conversations(): Promise<readonly ArchiveConversation[]>;
  /** All people, ordered by id. */
  people(): Promise<readonly ArchivePerson[]>;
  messages(conversation: string): AsyncIterable<ArchiveMessage>;
  /** The bytes under a hash in base64url; undefined if the store does not have them. */
  media(sha256: string): AsyncIterable<Uint8Array> | undefined;
}

export interface ExportTarget {
  /** Writes a new file. `path` is relative, with forward slashes. */
  write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void>;
}

/** Some conversations by id, or all. */
export type ExportSelection = { readonly conversations?: ReadonlySet<string> };

export type ExportCounts = { readonly conversations: number; readonly people: number; readonly messages: number; readonly media: number };
