/** `export`: gives the imported history out again, in open forms. */
import { join } from "node:path";
import { exportArchive, exportHtml, exportTelegram } from "@sotto/archive";
import { openMediaFiles } from "@sotto/client/node";
import { bytesToBase64url } from "@sotto/protocol";
import { type Command, exactly, textOption, UsageError } from "../command.ts";
import { openTarget } from "../archive-target.ts";
import { folderOf, withProfile } from "../profile.ts";
import { nodeArchivePorts } from "../sources.ts";
import { findArchived } from "./history.ts";

const FORMATS = { archive: exportArchive, html: exportHtml, telegram: exportTelegram } as const;
const isFormat = (name: string): name is keyof typeof FORMATS => Object.hasOwn(FORMATS, name);

export const exportHistory: Command = {
  usage: "FOLDER [--format archive|html|telegram] [--conversation NAME]",
  summary: "write imported history to a folder: lossless, as pages to read and print, or as Telegram would",
  details: [
    "--format archive    (the default) everything, readable with any tool, and with sotto import",
    "--format html       pages without script and without anything remote",
    "--format telegram   result.json as Telegram writes it, for tools that read that",
    "--conversation NAME only this one, by title or id",
  ],
  options: { format: { type: "string" }, conversation: { type: "string" } },
  run: async (invocation) => {
    const [folder] = exactly(invocation.args, "FOLDER");
    const format = textOption(invocation.options, "format") ?? "archive";
    const only = textOption(invocation.options, "conversation");
    if (!isFormat(format)) throw new UsageError("--format takes archive, html or telegram.");
    await withProfile(invocation, async ({ archive }) => {
      const files = openMediaFiles(join(folderOf(invocation.options), "media"));
      const reader = archive.reader({ files, createSha256: nodeArchivePorts.createSha256 });
      const selection = only === undefined ? {} : { conversations: new Set([bytesToBase64url((await findArchived(archive, only)).log)]) };
      const counts = await FORMATS[format](reader, await openTarget(folder), { ...selection, ports: nodeArchivePorts });
      invocation.print(
        { format, ...counts },
        `Wrote ${counts.messages} messages of ${counts.conversations} conversations and ${counts.media} files.`,
      );
    });
  },
};
