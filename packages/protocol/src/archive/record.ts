/**
 * The record form of archives: what every importer makes of what it reads, what the store keeps and what an export holds (spec/archive-format.md).
 * JSON values throughout, so that an export can be read with any tool. What is absent is not known, or does not apply.
 */

export const ARCHIVE_SERVICES = [
  "instagram",
  "messenger",
  "whatsapp",
  "telegram",
  "signal",
  "google-chat",
  "discord",
  "snapchat",
  "tiktok",
  "slack",
  "imessage",
] as const;
export type ArchiveService = (typeof ARCHIVE_SERVICES)[number];

export const ARCHIVE_CONVERSATION_KINDS = ["direct", "group", "channel", "self", "unknown"] as const;
export type ArchiveConversationKind = (typeof ARCHIVE_CONVERSATION_KINDS)[number];

export const ARCHIVE_MESSAGE_KINDS = ["text", "poll", "contact", "unknown", "deleted", "system"] as const;
export type ArchiveMessageKind = (typeof ARCHIVE_MESSAGE_KINDS)[number];

/** How exactly `at` is known, and how it became UTC: the source gave UTC, an offset, or a wall clock whose zone was assumed. */
export type ArchiveTime = {
  readonly precision: "ms" | "s" | "min" | "day" | "none";
  readonly zone: "utc" | "offset" | "assumed";
};

export const ARCHIVE_MEDIA_KINDS = ["photo", "video", "audio", "voice", "gif", "sticker", "file"] as const;
export type ArchiveMediaKind = (typeof ARCHIVE_MEDIA_KINDS)[number];

/**
 * `stored`: `sha256` names it. `missing`: the export names a file that it does not hold. `omitted`: the service left it out on purpose. `remote`:
 * there is only an address, which is never fetched. `refused`: it was there and was not taken in, see the loss report. `removed`: it was here, and
 * its owner deleted it.
 */
export type ArchiveMediaState = "stored" | "missing" | "omitted" | "remote" | "refused" | "removed";

export type ArchiveMedia = {
  readonly kind: ArchiveMediaKind;
  readonly state: ArchiveMediaState;
  /** As the export names it: a path, a file name or an address. */
  readonly name: string;
  /** SHA-256 of the bytes, base64url. */
  readonly sha256?: string;
  readonly bytes?: number;
  readonly type?: string;
  readonly caption?: string;
  readonly seconds?: number;
  readonly width?: number;
  readonly height?: number;
};

export type ArchiveReaction = {
  readonly emoji: string;
  /** Id of a person; absent where only a number of reactions is known. */
  readonly by?: string;
  readonly at?: number;
  readonly count?: number;
};

export type ArchiveSpan = {
  /** In UTF-16 units of `text`. */
  readonly start: number;
  readonly length: number;
  readonly style: string;
  readonly href?: string;
};

export type ArchiveReply = {
  /** The answered message, by the id that its service gave it. */
  readonly to?: string;
  readonly text?: string;
  readonly by?: string;
};

/** Where a record was read, so that it can be found again and told from a changed one. */
export type ArchivePlace = {
  readonly path: string;
  /** Bytes, or lines, from the start of the file; the importer says which in spec/archive-format.md. */
  readonly at: number;
  /** First 16 bytes of the SHA-256 of the record as it stood in the file, base64url. */
  readonly raw: string;
};

/** What a message has besides its place in the timeline: the part that the store keeps as one value. */
export type ArchiveDetails = {
  readonly time: ArchiveTime;
  /** The id that the service gave the message, if it gave one. */
  readonly nativeId?: string;
  readonly spans?: readonly ArchiveSpan[];
  readonly media?: readonly ArchiveMedia[];
  readonly reactions?: readonly ArchiveReaction[];
  readonly reply?: ArchiveReply;
  readonly forwardedFrom?: string;
  readonly editedAt?: number;
  /** Earlier wordings, oldest first. */
  readonly edits?: readonly { readonly text: string; readonly at?: number }[];
  readonly call?: { readonly seconds?: number; readonly isMissed?: boolean };
  readonly place?: { readonly latitude?: number; readonly longitude?: number; readonly name?: string };
  readonly poll?: {
    readonly question: string;
    readonly answers: readonly { readonly text: string; readonly votes?: number }[];
  };
  readonly links?: readonly string[];
  /** A word on how sure the reading is, for records that could be read in two ways. */
  readonly doubt?: string;
  /** Fields of the original record that the importer did not understand, as they were. */
  readonly extra?: { readonly [key: string]: unknown };
  readonly source: ArchivePlace;
};

export type ArchiveMessage = {
  /** 24 bytes, base64url: see {@link archiveMessageId}. */
  readonly id: string;
  /** Milliseconds since 1970-01-01T00:00Z. */
  readonly at: number;
  /** Id of a person; absent for lines that nobody wrote. */
  readonly sender?: string;
  readonly kind: ArchiveMessageKind;
  readonly text: string;
} & ArchiveDetails;

export type ArchivePerson = {
  /** 32 bytes, base64url: see {@link archivePersonId}. */
  readonly id: string;
  readonly service: ArchiveService;
  /** What the person was told apart by: an id of the service, or a name where it gives none. */
  readonly key: string;
  readonly name: string;
  /** Stands for many people, such as "Facebook user": one person in each conversation, and never merged by a suggestion. */
  readonly isPlaceholder: boolean;
  /** The person whose store this is, on that service. */
  readonly isMe?: boolean;
  /** Id of the person whom somebody said this one is. */
  readonly mergedInto?: string;
};

export type ArchiveConversation = {
  /** 16 bytes, base64url: see {@link archiveConversationId}. */
  readonly id: string;
  readonly service: ArchiveService;
  /** What the service tells the conversation apart by; all keys under which parts of it were imported. */
  readonly keys: readonly string[];
  /** Names by which two exports of one service are known to hold parts of it. */
  readonly joinKeys: readonly string[];
  readonly kind: ArchiveConversationKind;
  readonly title: string;
  /** Ids. */
  readonly people: readonly string[];
};
