/** `import`: shows what is in an export, then takes it in. Needs no account and no network. */
import { createInterface } from "node:readline/promises";
import { join } from "node:path";
import { ArchiveImport, type ImportPlan, type LossReport, PROBLEMS } from "@sotto/archive";
import { openMediaFiles } from "@sotto/client/node";
import { type Command, textOption, UsageError } from "../command.ts";
import { folderOf, withProfile } from "../profile.ts";
import { nodeArchivePorts, openSources } from "../sources.ts";

const day = (at: number | undefined): string => (at === undefined ? "-" : new Date(at).toISOString().slice(0, 10));

function showPlan(plan: ImportPlan): string {
  const { conversations, messages, media, people, services, me, problems } = plan;
  const times = conversations.flatMap(({ first, last }) => [first, last].filter((at) => at !== undefined));
  const [from, to] = [times.reduce((a, b) => Math.min(a, b), Infinity), times.reduce((a, b) => Math.max(a, b), -Infinity)];
  const range = times.length === 0 ? "" : `, ${day(from)} to ${day(to)}`;
  const lines = [
    `${services.join(", ") || "Nothing that can be imported"}: ${messages.read} messages in ${conversations.length} conversations with ${people} people${range}`,
    `${media.read} files (${Math.round(media.bytes / 1_000_000)} MB), ${media.missing} of them not in the export`,
    ...me.map(({ service, name, isSure }) => `On ${service} you are ${isSure ? "" : "perhaps "}${name}.`),
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

export const importHistory: Command = {
  usage: "PATH... [--yes] [--zone ZONE]",
  summary: "take in what another messenger exported: ZIPs, files and folders, in any mix; needs no account and no network",
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
      if (!isJson) process.stdout.write(`${showPlan(plan)}\n`);
      if (options["yes"] !== true && !(await isAgreed())) return;
      await withProfile(invocation, async (client) => {
        const files = openMediaFiles(join(folderOf(options), "media"));
        const report = await work.run(client.archive.sink({ files, createSha256: nodeArchivePorts.createSha256 }));
        print({ ...report }, showReport(report));
      });
    } finally {
      await close();
    }
  },
};
