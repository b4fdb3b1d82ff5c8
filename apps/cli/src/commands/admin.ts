/** `admin`: looks after the data folder of a server, also while the server runs. */
import { backup, check, createInvite, disclose, type Finding, type OnProgress, restore, ServerError } from "@sotto/server";
import { type Command, exactly, type Invocation, numberOption, textOption, UsageError } from "../command.ts";
import { showProgress } from "../progress.ts";
import { DEFAULT_DATA } from "./serve.ts";

type Task = (invocation: Invocation, place: { readonly data: string; readonly rest: readonly string[] }) => Promise<void>;

function progressOf({ options }: Invocation): OnProgress {
  return showProgress({
    isJson: options["json"] === true,
    write: (line) => void process.stderr.write(`${line}\n`),
    now: () => performance.now(),
  });
}

const takeBackup: Task = async (invocation, { data, rest }) => {
  const [target] = exactly(rest, "DIR");
  const { blobs, blobsGone } = await backup(data, target, progressOf(invocation));
  const gone = blobsGone === 0 ? "" : ` ${blobsGone} files expired meanwhile.`;
  invocation.print(
    { backup: target, blobs, blobsGone },
    `The backup is in ${target}, with ${blobs} files. Keep it as safe as the server.${gone}`,
  );
};

const restoreBackup: Task = async (invocation, { data, rest }) => {
  const [source] = exactly(rest, "DIR");
  await restore(source, data, progressOf(invocation));
  invocation.print({ data }, `The data is in ${data}. Start the server with --data ${data}.`);
};

/** `seq_gap at 3, 5; …`: each kind once, with the first places. */
function inWords(findings: readonly Finding[]): string {
  const placesByKind = new Map<string, number[]>();
  for (const { kind, at } of findings) placesByKind.set(kind, [...(placesByKind.get(kind) ?? []), at]);
  return [...placesByKind]
    .map(([kind, places]) => `${kind} at ${places.slice(0, 5).join(", ")}${places.length > 5 ? ", …" : ""}`)
    .join("; ");
}

const checkFolder: Task = async (invocation, { data, rest }) => {
  exactly(rest);
  const report = await check(data, progressOf(invocation));
  const { logs, entries, accounts, blobs, findings } = report;
  const counts = `${entries} entries in ${logs} logs, ${accounts} accounts, ${blobs} files`;
  invocation.print(report, `${counts}: ${findings.length === 0 ? "all is well." : inWords(findings)}`);
  if (findings.length > 0) throw new ServerError("store_damaged");
};

const invite: Task = (invocation, { data, rest }) => {
  exactly(rest);
  const uses = numberOption(invocation.options, "uses", 1);
  if (uses === 0) throw new UsageError("--uses takes a number from 1.");
  const code = createInvite(data, uses);
  invocation.print({ invite: code, uses }, `${code}  lets ${uses === 1 ? "one person" : `${uses} people`} sign up.`);
  return Promise.resolve();
};

const tell: Task = (invocation, { data, rest }) => {
  const [who] = exactly(rest, "ACCOUNT");
  const { document, signature, publicKey } = disclose(data, who, Date.now());
  invocation.print({ document, signature, publicKey }, `${document}\nsignature ${signature}\nkey ${publicKey}`);
  return Promise.resolve();
};

const TASKS: Readonly<Record<string, Task>> = { backup: takeBackup, restore: restoreBackup, check: checkFolder, invite, disclose: tell };

export const admin: Command = {
  usage: "backup DIR | restore DIR | check | invite [--uses N] | disclose ACCOUNT   [--data DIR]",
  summary: "look after a server's data: copy it, put it back, check it, invite, print what is there on an account; also while it runs",
  options: { data: { type: "string" }, uses: { type: "string" } },
  run: async (invocation) => {
    const [name = "", ...rest] = invocation.args;
    const task = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined;
    if (task === undefined) throw new UsageError(`Say ${Object.keys(TASKS).join(", ")}.`);
    await task(invocation, { data: textOption(invocation.options, "data") ?? DEFAULT_DATA, rest });
  },
};
