/** `exposure`: which conversations hold copies of cards, accounts, keys, documents and places; and what can be done about each. */
import { join } from "node:path";
import {
  EXPOSURE_HEAD_BYTES,
  EXPOSURE_VERSION,
  exposureOfPlace,
  findExposures,
  findInFile,
  findInFileName,
  stripLocation,
} from "@sotto/archive";
import { type Client, ClientError, type Exposure, type ExposureDetector, type ExposureSelection } from "@sotto/client";
import { openMediaFiles } from "@sotto/client/node";
import { bytesToBase64url, EXPOSURE_KINDS, EXPOSURE_LEVELS, type ExposureKind, type ExposureLevel } from "@sotto/protocol";
import { type Command, exactly, type Invocation, numberOption, textOption, UsageError } from "../command.ts";
import { folderOf, withProfile } from "../profile.ts";
import { showProgress } from "../progress.ts";
import { type Counts, countWords, showFinding, showReminder, titleOf, type Titles, titlesOf } from "../show/exposure-words.ts";
import { safeLine } from "../terminal/safe-text.ts";

const DETECTOR: ExposureDetector = {
  version: EXPOSURE_VERSION,
  inText: findExposures,
  inFile: findInFile,
  inFileName: findInFileName,
  headBytes: EXPOSURE_HEAD_BYTES,
  ofPlace: exposureOfPlace,
};
const DAY_MS = 86_400_000;
const DAYS_MAX = 3650;

type Work = { readonly client: Client; readonly exposure: Exposure; readonly invocation: Invocation };
type Action = (work: Work, args: readonly string[]) => Promise<void>;

async function scan({ exposure, invocation }: Work): Promise<boolean> {
  let isStopped = false;
  const stop = (): void => void (isStopped = true);
  const isJson = invocation.options["json"] === true;
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  const progress = showProgress({ isJson, write, now: () => Date.now() });
  process.once("SIGINT", stop);
  try {
    return await exposure.scan(DETECTOR, {
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

const total = (counts: Counts): number =>
  Object.values(counts).reduce((sum, { confirmed, likely, possible }) => sum + confirmed + likely + possible, 0);

async function remind({ exposure, invocation }: Work, titles: Titles): Promise<void> {
  for (const reminder of await exposure.reminders.list()) {
    if (reminder.dueAt > Date.now()) continue;
    const { value, line } = showReminder(reminder, titles);
    invocation.print(value, line);
  }
}

const summary: Action = async (work, args) => {
  const { client, exposure, invocation } = work;
  exactly(args);
  const isComplete = await scan(work);
  const titles = await titlesOf(client);
  const byLog = new Map<string, Counts>();
  for (const { log, kind, ...counts } of await exposure.count(selectionOf(titles, invocation))) {
    const id = bytesToBase64url(log);
    byLog.set(id, { ...byLog.get(id), [kind]: counts });
  }
  for (const [id, counts] of [...byLog].toSorted(([, a], [, b]) => total(b) - total(a))) {
    const { title, service } = titleOf(titles, id);
    const line = `${safeLine(title)}${service === undefined ? "" : ` (${service})`}: ${countWords(counts)}`;
    invocation.print({ conversation: id, title, service: service ?? null, counts }, line);
  }
  await remind(work, titles);
  if (!isComplete) throw new ClientError("transfer_stopped");
  if (invocation.options["json"] === true) return;
  const words = byLog.size === 0 ? "Nothing was found." : "sotto exposure show tells where, message by message.";
  invocation.print({}, `${words}${invocation.options["possible"] === true ? "" : " --possible shows doubtful ones too."}`);
};

const show: Action = async (work, args) => {
  const { client, exposure, invocation } = work;
  exactly(args);
  await scan(work);
  const titles = await titlesOf(client);
  for (const view of await exposure.list(selectionOf(titles, invocation))) {
    const { value, line } = showFinding(view, titles);
    invocation.print(value, line);
  }
};

function idIn(text: string): number {
  const id = Number(text);
  if (!Number.isSafeInteger(id) || id < 1) throw new UsageError("It takes the number of a finding, as sotto exposure show tells it.");
  return id;
}

/** An action on each of some findings. */
const onEach =
  (act: (work: Work, id: number) => Promise<unknown>, done: string): Action =>
  async (work, args) => {
    if (args.length === 0) throw new UsageError("It takes NUMBER…");
    for (const id of args.map(idIn)) {
      await act(work, id);
      work.invocation.print({ id, done }, `${id}: ${done}.`);
    }
  };

const ask: Action = async ({ client, exposure, invocation }, args) => {
  const [typed] = exactly(args, "NUMBER");
  const days = numberOption(invocation.options, "days", 0);
  if (days > DAYS_MAX) throw new UsageError(`--days takes at most ${DAYS_MAX}.`);
  const reminder = await exposure.reminders.add(idIn(typed), Date.now() + days * DAY_MS);
  const { value, line } = showReminder(reminder, await titlesOf(client));
  invocation.print(value, line);
};

const ACTIONS: Readonly<Record<string, Action>> = {
  show,
  delete: onEach(({ exposure }, id) => exposure.remove(id), "deleted on this device"),
  strip: onEach(({ exposure }, id) => exposure.strip(id, stripLocation), "the place is out of the file"),
  keep: onEach(({ exposure }, id) => exposure.keep(id), "is not told again"),
  ask,
  asked: onEach(({ exposure }, id) => exposure.reminders.remove(id), "no more reminder"),
};

export const exposure: Command = {
  usage: "[show | delete NUMBER… | strip NUMBER… | keep NUMBER… | ask NUMBER | asked NUMBER…]",
  summary: "which conversations, live and imported, hold copies of cards, accounts, keys, documents; needs no account and no network",
  details: [
    "sotto exposure         by conversation; looks only at what is new since the last time, and can be interrupted",
    "sotto exposure show    place by place, with the number that the actions take",
    "sotto exposure delete  deletes the message, or the file, on this device; others keep theirs",
    "sotto exposure strip   takes the place out of a photo; the picture stays as it is",
    "sotto exposure keep    does not tell of it again",
    "sotto exposure ask     reminds you to ask the other side, now or in --days N; asked ends that",
    "",
    "--conversation NAME    only this one",
    `--kind KIND            only one kind: ${EXPOSURE_KINDS.join(", ")}`,
    "--possible             also what is doubtful",
    "--limit N              so many places (1000)",
    "",
    "confirmed: check digits hold. likely: shape and words around it. Values are shown with dots and at most four characters.",
  ],
  options: {
    conversation: { type: "string" },
    kind: { type: "string" },
    possible: { type: "boolean" },
    limit: { type: "string" },
    days: { type: "string" },
  },
  run: (invocation) =>
    withProfile(invocation, (client) => {
      const [name, ...args] = invocation.args;
      const action = name === undefined ? summary : Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
      if (action === undefined) throw new UsageError(`It takes nothing, or one of ${Object.keys(ACTIONS).join(", ")}.`);
      const files = openMediaFiles(join(folderOf(invocation.options), "media"));
      return action({ client, invocation, exposure: client.exposure(files) }, args);
    }),
};
