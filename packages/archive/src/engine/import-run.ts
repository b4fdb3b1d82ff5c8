/**
 * The import: reads unit after unit, gives every message its id, keeps its files, and writes in batches. After a kill the same input goes on behind the
 * last batch that was written: units are read the same way each time, so what was counted is counted by its number.
 */
import {
  archiveConversationId,
  archiveMessageId,
  archivePersonId,
  type ArchivePerson,
  type ArchiveMedia,
  type ArchiveMessage,
  type ArchiveReaction,
  type ArchiveReply,
  type ArchiveService,
  base64urlToBytes,
  bytesToBase64url,
  logId,
  toId,
} from "@sotto/protocol";
import type { ImportContext, ImportUnit } from "../formats/format.ts";
import { type CountedProblem, ProblemLog } from "../problems.ts";
import type { ConversationHead, ImportItem, MessageDraft, PersonRef, ReactionDraft } from "../records/draft.ts";
import { asObject, parseJson } from "../json/fields.ts";
import { Identities } from "../records/identity.ts";
import { keepMedia } from "./keep-media.ts";
import { countSkipped, countUnparsed, emptyTally, type LossReport, type Tally } from "./report.ts";
import type { ArchiveSink, SinkConversation, SinkMessage, SinkPart, SinkPerson } from "./sink.ts";

const BATCH_MESSAGES = 1000;
const BATCH_PARTS = 2000;
const BATCH_CHARACTERS = 1024 * 1024;
const RAW_BYTES = 16;

export type ImportProgress = {
  readonly messages: number;
  readonly bytes: number;
  readonly mediaBytes: number;
  readonly unit: number;
  readonly units: number;
};

export type RunOptions = {
  /** Names the input: an import of the same input that was cut short goes on. */
  readonly importId: string;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly isCancelled?: () => boolean;
};

/** What a checkpoint holds, as JSON. `items` of unit number `unit` are dealt with, and so are all units before it. */
type Checkpoint = {
  readonly unit: number;
  readonly items: number;
  readonly tally: Tally;
  readonly problems: readonly CountedProblem[];
  readonly conversations: readonly string[];
  readonly people: readonly string[];
  readonly services: readonly ArchiveService[];
};

/** What this class wrote; of another shape if the store was damaged. */
function isCheckpoint(value: unknown): value is Checkpoint {
  const { unit, items, tally, problems, conversations, people, services } = asObject(value) ?? {};
  const areNumbers = [unit, items].every((number) => typeof number === "number" && Number.isSafeInteger(number) && number >= 0);
  const { messages, media, skipped } = asObject(tally) ?? {};
  const isTally = [messages, media, skipped].every((counts) => asObject(counts) !== undefined);
  return areNumbers && isTally && [problems, conversations, people, services].every((list) => Array.isArray(list));
}

type Pending = { readonly target: SinkConversation; readonly messages: { readonly draft: MessageDraft; readonly identity: Uint8Array }[] };

export class ImportRun {
  readonly #sink: ArchiveSink;
  readonly #context: ImportContext;
  readonly #options: RunOptions;
  #tally = emptyTally();
  #problems: ProblemLog;
  readonly #conversations = new Set<string>();
  readonly #people = new Set<string>();
  readonly #services = new Set<ArchiveService>();
  #unit = 0;
  #items = 0;
  #bytes = 0;
  #mediaBytes = 0;
  /** Conversations of this unit, by service and key. */
  #targets = new Map<string, SinkConversation>();
  #persons = new Map<string, SinkPerson>();
  #pending: Pending[] = [];
  readonly #told: ArchivePerson[] = [];
  #pendingMessages = 0;
  #pendingCharacters = 0;

  constructor(sink: ArchiveSink, context: ImportContext, options: RunOptions) {
    this.#sink = sink;
    this.#context = context;
    this.#options = options;
    this.#problems = ProblemLog.from(context.tree.problems.list());
  }

  /** The report; of what was done so far, if it was cancelled. */
  async run(units: readonly ImportUnit[]): Promise<LossReport> {
    const { unit: first, items } = this.#restore(await this.#sink.begin(this.#options.importId));
    for (const [index, unit] of units.entries()) {
      if (index < first) continue;
      this.#unit = index;
      const isWhole = await this.#runUnit(unit, index === first ? items : 0);
      if (!isWhole) return this.#report();
      this.#bytes += unit.files.reduce((sum, file) => sum + file.bytes, 0);
      this.#tell(units.length);
    }
    await this.#sink.end();
    return this.#report();
  }

  #restore(checkpoint: string | undefined): { readonly unit: number; readonly items: number } {
    const saved: unknown = parseJson(checkpoint)?.value;
    // From the start: what is there already is known, and does not come in twice.
    if (!isCheckpoint(saved)) return { unit: 0, items: 0 };
    this.#tally = saved.tally;
    this.#problems = ProblemLog.from(saved.problems);
    for (const id of saved.conversations) this.#conversations.add(id);
    for (const id of saved.people) this.#people.add(id);
    for (const service of saved.services) this.#services.add(service);
    return { unit: saved.unit, items: saved.items };
  }

  /** False if it was cancelled. `done` items of it were written by an earlier run: ids are counted again for them, nothing else. */
  async #runUnit(unit: ImportUnit, done: number): Promise<boolean> {
    const identities = new Identities(this.#context.ports);
    this.#items = 0;
    this.#targets = new Map();
    this.#persons = new Map();
    let part: Pending | undefined;
    for await (const item of unit.read(this.#context)) {
      this.#items += 1;
      const isDone = this.#items <= done;
      if (item.kind === "conversation") {
        part = { target: await this.#resolve(item.head), messages: [] };
        this.#pending.push(part);
      } else if (item.kind === "person") await this.#tellOf(item.person);
      else if (item.kind === "message" && part !== undefined) {
        const identity = item.draft.identity ?? identities.next(item.draft, bytesToBase64url(part.target.id));
        if (!isDone) this.#take(part, { draft: item.draft, identity });
      } else if (item.kind !== "message" && !isDone) this.#count(item);
      if (part !== undefined && this.#isFull) {
        await this.#flush();
        part = { target: part.target, messages: [] };
        this.#pending.push(part);
        if (this.#options.isCancelled?.() === true) return false;
      }
    }
    await this.#flush();
    await this.#tellAll();
    return this.#options.isCancelled?.() !== true;
  }

  get #isFull(): boolean {
    return this.#pendingMessages >= BATCH_MESSAGES || this.#pendingCharacters >= BATCH_CHARACTERS || this.#pending.length >= BATCH_PARTS;
  }

  #count(item: Extract<ImportItem, { kind: "skipped" | "problem" }>): void {
    if (item.kind === "skipped") return countSkipped(this.#tally, item.reason, item.count);
    this.#problems.add(item.problem);
    countUnparsed(this.#tally, item.lost);
  }

  async #tellOf(person: ArchivePerson): Promise<void> {
    this.#told.push(person);
    if (this.#told.length >= BATCH_MESSAGES) await this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    if (this.#told.length > 0) await this.#sink.tell(this.#told.splice(0));
  }

  #take(part: Pending, message: Pending["messages"][number]): void {
    part.messages.push(message);
    this.#pendingMessages += 1;
    this.#pendingCharacters += message.draft.text.length + 200;
  }

  async #resolve(head: ConversationHead): Promise<SinkConversation> {
    const { service, key, joinKey, kind, title } = head;
    const people = head.people.map((ref) => this.#person(ref, head));
    const { moreKeys = [], moreJoinKeys = [] } = head.stored ?? {};
    const id =
      head.stored === undefined ? archiveConversationId(service, key) : toId(logId, base64urlToBytes(head.stored.id) ?? new Uint8Array());
    const made: SinkConversation = { id, service, key, joinKey, moreKeys, moreJoinKeys, kind, title, people };
    const name = `${service}\0${key}`;
    const resolved = this.#targets.get(name)?.id ?? (await this.#sink.resolve(made));
    this.#services.add(service);
    this.#conversations.add(bytesToBase64url(resolved));
    this.#targets.set(name, { ...made, id: resolved });
    return { ...made, id: resolved };
  }

  #person(ref: PersonRef, { service, key }: Pick<ConversationHead, "service" | "key">): SinkPerson {
    const scoped = ref.isPlaceholder === true && ref.isScoped !== true ? `${ref.key}\0${key}` : ref.key;
    const known = this.#persons.get(scoped);
    if (known !== undefined) return known;
    const made = { id: archivePersonId(service, scoped), key: scoped, name: ref.name, isPlaceholder: ref.isPlaceholder === true };
    this.#persons.set(scoped, made);
    this.#people.add(bytesToBase64url(made.id));
    return made;
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    if (pending.length === 0) return;
    this.#pending = [];
    this.#pendingMessages = 0;
    this.#pendingCharacters = 0;
    const idOf = ({ target }: Pending, { draft, identity }: Pending["messages"][number]): Uint8Array =>
      archiveMessageId(target.id, draft.at, identity);
    const known = await this.#sink.known(pending.flatMap((part) => part.messages.map((message) => idOf(part, message))));
    const parts: SinkPart[] = [];
    for (const part of pending) {
      const [added, completed]: [SinkMessage[], SinkMessage[]] = [[], []];
      for (const message of part.messages) {
        const id = idOf(part, message);
        const before = known.get(bytesToBase64url(id));
        const made = await this.#deal(part.target, { draft: message.draft, id }, before);
        if (made !== undefined) (before === undefined ? added : completed).push(made);
      }
      parts.push({ conversation: part.target, added, completed });
    }
    await this.#sink.write({ parts, checkpoint: this.#checkpoint() });
    this.#tell(undefined);
  }

  /** Counts a message and its files; gives what is to be written of it. */
  async #deal(
    target: SinkConversation,
    { draft, id }: { readonly draft: MessageDraft; readonly id: Uint8Array },
    before: readonly ArchiveMedia[] | undefined,
  ): Promise<SinkMessage | undefined> {
    const { messages } = this.#tally;
    const kept = await keepMedia(draft.media ?? [], before, { sink: this.#sink, tally: this.#tally, problems: this.#problems });
    this.#mediaBytes += kept.bytes;
    messages.read += 1;
    if (before === undefined) messages.imported += 1;
    else messages.duplicate += 1;
    return before === undefined || kept.isCompleted ? this.#message(target, { draft, id, media: kept.media }) : undefined;
  }

  #message(
    target: SinkConversation,
    made: { readonly draft: MessageDraft; readonly id: Uint8Array; readonly media: readonly ArchiveMedia[] },
  ): SinkMessage {
    const { sender: ref, reactions, reply, source, media: _media, identity: _identity, ...rest } = made.draft;
    const personId = (person: PersonRef): string => bytesToBase64url(this.#person(person, target).id);
    const sender = ref && this.#person(ref, target);
    const record: ArchiveMessage = {
      ...rest,
      id: bytesToBase64url(made.id),
      ...(sender === undefined ? {} : { sender: bytesToBase64url(sender.id) }),
      ...(made.media.length === 0 ? {} : { media: made.media }),
      ...(reactions === undefined ? {} : { reactions: reactions.map((reaction) => reactionWith(reaction, personId)) }),
      ...(reply === undefined ? {} : { reply: replyWith(reply, personId) }),
      source: { path: source.path, at: source.at, raw: bytesToBase64url(source.raw.subarray(0, RAW_BYTES)) },
    };
    return { id: made.id, sender, record };
  }

  #checkpoint(): string {
    const saved: Checkpoint = {
      unit: this.#unit,
      items: this.#items,
      tally: this.#tally,
      problems: this.#problems.list(),
      conversations: [...this.#conversations],
      people: [...this.#people],
      services: [...this.#services],
    };
    return JSON.stringify(saved);
  }

  #tell(units: number | undefined): void {
    this.#options.onProgress?.({
      messages: this.#tally.messages.read,
      bytes: this.#bytes,
      mediaBytes: this.#mediaBytes,
      unit: this.#unit,
      units: units ?? 0,
    });
  }

  #report(): LossReport {
    return {
      messages: this.#tally.messages,
      media: this.#tally.media,
      conversations: this.#conversations.size,
      people: this.#people.size,
      services: [...this.#services],
      skipped: this.#tally.skipped,
      problems: this.#problems.list(),
    };
  }
}

function reactionWith({ by, ...reaction }: ReactionDraft, idOf: (person: PersonRef) => string): ArchiveReaction {
  return by === undefined ? reaction : { ...reaction, by: idOf(by) };
}

function replyWith({ by, ...reply }: NonNullable<MessageDraft["reply"]>, idOf: (person: PersonRef) => string): ArchiveReply {
  return by === undefined ? reply : { ...reply, by: idOf(by) };
}
