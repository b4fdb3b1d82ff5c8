/** Findings of the exposure report in words. */
import type { Client, ExposureReminder, ExposureView } from "@sotto/client";
import { bytesToBase64url, EXPOSURE_KINDS, EXPOSURE_LEVELS, type ExposureKind, type ExposureLevel } from "@sotto/protocol";
import { safeLine } from "../terminal/safe-text.ts";
import { clockOf, dayOf } from "./time.ts";

const WORDS: Readonly<Record<ExposureKind, readonly [one: string, many: string]>> = {
  card: ["payment card", "payment cards"],
  iban: ["bank account", "bank accounts"],
  seed: ["seed phrase", "seed phrases"],
  key: ["private key", "private keys"],
  token: ["token", "tokens"],
  password: ["password", "passwords"],
  document: ["identity document", "identity documents"],
  place: ["place", "places"],
};

type Title = { readonly title: string; readonly service: string | undefined };
export type Titles = ReadonlyMap<string, Title>;

/** Of live and imported conversations, by their ids in base64url. */
export async function titlesOf(client: Client): Promise<Titles> {
  const live = await client.conversations();
  const imported = await client.archive.conversations();
  const titles = new Map<string, Title>();
  for (const { log, title } of live) titles.set(bytesToBase64url(log), { title, service: undefined });
  for (const { log, title, service } of imported) titles.set(bytesToBase64url(log), { title, service });
  return titles;
}

export const titleOf = (titles: Titles, conversation: string): Title => titles.get(conversation) ?? { title: "?", service: undefined };

export type Counts = Partial<Record<ExposureKind, Readonly<Record<ExposureLevel | "things", number>>>>;

export function countWords(counts: Counts): string {
  return EXPOSURE_KINDS.flatMap((kind) => {
    const count = counts[kind];
    if (count === undefined) return [];
    const places = count.confirmed + count.likely + count.possible;
    const levels = EXPOSURE_LEVELS.filter((level) => count[level] > 0).map((level) => `${count[level]} ${level}`);
    return [`${places} × ${WORDS[kind][places === 1 ? 0 : 1]} (${levels.join(", ")})`];
  }).join(", ");
}

type Shown = { readonly value: Readonly<Record<string, unknown>>; readonly line: string };

export function showFinding(view: ExposureView, titles: Titles): Shown {
  const { id, log, localId, at, part, kind, level, what, masked, conversations, isImported } = view;
  const conversation = bytesToBase64url(log);
  const { title, service } = titleOf(titles, conversation);
  const elsewhere = conversations > 1 ? `, in ${conversations} conversations` : "";
  const where = part === "text" ? "" : ` (${part})`;
  const line = `${id}  ${dayOf(at)} ${clockOf(at)}  ${safeLine(title)}  ${level}: ${what.replaceAll("-", " ")} ${masked}${where}${elsewhere}`;
  const place = { conversation, title, service: service ?? null, message: bytesToBase64url(localId), at, part, isImported };
  return { value: { id, kind, level, what, masked, conversations, ...place }, line };
}

/** Words that can be sent as they are. */
export function showReminder({ id, log, what, masked, sentAt, dueAt }: ExposureReminder, titles: Titles): Shown {
  const conversation = bytesToBase64url(log);
  const { title, service } = titleOf(titles, conversation);
  const words = `On ${dayOf(sentAt)} something was sent in our conversation that I would rather not have lying about (${what.replaceAll("-", " ")} ${masked}). Please delete it on your side.`;
  const value = { reminder: id, conversation, title, service: service ?? null, what, masked, sentAt, dueAt, words };
  return { value, line: `Reminder ${id}, ${dayOf(dueAt)}: ask ${safeLine(title)}. "${words}" Done: sotto exposure asked ${id}` };
}
