/** What an importer says of one conversation, before ids are known and files are stored. */
import type {
  ArchiveConversationKind,
  ArchiveDetails,
  ArchiveMedia,
  ArchiveMessageKind,
  ArchivePerson,
  ArchiveService,
} from "@sotto/protocol";
import type { ExportFile } from "../input/export-file.ts";
import type { Problem, ProblemCode } from "../problems.ts";

export type PersonRef = {
  /** The service's id, or the name where it gives none. */
  readonly key: string;
  readonly name: string;
  /** Stands for many, such as "Facebook user": a person of this conversation only. */
  readonly isPlaceholder?: boolean;
  /** The key names the conversation already, if it must. */
  readonly isScoped?: boolean;
};

export type ConversationHead = {
  readonly service: ArchiveService;
  readonly key: string;
  /** Two exports of one service that know a conversation under different keys know it under this one: names, mostly. */
  readonly joinKey?: string;
  readonly kind: ArchiveConversationKind;
  readonly title: string;
  readonly people: readonly PersonRef[];
  /** What the record of an own archive says beside this. */
  readonly stored?: { readonly id: string; readonly moreKeys: readonly string[]; readonly moreJoinKeys: readonly string[] };
  /** Key of the person whose export it is, where it says so. */
  readonly owner?: string;
};

export type MediaDraft = Omit<ArchiveMedia, "sha256" | "bytes" | "state"> & {
  readonly state: Exclude<ArchiveMedia["state"], "stored">;
  /** Where the bytes are; then the state says what becomes of it without them. */
  readonly file?: ExportFile;
};

export type ReactionDraft = { readonly emoji: string; readonly by?: PersonRef; readonly at?: number; readonly count?: number };

export type MessageDraft = Omit<ArchiveDetails, "media" | "reactions" | "source" | "reply"> & {
  /** The end of the id that an own archive gives. */
  readonly identity?: Uint8Array;
  readonly sender?: PersonRef;
  readonly at: number;
  readonly kind: ArchiveMessageKind;
  readonly text: string;
  readonly media?: readonly MediaDraft[];
  readonly reactions?: readonly ReactionDraft[];
  readonly reply?: { readonly to?: string; readonly text?: string; readonly by?: PersonRef };
  readonly source: { readonly path: string; readonly at: number; readonly raw: Uint8Array };
};

/** A message, and what was wrong with it without costing it. */
export type MadeDraft = { readonly draft: MessageDraft; readonly problems: readonly ProblemCode[] };

/** Why a record was read and is no message of its own. */
export type SkipReason = "folded_into_reaction" | "in_better_format" | "empty_record" | "not_a_message";

export type ImportItem =
  /** The messages after it are of this conversation. */
  | { readonly kind: "conversation"; readonly head: ConversationHead }
  | { readonly kind: "message"; readonly draft: MessageDraft }
  | { readonly kind: "person"; readonly person: ArchivePerson }
  | { readonly kind: "skipped"; readonly reason: SkipReason; readonly count: number }
  /** `lost` records at that place could not be read: 0 if the problem cost no message. */
  | { readonly kind: "problem"; readonly problem: Problem; readonly lost: number };
