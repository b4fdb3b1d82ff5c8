/** `import`: shows what is in an export, then takes it in. Needs no account and no network. */
import { createInterface } from "node:readline/promises";
import { join } from "node:path";
import { ArchiveImport, type ImportPlan, type LossReport, PROBLEMS } from "@sotto/archive";
import type { Client } from "@sotto/client";
import { openMediaFiles } from "@sotto/client/node";
import { archivePersonId } from "@sotto/protocol";
import { type Command, type Invocation, textOption, UsageError } from "../command.ts";
import { folderOf, withProfile } from "../profile.ts";
import { showProgress } from "../progress.ts";
import { nodeArchivePorts, openSources } from "../sources.ts";
import { safeText } from "../terminal/safe-text.ts";

const day = (at: number | undefined): string => (at === undefined ? "-" : new Date(at).toISOString().slice(0, 10));

const PARTS_SHOWN = 10;

/** What seems not to have been handed in. */
function showMissing({ missingParts, missingFiles, media }: ImportPlan): string[] {
  const parts = missingParts.slice(0, PARTS_SHOWN).map(({ name, part }) => `Part ${part} of ${name} seems to be missing.`);
  const rest = missingParts.length - parts.length;
  const files = missingFiles.flatMap(({ service, named, absent, omitted }) => [
    ...(absent === 0 ? [] : [`${service}: ${absent} of ${named} files that messages name are in no part. Is a part missing?`]),
    ...(omitted === 0 ? [] : [`${service}: ${omitted} of ${named} files were left out by the service. Can you export them with media?`]),
  ]);
  return [...parts, ...(rest > 0 ? [`${rest} more parts seem to be missing.`] : []), ...(media.missing === 0 ? [] : files)];
}

function showPlan(plan: ImportPlan): string {
  const { conversations, messages, media, people, services, me, problems } = plan;
  const times = conversations.flatMap(({ first, last }) => [first, last].filter((at) => at !== undefined));
  const [from, to] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), -Infinity)];
  const range = times.length === 0 ? "" : `, ${day(from)} to ${day(to)}`;
  const lines = [
    `${services.join(", ") || "Nothing that can be imported"}: ${messages.read} messages in ${conversations.length} conversations with ${people} people${range}`,
    `${media.read} files (${Math.round(media.bytes / 1_000_000)} MB), ${media.missing} of them not in the export`,
    ...me.map(({ service, name, isSure }) => `On ${service} you are ${isSure ? "" : "perhaps "}${name}.`),
    ...showMissing(plan),
    ...problems.map(({ path, code, count }) => `${count} × ${path}: ${PROBLEMS[code]}`),
  ];
  return lines.join("\n");
}

async function isAgreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UsageError("Pass --yes to import without being asked.");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("Import this? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}

function showReport(report: LossReport): string {
  const { messages, media, problems } = report;
  return [
    `Messages: ${messages.read} read = ${messages.imported} imported + ${messages.duplicate} known + ${messages.skipped} skipped + ${messages.unparsed} unreadable`,
    `Files: ${media.read} read = ${media.imported} imported + ${media.duplicate} known + ${media.missing} missing + ${media.skipped} skipped`,
    ...problems.map(({ path, code, count, at }) => `${count} × ${path} (from ${at}): ${PROBLEMS[code]}`),
  ].join("\n");
}

/** Marks as oneself whom the plan is sure of. */
async function markMe(client: Client, { me }: ImportPlan): Promise<void> {
  for (const { service, key, isSure } of me) if (isSure) await client.archive.people.markAsMe(archivePersonId(service, key));
}

async function bringIn(
  client: Client,
  invocation: Invocation,
  { work, plan }: { readonly work: ArchiveImport; readonly plan: ImportPlan },
): Promise<void> {
  const { options, print } = invocation;
  let isStopped = false;
  const stop = (): void => void (isStopped = true);
  process.once("SIGINT", stop);
  const write = (line: string): void => void process.stderr.write(`${line}\n`);
  const show = showProgress({ isJson: options["json"] === true, write, now: () => Date.now() });
  const total = plan.messages.read + plan.messages.skipped + plan.messages.unparsed;
  try {
    const files = openMediaFiles(join(folderOf(options), "media"));
    const report = await work.run(client.archive.sink({ files, createSha256: nodeArchivePorts.createSha256 }), {
      onProgress: ({ messages }) => show({ part: "import", done: messages, total, unit: "messages" }),
      isCancelled: () => isStopped,
    });
    if (!isStopped) await markMe(client, plan);
    const words = isStopped ? "Stopped. The same command goes on with it.\n" : "";
    print({ ...report, ...(isStopped ? { isStopped } : {}) }, words + showReport(report));
  } finally {
    process.off("SIGINT", stop);
  }
}

export const importHistory: Command = {
  usage: "PATH... [--yes] [--plan] [--zone ZONE]",
  summary: "take in what another messenger exported: ZIPs, files and folders, in any mix; needs no account and no network",
  details: [
    "--yes        do not ask",
    "--plan       only show what is in it; keeps nothing, and needs no profile",
    "--zone ZONE  where the clocks of exports without a zone were, such as Europe/Berlin; otherwise where this machine is",
    "",
    "It can be interrupted, and goes on with the same command.",
  ],
  options: { yes: { type: "boolean" }, zone: { type: "string" }, plan: { type: "boolean" } },
  run: async (invocation) => {
    const { args, options, print } = invocation;
    if (args.length === 0) throw new UsageError("It takes PATH...");
    const zone = textOption(options, "zone") ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
    const isJson = options["json"] === true;
    const { sources, close } = await openSources(args);
    try {
      const work = await ArchiveImport.open(sources, nodeArchivePorts, { zone });
      const plan = await work.plan();
      if (options["plan"] === true) return print({ ...plan }, showPlan(plan));
      if (!isJson) process.stdout.write(`${safeText(showPlan(plan))}\n`);
      if (options["yes"] !== true && !(await isAgreed())) return;
      await withProfile(invocation, (client) => bringIn(client, invocation, { work, plan }), {});
    } finally {
      await close();
    }
  },
};
