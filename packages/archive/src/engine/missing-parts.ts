/**
 * Which parts of an export seem to be missing: by the numbers of the ZIPs that were handed in, and by those of the files in which a service writes one
 * conversation. Numbers are evidence and no proof, since the last part has no successor that would tell of it: files that messages name and that are in no
 * part are the other evidence, see {@link NamedFiles}.
 */
import type { ArchiveMediaState, ArchiveService } from "@sotto/protocol";
import { fileNameOf, folderOf } from "../input/safe-path.ts";

export type MissingPart = {
  /** What the parts have in common, with # for the number: "takeout-20230101T000000Z-#.zip". */
  readonly name: string;
  readonly part: number;
};

/** Of one service: files that messages name, and where the bytes are not: in no part, left out by the service, or only an address. */
export type NamedFiles = { readonly service: ArchiveService; named: number; absent: number; omitted: number; remote: number };

type Numbered = { readonly family: string; readonly part: number; readonly total?: number; readonly isSure: boolean };

const PARTS_MAX = 1000;
const LISTED_MAX = 100;

function numbered(
  family: string,
  part: string | undefined,
  more: { readonly total?: string | undefined; readonly isSure: boolean },
): Numbered {
  const total = more.total === undefined ? {} : { total: Number(more.total) };
  return { family, part: part === undefined ? 1 : Number(part), isSure: more.isSure, ...total };
}

/**
 * A ZIP's number: Google ("takeout-20230101T000000Z-001", "…Z-1-001"), Snapchat ("mydata~1690000000-2", the first one without), "… part 2", "… 2 of 3"
 * in any spelling, and a plain number at the end, which counts only beside others of the same name.
 */
function zipNumber(path: string): Numbered | undefined {
  const name = path.replace(/\.zip$/i, "");
  const takeout = /^(.*takeout-\d{8}T\d{6}Z(?:-\d{1,3})?)-(\d{3})$/.exec(name);
  if (takeout !== null) return numbered(`${takeout[1]}-#.zip`, takeout[2], { isSure: true });
  const snapchat = /^(.*mydata~\d+)(?:-(\d{1,3}))?$/.exec(name);
  if (snapchat !== null) return numbered(`${snapchat[1]}-#.zip`, snapchat[2], { isSure: true });
  const of = /^(.*?)[-_ .(]*(?:part|teil|partie|parte)?[-_ .]?(\d{1,3})[-_ ]?of[-_ ]?(\d{1,3})\)?$/i.exec(name);
  if (of !== null) return numbered(`${of[1]} #.zip`, of[2], { total: of[3], isSure: true });
  const part = /^(.*?)[-_ .(]*part[-_ .]?(\d{1,3})\)?$/i.exec(name);
  if (part !== null) return numbered(`${part[1]} part #.zip`, part[2], { isSure: true });
  const plain = /^(.*\D)(\d{1,3})$/.exec(name);
  // The end of a date is no number of a part.
  if (plain === null || /\d{4}-\d{2}-$/.test(plain[1] ?? "")) return undefined;
  return numbered(`${plain[1]}#.zip`, plain[2], { isSure: false });
}

/** `message_2.json` of Meta's, `messages2.html` of Telegram's (the first one without a number), `… [part 2].json` of DiscordChatExporter's. */
function fileNumber(path: string): Numbered | undefined {
  const [folder, name] = [folderOf(path), fileNameOf(path)];
  const within = (family: string): string => (folder === "" ? family : `${folder}/${family}`);
  const meta = /^message_(\d{1,4})\.(json|html)$/.exec(name);
  if (meta !== null) return numbered(within(`message_#.${meta[2]}`), meta[1], { isSure: true });
  const telegram = /^messages(\d{0,4})\.html$/.exec(name);
  if (telegram !== null) return numbered(within("messages#.html"), telegram[1] === "" ? undefined : telegram[1], { isSure: true });
  const discord = /^(.*?)(?: \[part (\d{1,4})\])?\.json$/.exec(name);
  if (discord?.[2] !== undefined) return numbered(within(`${discord[1]} [part #].json`), discord[2], { isSure: true });
  return undefined;
}

/** The first part of DiscordChatExporter's has no number; it is there if a file has the name of the others without one. */
function firstOf(path: string): string {
  return path.replace(/\.json$/, " [part #].json");
}

function gaps(all: readonly Numbered[]): MissingPart[] {
  const families = new Map<string, { readonly parts: Set<number>; total: number; isSure: boolean }>();
  for (const { family, part, total = 0, isSure } of all) {
    const known = families.get(family) ?? { parts: new Set(), total: 0, isSure };
    families.set(family, known);
    if (part <= PARTS_MAX) known.parts.add(part);
    known.total = Math.min(PARTS_MAX, Math.max(known.total, total));
  }
  return [...families].flatMap(([name, { parts, total, isSure }]) => {
    const last = Math.max(total, ...parts);
    const missing = Array.from({ length: last }, (_, index) => index + 1).filter((part) => !parts.has(part));
    // Two of many numbers are more likely two exports than two parts of one.
    return isSure || (parts.size > 1 && missing.length < parts.size) ? missing.map((part) => ({ name, part })) : [];
  });
}

/** `zips` and `files` are paths; files are those that an importer reads. At most 100, those of ZIPs first. */
export function findMissingParts(zips: readonly string[], files: readonly string[]): MissingPart[] {
  const inZips = gaps(zips.flatMap((path) => zipNumber(path) ?? []));
  const there = files.flatMap((path) => fileNumber(path) ?? []);
  const families = new Set(there.map(({ family }) => family));
  const firsts = files.map(firstOf).filter((family) => families.has(family));
  const inFiles = gaps([...there, ...firsts.map((family) => ({ family, part: 1, isSure: true }))]);
  return [...inZips, ...inFiles].slice(0, LISTED_MAX);
}

/** Changes `counts`. */
export function countNamed(
  counts: Map<ArchiveService, NamedFiles>,
  service: ArchiveService,
  media: { readonly state: ArchiveMediaState; readonly file?: unknown },
): void {
  const known = counts.get(service) ?? { service, named: 0, absent: 0, omitted: 0, remote: 0 };
  counts.set(service, known);
  known.named += 1;
  if (media.file !== undefined) return;
  if (media.state === "omitted") known.omitted += 1;
  else if (media.state === "remote") known.remote += 1;
  else known.absent += 1;
}
