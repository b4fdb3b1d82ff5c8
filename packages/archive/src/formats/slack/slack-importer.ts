/** A Slack export: a folder for each conversation, in it a JSON array of messages for each day. Known by the messages, whatever the folders are called. */
import type { ExportFile } from "../../input/export-file.ts";
import { folderOf } from "../../input/safe-path.ts";
import { readRecords } from "../../json/json-records.ts";
import type { ArchivePorts } from "../../ports.ts";
import type { ImportItem } from "../../records/draft.ts";
import type { ImportContext, Importer } from "../format.ts";
import { slackMessage } from "./slack-message.ts";
import { Workspace } from "./slack-workspace.ts";

function isDay(file: ExportFile, head: string): boolean {
  if (!/\.json$/i.test(file.path) || !/^(?:\u00EF\u00BB\u00BF)?\s*\[\s*\{/.test(head)) return false;
  return /"ts"\s*:\s*"\d{9,12}\.\d{1,9}"/.test(head) && /"(type|subtype|user|bot_id|username)"\s*:/.test(head);
}

async function* readFolder(
  context: ImportContext,
  files: readonly ExportFile[],
  workspaceOf: (first: ExportFile) => Promise<Workspace>,
): AsyncGenerator<ImportItem> {
  const [first] = files;
  if (first === undefined) return;
  const workspace = await workspaceOf(first);
  const folder = folderOf(first.path);
  const root = folderOf(folder);
  yield { kind: "conversation", head: workspace.headOf(folder) };
  const fileOf = (id: string, name: string): ExportFile | undefined =>
    [`${root}/__uploads/${id}/${name}`, `${folder}/attachments/${id}-${name}`]
      .map((path) => context.tree.find(path.replace(/^\//, ""), first))
      .find((found) => found !== undefined);
  for (const file of files) {
    yield* readRecords(file, context.ports, {
      descend: (path) => path.length === 0,
      isMessage: (path) => path.length === 1,
      message: (value, { source, neighbour }) => slackMessage(value, { workspace, fileOf, source, neighbour }),
    });
  }
}

export const slackImporter: Importer = {
  name: "slack",
  claims: isDay,
  units: (files, tree) => {
    const folders = new Map<string, ExportFile[]>();
    for (const file of files) {
      const key = `${file.container} ${folderOf(file.path)}`;
      const known = folders.get(key);
      if (known === undefined) folders.set(key, [file]);
      else known.push(file);
    }
    const workspaces = new Map<string, Promise<Workspace>>();
    const workspaceOf = (first: ExportFile, ports: ArchivePorts): Promise<Workspace> => {
      const root = `${first.container} ${folderOf(folderOf(first.path))}`;
      const workspace = workspaces.get(root) ?? Workspace.load(tree, ports, first);
      workspaces.set(root, workspace);
      return workspace;
    };
    return [...folders].map(([key, all]) => {
      const days = all.toSorted((a, b) => (a.path < b.path ? -1 : 1));
      return {
        id: `slack/${key}`,
        service: "slack",
        files: days,
        read: (context) => readFolder(context, days, (first) => workspaceOf(first, context.ports)),
      };
    });
  },
};
