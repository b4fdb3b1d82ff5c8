/**
 * Where an import goes: the port that the encrypted store implements. One `write` is one transaction and durable once it resolves; it holds the
 * checkpoint with the messages that it counts, so that after a kill both are there or neither.
 */
import type {
  AccountId,
  ArchiveConversationKind,
  ArchiveMedia,
  ArchiveMessage,
  ArchivePerson,
  ArchiveService,
  LogId,
} from "@sotto/protocol";

export type SinkPerson = { readonly id: AccountId; readonly key: string; readonly name: string; readonly isPlaceholder: boolean };

export type SinkConversation = {
  readonly id: LogId;
  readonly service: ArchiveService;
  readonly key: string;
  readonly joinKey: string | undefined;
  /** Further ones, of an own archive. */
  readonly moreKeys: readonly string[];
  readonly moreJoinKeys: readonly string[];
  readonly kind: ArchiveConversationKind;
  readonly title: string;
  readonly people: readonly SinkPerson[];
};

export type SinkMessage = { readonly id: Uint8Array; readonly sender: SinkPerson | undefined; readonly record: ArchiveMessage };

export type SinkPart = {
  readonly conversation: SinkConversation;
  readonly added: readonly SinkMessage[];
  /** Known messages whose files have turned up now. */
  readonly completed: readonly SinkMessage[];
};

/** A conversation can have several parts of a batch: order is that of the export. */
type SinkBatch = { readonly parts: readonly SinkPart[]; readonly checkpoint: string };

/** A file to keep. `bytes` is what its container says, and is checked. */
type SinkFile = { readonly bytes: number; open(): AsyncIterable<Uint8Array> };

type StoredFile = { readonly sha256: Uint8Array; readonly head: Uint8Array; readonly isNew: boolean };

export interface ArchiveSink {
  /** The checkpoint that an import of the same input left, if it was cut short. */
  begin(importId: string): Promise<string | undefined>;
  /** The conversation under which the store knows this key, or this name of the same two people; else `made`. */
  resolve(conversation: SinkConversation): Promise<LogId>;
  /** Media of those messages that are there already, by id as base64url. */
  known(ids: readonly Uint8Array[]): Promise<ReadonlyMap<string, readonly ArchiveMedia[]>>;
  /** Keeps a file once, whatever its name. A file that breaks off throws what `open` threw, and leaves nothing. */
  keep(file: SinkFile): Promise<StoredFile>;
  write(batch: SinkBatch): Promise<void>;
  /** What an own archive says of people: who is oneself, and who was made one. */
  tell(people: readonly ArchivePerson[]): Promise<void>;
  /** Nothing is left to resume. */
  end(): Promise<void>;
}
