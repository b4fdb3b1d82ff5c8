/**
 * What a message says (spec/content.md §Kinds), and how each kind is written as MIMI content:
 *
 *   text        single part, text/markdown;variant=GFM-MIMI or text/plain;charset=utf-8, disposition render;
 *               with attachments a multipart (process all): the text first, unless empty, then the attachments
 *   reaction    single part, text/plain, disposition reaction, inReplyTo the message
 *   unreaction  null part, disposition reaction, replaces the reaction
 *   deletion    null part, disposition render, replaces the message: a tombstone
 *   edit        any text with `replaces`;  reply: any with `inReplyTo`
 *   status, typing, poll, vote, contact    see application-parts.ts
 *   group       a change of group state, see group/group-change.ts
 *   unknown     valid MIMI that this version cannot read: kept and shown as "needs a newer version", never as an error
 */
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, ProtocolError, success } from "../outcome.ts";
import { decodeUtf8, encodeUtf8, isWellFormedText, utf8Length } from "../utf8.ts";
import { type GroupChange } from "../group/group-state.ts";
import { decodeGroupChange, encodeGroupChange, GROUP_CHANGE_TYPE } from "../group/group-change.ts";
import {
  APPLICATION_TYPES,
  type ApplicationBody,
  applicationKind,
  decodeApplicationBody,
  encodeApplicationBody,
} from "./application-parts.ts";
import { type Attachment, attachmentFromPart, attachmentToPart, isAttachmentPart } from "./attachment.ts";
import { decodeMimiContent, encodeMimiContent, type Expiry } from "./mimi-content.ts";
import { DISPOSITION, type NestedPart, type SinglePart } from "./mimi-parts.ts";
import type { MessageId } from "../ids.ts";

export const TEXT_TYPES = { markdown: "text/markdown;variant=GFM-MIMI", plain: "text/plain;charset=utf-8" } as const;
export type TextFormat = keyof typeof TEXT_TYPES;

export type TextBody = {
  readonly kind: "text";
  readonly text: string;
  readonly format: TextFormat;
  readonly attachments: readonly Attachment[];
};

export type Body =
  | TextBody
  | { readonly kind: "reaction"; readonly emoji: string }
  | { readonly kind: "unreaction" }
  | { readonly kind: "deletion" }
  | { readonly kind: "group"; readonly change: GroupChange }
  | { readonly kind: "unknown"; readonly part: NestedPart }
  | ApplicationBody;

export type Content = {
  readonly salt: Uint8Array;
  readonly replaces: MessageId | null;
  readonly inReplyTo: MessageId | null;
  readonly expires: Expiry | null;
  /** Groups messages into a thread; empty for none. */
  readonly topicId: Uint8Array;
  readonly body: Body;
};

/** Content without any relation to other messages. */
export function plainContent(salt: Uint8Array, body: Body): Content {
  return { salt, body, replaces: null, inReplyTo: null, expires: null, topicId: new Uint8Array(0) };
}

/** The bytes under tag and message id, before padding. A text or message that is too large is an outcome. */
export function encodeContent(content: Content): Outcome<Uint8Array> {
  const problem = misfit(content);
  if (problem !== undefined) return failure(problem);
  const { body, ...container } = content;
  try {
    // What no reader takes for a poll or a vote is not sent as one.
    const isPoll = body.kind === "poll" || body.kind === "vote";
    const read = isPoll ? decodeApplicationBody(body.kind, encodeApplicationBody(body)) : undefined;
    if (read?.ok === false) return failure("content_invalid");
    return success(encodeMimiContent({ ...container, extensions: new Map(), part: bodyToPart(body) }));
  } catch (error) {
    if (error instanceof ProtocolError) return failure(error.code);
    throw error;
  }
}

export function decodeContent(bytes: Uint8Array): Outcome<Content> {
  const mimi = decodeMimiContent(bytes);
  if (!mimi.ok) return mimi;
  const { salt, replaces, inReplyTo, expires, topicId, part } = mimi.value;
  const content: Content = { salt, replaces, inReplyTo, expires, topicId, body: bodyFromPart(part) };
  const problem = misfit(content);
  return problem === undefined ? success(content) : failure(problem);
}

/** A relation that the kind needs and does not have, or a text above its limit. */
function misfit({ body, replaces, inReplyTo }: Content): "content_invalid" | "content_too_large" | undefined {
  switch (body.kind) {
    case "text":
      if (!isWellFormedText(body.text)) return "content_invalid";
      if (body.attachments.length > LIMITS.attachmentsPerMessageMax) return "content_too_large";
      return utf8Length(body.text) > LIMITS.textBytesMax ? "content_too_large" : undefined;
    case "reaction": {
      const fits = isWellFormedText(body.emoji) && body.emoji !== "" && utf8Length(body.emoji) <= LIMITS.reactionBytesMax;
      return fits && inReplyTo !== null ? undefined : "content_invalid";
    }
    case "unreaction":
    case "deletion":
      return replaces === null ? "content_invalid" : undefined;
    case "vote":
      return inReplyTo === null ? "content_invalid" : undefined;
    case "status":
    case "typing":
    case "poll":
    case "contact":
    case "group":
    case "unknown":
      return undefined;
  }
}

function single(contentType: string, content: Uint8Array, disposition: number = DISPOSITION.render): SinglePart {
  return { kind: "single", disposition, language: "", contentType, content };
}

function textToPart({ text, format, attachments }: TextBody): NestedPart {
  const words = single(TEXT_TYPES[format], encodeUtf8(text));
  const files = attachments.map(attachmentToPart);
  const parts: readonly NestedPart[] = text === "" ? files : [words, ...files];
  const [only = words] = parts;
  if (parts.length < 2) return only;
  return { kind: "multi", disposition: DISPOSITION.render, language: "", semantics: "processAll", parts };
}

function bodyToPart(body: Body): NestedPart {
  switch (body.kind) {
    case "text":
      return textToPart(body);
    case "reaction":
      return single(TEXT_TYPES.plain, encodeUtf8(body.emoji), DISPOSITION.reaction);
    case "unreaction":
      return { kind: "null", disposition: DISPOSITION.reaction, language: "" };
    case "deletion":
      return { kind: "null", disposition: DISPOSITION.render, language: "" };
    case "group":
      return single(GROUP_CHANGE_TYPE, encodeGroupChange(body.change), DISPOSITION.unspecified);
    case "unknown":
      return body.part;
    case "status":
    case "typing":
    case "poll":
    case "vote":
    case "contact":
      return single(APPLICATION_TYPES[body.kind], encodeApplicationBody(body), DISPOSITION.unspecified);
  }
}

function bodyFromPart(part: NestedPart): Body {
  switch (part.kind) {
    case "null":
      return { kind: part.disposition === DISPOSITION.reaction ? "unreaction" : "deletion" };
    case "single":
      return fromSingle(part) ?? { kind: "unknown", part };
    case "multi":
      return fromTextAndFiles(isAttachmentPart(part) ? [part] : part.parts) ?? { kind: "unknown", part };
    case "external":
      return { kind: "unknown", part };
  }
}

function formatOf(contentType: string): TextFormat | undefined {
  if (contentType === TEXT_TYPES.markdown) return "markdown";
  return contentType === TEXT_TYPES.plain ? "plain" : undefined;
}

function fromSingle(part: SinglePart): Body | undefined {
  const format = formatOf(part.contentType);
  if (format !== undefined) {
    const text = decodeUtf8(part.content);
    if (text === undefined) return undefined;
    return part.disposition === DISPOSITION.reaction ? { kind: "reaction", emoji: text } : { kind: "text", text, format, attachments: [] };
  }
  if (part.contentType === GROUP_CHANGE_TYPE) {
    const change = decodeGroupChange(part.content);
    return change.ok ? { kind: "group", change: change.value } : undefined;
  }
  const kind = applicationKind(part.contentType);
  if (kind === undefined) return undefined;
  const body = decodeApplicationBody(kind, part.content);
  return body.ok ? body.value : undefined;
}

function fromTextAndFiles(parts: readonly NestedPart[]): TextBody | undefined {
  const [first, ...rest] = parts;
  if (first === undefined) return undefined;
  const words = first.kind === "single" ? fromSingle(first) : undefined;
  if (words !== undefined && words.kind !== "text") return undefined;
  const attachments: Attachment[] = [];
  for (const part of words === undefined ? parts : rest) {
    const attachment = isAttachmentPart(part) ? attachmentFromPart(part) : undefined;
    if (attachment?.ok !== true) return undefined;
    attachments.push(attachment.value);
  }
  return { kind: "text", text: words?.text ?? "", format: words?.format ?? "markdown", attachments };
}
