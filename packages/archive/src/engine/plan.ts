/** What an import would do, from reading everything and writing nothing: shown to the person before anything is kept. */
import type { ArchiveConversationKind, ArchiveService } from "@sotto/protocol";
import type { ImportContext, ImportUnit } from "../formats/format.ts";
import { type CountedProblem, ProblemLog } from "../problems.ts";
import type { ConversationHead, PersonRef } from "../records/draft.ts";
import { countNamed, findMissingParts, type MissingPart, type NamedFiles } from "./missing-parts.ts";
import { countSkipped, countUnparsed, emptyTally, type MediaCounts, type MessageCounts } from "./report.ts";

export type PlannedConversation = {
  readonly service: ArchiveService;
  readonly key: string;
  readonly kind: ArchiveConversationKind;
  readonly title: string;
  readonly people: number;
  readonly messages: number;
  readonly first: number | undefined;
  readonly last: number | undefined;
};

export type ImportPlan = {
  readonly messages: Readonly<Pick<MessageCounts, "read" | "skipped" | "unparsed">>;
  readonly media: Readonly<Pick<MediaCounts, "read" | "missing">> & { readonly bytes: number };
  readonly conversations: readonly PlannedConversation[];
  readonly people: number;
  readonly services: readonly ArchiveService[];
  /** For each service, who is in most direct conversations: most likely the person whose export it is. */
  readonly me: readonly { readonly service: ArchiveService; readonly name: string; readonly key: string; readonly isSure: boolean }[];
  /** Parts of the export that seem not to have been handed in. */
  readonly missingParts: readonly MissingPart[];
  /** Services of which messages name files that are not there. */
  readonly missingFiles: readonly Readonly<NamedFiles>[];
  readonly problems: readonly CountedProblem[];
};

/** `owner` is the person whose export it is, once they have written. */
type Seen = { head: ConversationHead; owner?: PersonRef; messages: number; first: number; last: number };

export type PlanProgress = { readonly bytes: number; readonly messages: number };

export async function makePlan(
  units: readonly ImportUnit[],
  context: ImportContext,
  onProgress: (progress: PlanProgress) => void = () => undefined,
): Promise<ImportPlan> {
  const [tally, problems] = [emptyTally(), ProblemLog.from(context.tree.problems.list())];
  const conversations = new Map<string, Seen>();
  const people = new Set<string>();
  const named = new Map<ArchiveService, NamedFiles>();
  let [mediaBytes, bytes] = [0, 0];
  for (const unit of units) {
    let seen: Seen | undefined;
    for await (const item of unit.read(context)) {
      switch (item.kind) {
        case "conversation": {
          const key = `${item.head.service}\0${item.head.key}`;
          seen = conversations.get(key) ?? { head: item.head, messages: 0, first: Infinity, last: -Infinity };
          seen.head = item.head;
          conversations.set(key, seen);
          for (const person of item.head.people) people.add(personIn(item.head, person));
          break;
        }
        case "message": {
          tally.messages.read += 1;
          if (seen !== undefined) {
            seen.messages += 1;
            if (item.draft.sender !== undefined && item.draft.sender.key === seen.head.owner) seen.owner = item.draft.sender;
            seen.first = Math.min(seen.first, item.draft.at);
            seen.last = Math.max(seen.last, item.draft.at);
          }
          if (item.draft.sender !== undefined && seen !== undefined) people.add(personIn(seen.head, item.draft.sender));
          for (const media of item.draft.media ?? []) {
            tally.media.read += 1;
            if (seen !== undefined) countNamed(named, seen.head.service, media);
            if (media.file === undefined) tally.media.missing += 1;
            else mediaBytes += media.file.bytes;
          }
          break;
        }
        case "person":
          break;
        case "skipped":
          countSkipped(tally, item.reason, item.count);
          break;
        case "problem":
          problems.add(item.problem);
          countUnparsed(tally, item.lost);
          break;
      }
    }
    bytes += unit.files.reduce((sum, file) => sum + file.bytes, 0);
    onProgress({ bytes, messages: tally.messages.read });
  }
  const list = [...conversations.values()];
  const { read, skipped, unparsed } = tally.messages;
  return {
    messages: { read, skipped, unparsed },
    media: { read: tally.media.read, missing: tally.media.missing, bytes: mediaBytes },
    conversations: list.map(planned),
    people: people.size,
    services: [...new Set(list.map(({ head }) => head.service))],
    me: guessMe(list),
    missingParts: findMissingParts(
      context.tree.zips,
      units.flatMap(({ files }) => files.map(({ path }) => path)),
    ),
    missingFiles: [...named.values()].filter(({ absent, omitted }) => absent + omitted > 0),
    problems: problems.list(),
  };
}

function personIn({ service, key }: ConversationHead, person: PersonRef): string {
  return `${service}\0${person.key}\0${person.isPlaceholder === true && person.isScoped !== true ? key : ""}`;
}

function planned({ head, messages, first, last }: Seen): PlannedConversation {
  const { service, key, kind, title, people } = head;
  const [from, to] = messages === 0 ? [undefined, undefined] : [first, last];
  return { service, key, kind, title, people: people.length, messages, first: from, last: to };
}

function guessMe(list: readonly Seen[]): ImportPlan["me"] {
  return [...new Set(list.map(({ head }) => head.service))].flatMap((service) => {
    const said = list.find(({ head }) => head.service === service && head.owner !== undefined)?.head;
    if (said?.owner !== undefined) return [ownerOf(list, service, said.owner)];
    const heads = list.map(({ head }) => head).filter((head) => head.service === service && head.people.length > 0);
    const counts = new Map<string, { name: string; count: number }>();
    for (const person of heads.flatMap((head) => head.people)) {
      if (person.isPlaceholder === true) continue;
      const known = counts.get(person.key) ?? { name: person.name, count: 0 };
      counts.set(person.key, { ...known, count: known.count + 1 });
    }
    const ranked = [...counts].toSorted(([, a], [, b]) => b.count - a.count);
    const [first, second] = ranked;
    if (first === undefined) return [];
    const [key, { name, count }] = first;
    return [{ service, name, key, isSure: heads.length > 1 && count === heads.length && (second?.[1].count ?? 0) < count }];
  });
}

function ownerOf(list: readonly Seen[], service: ArchiveService, key: string): ImportPlan["me"][number] {
  const known = list
    .flatMap(({ head, owner }) => (head.service === service ? [owner, ...head.people] : []))
    .find((person) => person?.key === key);
  return { service, key, name: known?.name ?? key, isSure: true };
}
