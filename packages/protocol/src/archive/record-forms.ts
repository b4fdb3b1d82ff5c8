/** Checks of records that come from a file: an archive that is imported is as untrusted as any export. Unknown fields are refused, but in `extra`. */
import * as v from "valibot";
import { checkForm } from "../codec/form.ts";
import type { Outcome } from "../outcome.ts";
import { base64urlToBytes } from "../text-forms.ts";
import { isWellFormedText } from "../utf8.ts";
import {
  ARCHIVE_CONVERSATION_KINDS,
  ARCHIVE_MEDIA_KINDS,
  ARCHIVE_MESSAGE_KINDS,
  ARCHIVE_SERVICES,
  type ArchiveConversation,
  type ArchiveMessage,
  type ArchivePerson,
} from "./record.ts";

const TEXT_MAX = 1024 * 1024;
const NAME_MAX = 2048;
const LIST_MAX = 10_000;

const text = (max: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.maxLength(max),
    v.check((value) => isWellFormedText(value) && !value.includes("\0")),
  );
const bytes = (length: number): v.GenericSchema<string> =>
  v.pipe(
    v.string(),
    v.maxLength(64),
    v.check((value) => base64urlToBytes(value)?.length === length),
  );
const list = <S extends v.GenericSchema>(
  item: S,
): v.SchemaWithPipe<readonly [v.ArraySchema<S, undefined>, v.MaxLengthAction<v.InferOutput<S>[], number, undefined>]> =>
  v.pipe(v.array(item), v.maxLength(LIST_MAX));
const whole = v.pipe(v.number(), v.safeInteger());
const count = v.pipe(whole, v.minValue(0));
const number = v.pipe(v.number(), v.finite());
const person = bytes(32);

const time = v.strictObject({ precision: v.picklist(["ms", "s", "min", "day", "none"]), zone: v.picklist(["utc", "offset", "assumed"]) });

const media = v.strictObject({
  kind: v.picklist(ARCHIVE_MEDIA_KINDS),
  state: v.picklist(["stored", "missing", "omitted", "remote", "refused", "removed"]),
  name: text(NAME_MAX),
  sha256: v.exactOptional(bytes(32)),
  bytes: v.exactOptional(count),
  type: v.exactOptional(text(NAME_MAX)),
  caption: v.exactOptional(text(TEXT_MAX)),
  seconds: v.exactOptional(number),
  width: v.exactOptional(number),
  height: v.exactOptional(number),
});

const message = v.strictObject({
  id: bytes(24),
  at: count,
  sender: v.exactOptional(person),
  kind: v.picklist(ARCHIVE_MESSAGE_KINDS),
  text: text(TEXT_MAX),
  time,
  nativeId: v.exactOptional(text(NAME_MAX)),
  spans: v.exactOptional(
    list(v.strictObject({ start: count, length: count, style: text(NAME_MAX), href: v.exactOptional(text(TEXT_MAX)) })),
  ),
  media: v.exactOptional(list(media)),
  reactions: v.exactOptional(
    list(v.strictObject({ emoji: text(NAME_MAX), by: v.exactOptional(person), at: v.exactOptional(whole), count: v.exactOptional(count) })),
  ),
  reply: v.exactOptional(
    v.strictObject({ to: v.exactOptional(text(NAME_MAX)), text: v.exactOptional(text(TEXT_MAX)), by: v.exactOptional(person) }),
  ),
  forwardedFrom: v.exactOptional(text(NAME_MAX)),
  editedAt: v.exactOptional(whole),
  edits: v.exactOptional(list(v.strictObject({ text: text(TEXT_MAX), at: v.exactOptional(whole) }))),
  call: v.exactOptional(v.strictObject({ seconds: v.exactOptional(number), isMissed: v.exactOptional(v.boolean()) })),
  place: v.exactOptional(
    v.strictObject({ latitude: v.exactOptional(number), longitude: v.exactOptional(number), name: v.exactOptional(text(NAME_MAX)) }),
  ),
  poll: v.exactOptional(
    v.strictObject({
      question: text(TEXT_MAX),
      answers: list(v.strictObject({ text: text(TEXT_MAX), votes: v.exactOptional(number) })),
    }),
  ),
  links: v.exactOptional(list(text(TEXT_MAX))),
  doubt: v.exactOptional(text(NAME_MAX)),
  extra: v.exactOptional(v.record(v.string(), v.unknown())),
  source: v.strictObject({ path: text(4096), at: count, raw: bytes(16) }),
});

const personForm = v.strictObject({
  id: person,
  service: v.picklist(ARCHIVE_SERVICES),
  key: v.pipe(v.string(), v.maxLength(4096), v.check(isWellFormedText)),
  name: text(NAME_MAX),
  isPlaceholder: v.boolean(),
  isMe: v.exactOptional(v.boolean()),
  mergedInto: v.exactOptional(person),
});

const keys = list(v.pipe(v.string(), v.maxLength(8192), v.check(isWellFormedText)));
const conversation = v.object({
  id: bytes(16),
  service: v.picklist(ARCHIVE_SERVICES),
  keys: v.pipe(keys, v.minLength(1)),
  joinKeys: keys,
  kind: v.picklist(ARCHIVE_CONVERSATION_KINDS),
  title: text(NAME_MAX),
  people: list(person),
});

export function parseArchiveMessage(value: unknown): Outcome<ArchiveMessage> {
  return checkForm(message, value);
}

export function parseArchivePerson(value: unknown): Outcome<ArchivePerson> {
  return checkForm(personForm, value);
}

export function parseArchiveConversation(value: unknown): Outcome<ArchiveConversation> {
  return checkForm(conversation, value);
}
