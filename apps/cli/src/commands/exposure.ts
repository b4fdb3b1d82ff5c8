/** `exposure`: which conversations hold copies of cards, accounts, keys, documents and places; and what can be done about each. */
import { EXPOSURE_VERSION, exposureOfPlace, findExposures } from "@sotto/archive";
import { type Client, ClientError, type ExposureDetector, type ExposureSelection, type ExposureView } from "@sotto/client";
import { bytesToBase64url, EXPOSURE_KINDS, EXPOSURE_LEVELS, type ExposureKind, type ExposureLevel } from "@sotto/protocol";
import { type Command, exactly, type Invocation, numberOption, textOption, UsageError } from "../command.ts";
import { withProfile } from "../profile.ts";
import { showProgress } from "../progress.ts";
import { clockOf, dayOf } from "../show/time.ts";
import { safeLine } from "../terminal/safe-text.ts";

const DETECTOR: ExposureDetector = { version: EXPOSURE_VERSION, inText: findExposures, ofPlace: exposureOfPlace };

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

type Titles = ReadonlyMap<string, { readonly title: string; readonly service: string | undefined }>;

async function titlesOf(client: Client): Promise<Titles> {
  const live = (await client.conversations()).map(({ log, title }) => [bytesToBase64url(log), { title, service: undefined }] as const);
  const imported = (await client.archive.conversations()).map(
    ({ log, title, service }) => [bytesToBase64url(log), { title, service }] as const,
  );
  return new Map<string, { readonly title: string; readonly service: string | undefined }>([...live, ...imported]);
}

async function scan(client: Client, { options }: Invocation): Promise<boolean> {
  let isStopped = false;
  const stop = (): void => void (isStopped = true);
  const isJson = options["json"] === true;
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  const progress = showProgress({ isJson, write, now: () => Date.now() });
  process.once("SIGINT", stop);
  try {
    return await client.exposure.scan(DETECTOR, {
      onProgress: ({ done, total }) => progress({ part: "scan", done, total, unit: "messages" }),
      isCancelled: () => isStopped,
    });
  } finally {
    process.off("SIGINT", stop);
  }
}

const isKind = (text: string): text is ExposureKind => EXPOSURE_KINDS.some((kind) => kind === text);

function selectionOf(titles: Titles, { options }: Invocation): ExposureSelection {
  const [conversation, kind] = [textOption(options, "conversation"), textOption(options, "kind")];
  if (kind !== undefined && !isKind(kind)) throw new UsageError(`--kind takes one of ${EXPOSURE_KINDS.join(", ")}.`);
  const levels: readonly ExposureLevel[] = options["possible"] === true ? EXPOSURE_LEVELS : ["confirmed", "likely"];
  const found = conversation === undefined ? [] : [...titles].filter(([id, { title }]) => id === conversation || title === conversation);
  if (conversation !== undefined && found.length === 0) throw new ClientError("conversation_unknown");
  if (found.length > 1) throw new UsageError("Several conversations have this title. Use the id that sotto exposure --json shows.");
  const log = found[0] && Buffer.from(found[0][0], "base64url");
  const limit = numberOption(options, "limit", 1_000);
  return { levels, limit, ...(kind === undefined ? {} : { kind }), ...(log === undefined ? {} : { log }) };
}

type Counts = Partial<Record<ExposureKind, Readonly<Record<ExposureLevel | "things", number>>>>;

function wordsOf(counts: Counts): string {
  return EXPOSURE_KINDS.flatMap((kind) => {
    const count = counts[kind];
    if (count === undefined) return [];
    const places = count.confirmed + count.likely + count.possible;
    const levels = EXPOSURE_LEVELS.filter((level) => count[level] > 0).map((level) => `${count[level]} ${level}`);
    return [`${places} × ${WORDS[kind][places === 1 ? 0 : 1]} (${levels.join(", ")})`];
  }).join(", ");
}

const total = (counts: Counts): number =>
  Object.values(counts).reduce((sum, { confirmed, likely, possible }) => sum + confirmed + likely + possible, 0);

async function summary(client: Client, invocation: Invocation): Promise<void> {
  exactly(invocation.args);
  const isComplete = await scan(client, invocation);
  const titles = await titlesOf(client);
  const byLog = new Map<string, Counts>();
  for (const { log, kind, ...counts } of await client.exposure.count(selectionOf(titles, invocation))) {
    const id = bytesToBase64url(log);
    byLog.set(id, { ...byLog.get(id), [kind]: counts });
  }
  for (const [id, counts] of [...byLog].toSorted(([, a], [, b]) => total(b) - total(a))) {
    const { title = "?", service } = titles.get(id) ?? {};
    const line = `${safeLine(title)}${service === undefined ? "" : ` (${service})`}: ${wordsOf(counts)}`;
    invocation.print({ conversation: id, title, service: service ?? null, counts }, line);
  }
  if (!isComplete) throw new ClientError("transfer_stopped");
  if (invocation.options["json"] === true) return;
  const words = byLog.size === 0 ? "Nothing was found." : "sotto exposure show tells where, message by message.";
  invocation.print({}, `${words}${invocation.options["possible"] === true ? "" : " --possible shows doubtful ones too."}`);
}

function evidence(view: ExposureView, titles: Titles): { readonly value: Readonly<Record<string, unknown>>; readonly line: string } {
  const { id, log, localId, at, part, kind, level, what, masked, conversations, isImported } = view;
  const conversation = bytesToBase64url(log);
  const { title = "?", service } = titles.get(conversation) ?? {};
  const elsewhere = conversations > 1 ? `, also in ${conversations - 1} other conversations` : "";
  const line = `${id}  ${dayOf(at)} ${clockOf(at)}  ${safeLine(title)}  ${level}: ${what.replaceAll("-", " ")} ${masked}${part === "text" ? "" : ` (${part})`}${elsewhere}`;
  const place = { conversation, title, service: service ?? null, message: bytesToBase64url(localId), at, part, isImported };
  return { value: { id, kind, level, what, masked, conversations, ...place }, line };
}

async function show(client: Client, invocation: Invocation): Promise<void> {
  await scan(client, invocation);
  const titles = await titlesOf(client);
  for (const view of await client.exposure.list(selectionOf(titles, invocation))) {
    const { value, line } = evidence(view, titles);
    invocation.print(value, line);
  }
}

export const exposure: Command = {
  usage: "[show] [--conversation NAME] [--kind KIND] [--possible] [--limit N]",
  summary: "which conversations, live and imported, hold copies of cards, accounts, keys, documents; needs no account and no network",
  details: [
    "sotto exposure       by conversation; looks only at what is new since the last time, and can be interrupted",
    "sotto exposure show  place by place, with the number that the actions take",
    `--kind KIND          only one kind: ${EXPOSURE_KINDS.join(", ")}`,
    "--possible           also what is doubtful",
    "",
    "confirmed: check digits hold. likely: shape and words around it. Values are shown with dots and at most four characters.",
  ],
  options: {
    conversation: { type: "string" },
    kind: { type: "string" },
    possible: { type: "boolean" },
    limit: { type: "string" },
  },
  run: (invocation) =>
    withProfile(invocation, (client) => {
      const [name, ...args] = invocation.args;
      if (name === undefined) return summary(client, invocation);
      if (name === "show") return show(client, { ...invocation, args });
      throw new UsageError("It takes nothing, or show.");
    }),
};
