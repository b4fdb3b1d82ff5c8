/**
 * The group of one person's own devices (spec/groups.md §Self group): a conversation of kind `self`. What it carries are items: a media type and
 * bytes that the client defines, such as settings, read marks, drafts and keys, each a MIMI single part that no other conversation shows.
 */
import { type Body, type Content, DISPOSITION, plainContent, SALT_BYTES } from "@sotto/protocol";
import type { ContentDraft } from "../messages/seal.ts";

export type SelfItem = { readonly contentType: string; readonly bytes: Uint8Array };

/** For sealContent in the self group. */
export function selfItemDraft({ contentType, bytes }: SelfItem): ContentDraft {
  const part = { kind: "single" as const, disposition: DISPOSITION.unspecified, language: "", contentType, content: bytes };
  const body: Body = { kind: "unknown", part };
  const { salt: _, ...draft } = plainContent(new Uint8Array(SALT_BYTES), body);
  return draft;
}

/** The item that a message in the self group carries; undefined for other content. */
export function readSelfItem({ body }: Content): SelfItem | undefined {
  if (body.kind !== "unknown" || body.part.kind !== "single") return undefined;
  return { contentType: body.part.contentType, bytes: body.part.content };
}
