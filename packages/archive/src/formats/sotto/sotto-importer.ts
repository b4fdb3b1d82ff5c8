/**
 * Sotto's own archive (spec/archive-format.md §Files), back in: ids are those that stand there, so that a store that was exported and imported is the same.
 * It is as untrusted as any other export: what does not have the form is left out.
 */
import {
  ARCHIVE_IDENTITY_BYTES,
  type ArchiveMedia,
  type ArchiveMessage,
  type ArchivePerson,
  base64urlToBytes,
  parseArchiveConversation,
  parseArchiveMessage,
  parseArchivePerson,
} from "@sotto/protocol";
import { mediaPath } from "../../export/media-names.ts";
import { type ExportFile, FileDamage, wholeOf } from "../../input/export-file.ts";
import { linesOf } from "../../input/lines.ts";
import { folderOf } from "../../input/safe-path.ts";
import { parseJson } from "../../json/fields.ts";
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ProblemCode } from "../../problems.ts";
import type { ConversationHead, ImportItem, MediaDraft, MessageDraft, PersonRef } from "../../records/draft.ts";
import { isPlausible } from "../../records/times.ts";
import type { ImportContext, Importer, ImportUnit } from "../format.ts";

function isOurs(file: ExportFile, head: string): boolean {
  if (isHead(file)) return head.includes('"format": "sotto-archive"');
  if (isPeople(file)) return /^\{"id":"[A-Za-z0-9_-]{43}"/.test(head);
  return /(^|\/)messages-\d{5}\.jsonl$/.test(file.path) && /^\{"at":\d+,/.test(head);
}

const isPeople = ({ path }: ExportFile): boolean => /(^|\/)people\.jsonl$/.test(path);
const isHead = ({ path }: ExportFile): boolean => /(^|\/)conversation\.json$/.test(path);

type People = ReadonlyMap<string, ArchivePerson>;
type Lost = { readonly at: number; readonly lost: number };

const problem = (file: ExportFile, code: ProblemCode, { at, lost }: Lost): ImportItem => ({
  kind: "problem",
  problem: { path: file.place, code, at },
  lost,
});

const refOf = ({ key, name, isPlaceholder }: ArchivePerson): PersonRef => ({ key, name, isPlaceholder, isScoped: true });

async function* peopleIn(file: ExportFile, { ports }: ImportContext): AsyncGenerator<ArchivePerson | undefined> {
  for await (const line of linesOf(file)) {
    const parsed = line.kind === "line" ? parseArchivePerson(parseJson(ports.decodeUtf8(line.bytes))?.value) : undefined;
    yield parsed?.ok === true ? parsed.value : undefined;
  }
}

async function readPeople(file: ExportFile | undefined, context: ImportContext): Promise<People> {
  const people = new Map<string, ArchivePerson>();
  try {
    if (file !== undefined) for await (const person of peopleIn(file, context)) if (person !== undefined) people.set(person.id, person);
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
  }
  return people;
}

function headFrom(value: unknown, people: People): ConversationHead | undefined {
  const parsed = parseArchiveConversation(value);
  if (!parsed.ok) return undefined;
  const { id, service, kind, title, keys, joinKeys, people: members } = parsed.value;
  const [key, ...moreKeys] = keys;
  const [joinKey, ...moreJoinKeys] = joinKeys;
  if (key === undefined) return undefined;
  const refs = members.flatMap((member) => people.get(member) ?? []).map(refOf);
  return { service, key, kind, title, people: refs, stored: { id, moreKeys, moreJoinKeys }, ...(joinKey === undefined ? {} : { joinKey }) };
}

type At = { readonly people: People; readonly context: ImportContext; readonly file: ExportFile; readonly folder: string };

function mediaFrom({ sha256, bytes: _bytes, state, ...rest }: ArchiveMedia, { context, folder, file }: At): MediaDraft {
  if (state !== "stored") return { ...rest, state: state === "refused" ? "missing" : state };
  const path = sha256 === undefined ? undefined : mediaPath({ ...rest, sha256 });
  const found = path === undefined ? undefined : context.tree.find(folder === "" ? path : `${folder}/${path}`, file);
  return { ...rest, state: "missing", ...(found === undefined ? {} : { file: found }) };
}

function draftFrom(message: ArchiveMessage, at: At): MessageDraft {
  const { id, sender, media, reactions, reply, source, ...rest } = message;
  const by = (reference: string | undefined): { readonly by?: PersonRef } => {
    const found = at.people.get(reference ?? "");
    return found === undefined ? {} : { by: refOf(found) };
  };
  const author = by(sender).by;
  return {
    ...rest,
    identity: (base64urlToBytes(id) ?? new Uint8Array()).slice(-ARCHIVE_IDENTITY_BYTES),
    source: { ...source, raw: base64urlToBytes(source.raw) ?? new Uint8Array() },
    ...(author === undefined ? {} : { sender: author }),
    ...(media === undefined ? {} : { media: media.map((item) => mediaFrom(item, at)) }),
    ...(reactions === undefined ? {} : { reactions: reactions.map(({ by: who, ...reaction }) => ({ ...reaction, ...by(who) })) }),
    ...(reply === undefined ? {} : { reply: withoutBy(reply, by(reply.by)) }),
  };
}

function withoutBy(
  { by: _by, ...reply }: NonNullable<ArchiveMessage["reply"]>,
  by: { readonly by?: PersonRef },
): NonNullable<MessageDraft["reply"]> {
  return { ...reply, ...by };
}

class ConversationReader {
  readonly #context: ImportContext;
  readonly #head: ExportFile;
  readonly #parts: readonly ExportFile[];
  readonly #peopleFile: ExportFile | undefined;

  constructor(
    context: ImportContext,
    files: { readonly head: ExportFile; readonly parts: readonly ExportFile[]; readonly people: ExportFile | undefined },
  ) {
    this.#context = context;
    this.#head = files.head;
    this.#parts = files.parts;
    this.#peopleFile = files.people;
  }

  async *read(): AsyncGenerator<ImportItem> {
    const { ports } = this.#context;
    const people = await readPeople(this.#peopleFile, this.#context);
    const folder = folderOf(folderOf(folderOf(this.#head.path)));
    try {
      const head = headFrom(parseJson(ports.decodeUtf8(await wholeOf(this.#head, ARCHIVE_LIMITS.recordBytesMax)))?.value, people);
      if (head === undefined) {
        yield problem(this.#head, "record_invalid", { at: 0, lost: 0 });
        return;
      }
      yield { kind: "conversation", head };
      for (const file of this.#parts) yield* this.#messages({ people, context: this.#context, file, folder });
    } catch (error) {
      if (!(error instanceof FileDamage)) throw error;
      yield problem(this.#head, error.code, { at: 0, lost: 0 });
    }
  }

  async *#messages(at: At): AsyncGenerator<ImportItem> {
    const { file } = at;
    for await (const line of linesOf(file, ARCHIVE_LIMITS.recordBytesMax)) {
      const parsed = line.kind === "line" ? parseArchiveMessage(parseJson(this.#context.ports.decodeUtf8(line.bytes))?.value) : undefined;
      if (parsed?.ok === true && isPlausible(parsed.value.at)) yield { kind: "message", draft: draftFrom(parsed.value, at) };
      else yield problem(file, line.kind === "line" ? "record_invalid" : "line_too_long", { at: line.at, lost: 1 });
    }
  }
}

async function* readAllPeople(file: ExportFile, context: ImportContext): AsyncGenerator<ImportItem> {
  try {
    for await (const person of peopleIn(file, context)) {
      yield person === undefined ? problem(file, "record_invalid", { at: 0, lost: 0 }) : { kind: "person", person };
    }
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
    yield problem(file, error.code, { at: 0, lost: 0 });
  }
}

export const sottoImporter: Importer = {
  name: "sotto",
  claims: isOurs,
  units: (files) => {
    const people = files.filter(isPeople);
    const service = "sotto";
    const ofConversations = files.filter(isHead).map((head): ImportUnit => {
      const near = (file: ExportFile): boolean => file.container === head.container;
      const parts = files
        .filter((file) => near(file) && file !== head && folderOf(file.path) === folderOf(head.path))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
      const root = folderOf(folderOf(folderOf(head.path)));
      const ours = people.find((file) => near(file) && folderOf(file.path) === root);
      const read: ImportUnit["read"] = (context) => new ConversationReader(context, { head, parts, people: ours }).read();
      return { id: `sotto/${head.place}`, service, files: [head, ...parts], read };
    });
    const ofPeople = people.map((file): ImportUnit => ({
      id: `sotto/${file.place}`,
      service,
      files: [file],
      read: (context) => readAllPeople(file, context),
    }));
    return [...ofConversations, ...ofPeople];
  },
};
