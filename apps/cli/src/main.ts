/**
 * `sotto`: finds the command, reads its options, and turns what went wrong into a sentence and an exit code.
 *
 *   0  done      1  refused or failed; a code says why      2  not a valid command line      3  the server could not be reached in time
 *   130  a transfer was interrupted; the same command goes on with it
 */
import { parseArgs } from "node:util";
import { type Command, LaterError, UsageError } from "./command.ts";
import { nearest } from "./suggest.ts";
import { safeJson, safeText } from "./terminal/safe-text.ts";

/** Loaded one by one: a client does not need the memory of a server, nor a server that of a client. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  serve: async () => (await import("./commands/serve.ts")).serve,
  signup: async () => (await import("./commands/account.ts")).signup,
  link: async () => (await import("./commands/devices.ts")).link,
  signin: async () => (await import("./commands/devices.ts")).signin,
  devices: async () => (await import("./commands/devices.ts")).devices,
  whoami: async () => (await import("./commands/account.ts")).whoami,
  chat: async () => (await import("./commands/chat.ts")).chat,
  list: async () => (await import("./commands/look.ts")).list,
  send: async () => (await import("./commands/talk.ts")).send,
  read: async () => (await import("./commands/look.ts")).read,
  accept: async () => (await import("./commands/talk.ts")).accept,
  decline: async () => (await import("./commands/people.ts")).decline,
  block: async () => (await import("./commands/people.ts")).block,
  unblock: async () => (await import("./commands/people.ts")).unblock,
  watch: async () => (await import("./commands/talk.ts")).watch,
  react: async () => (await import("./commands/change.ts")).react,
  edit: async () => (await import("./commands/change.ts")).change,
  delete: async () => (await import("./commands/change.ts")).unsend,
  attach: async () => (await import("./commands/files.ts")).attach,
  save: async () => (await import("./commands/files.ts")).save,
  search: async () => (await import("./commands/look.ts")).search,
  poll: async () => (await import("./commands/poll.ts")).poll,
  vote: async () => (await import("./commands/poll.ts")).vote,
  forward: async () => (await import("./commands/poll.ts")).forward,
  export: async () => (await import("./commands/export.ts")).exportHistory,
  import: async () => (await import("./commands/import.ts")).importHistory,
  group: async () => (await import("./commands/group.ts")).group,
  timer: async () => (await import("./commands/group.ts")).timer,
  mute: async () => (await import("./commands/arrange.ts")).mute,
  pin: async () => (await import("./commands/arrange.ts")).pin,
  unpin: async () => (await import("./commands/arrange.ts")).unpin,
  archive: async () => (await import("./commands/history.ts")).archive,
  unarchive: async () => (await import("./commands/arrange.ts")).unarchive,
  draft: async () => (await import("./commands/arrange.ts")).draft,
  settings: async () => (await import("./commands/arrange.ts")).settings,
  exposure: async () => (await import("./commands/exposure.ts")).exposure,
  vault: async () => (await import("./commands/vault.ts")).vault,
  admin: async () => (await import("./commands/admin.ts")).admin,
};
const LATER: ReadonlySet<string> = new Set(["server_unreachable", "server_timeout", "server_busy", "server_stopping", "rate_limited"]);

const COMMON = {
  profile: { type: "string" },
  "key-file": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

async function help(name: string | undefined): Promise<string> {
  const command = name === undefined ? undefined : await COMMANDS[name]?.();
  if (command !== undefined) {
    const details = (command.details ?? []).map((line) => `  ${line}\n`).join("");
    return `sotto ${`${name} ${command.usage}`.trim()}\n  ${command.summary}\n\n${details === "" ? "" : `${details}\n`}${common}`;
  }
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));
  const commands = await Promise.all(Object.entries(COMMANDS).map(async ([key, load]) => [key, await load()] as const));
  const lines = commands.map(([key, { summary }]) => `  ${key.padEnd(width)}  ${summary}`);
  return `sotto COMMAND …\n\n${lines.join("\n")}\n\nsotto COMMAND --help tells more.\n\n${common}`;
}

const common = `All commands take
  --profile DIR    the folder of your profile (or SOTTO_PROFILE; else .sotto in your home folder)
  --key-file FILE  32 bytes that open the profile, instead of the passphrase (SOTTO_PASSPHRASE, or it is asked for)
  --json           one JSON value a line
  --help

What needs the server waits up to 30 s for it, 3 s where nothing answers at its address, and once more as long for what it sends; what was not sent by then is kept for the next command.

Exit codes: 0 done, 1 refused or failed (a code says why), 2 not a valid command line, 3 the server could not be reached in time,
130 a transfer was interrupted (the same command goes on with it).`;

type Problem = { readonly exit: number; readonly code: string; readonly sentence: string };

/** What engine and server throw. Told by name, since their classes come with all of them. */
function isCoded(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && /^(Client|Server)Error$/.test(error.name) && "code" in error;
}

/** Words that begin with - are taken for an option, and Node.js's sentence about that is long. */
function optionSentence({ message, code }: TypeError & { readonly code: unknown }): string {
  if (code !== "ERR_PARSE_ARGS_UNKNOWN_OPTION") return message;
  const option = /'([^']*)'/.exec(message)?.[1] ?? "";
  return `There is no option ${option.trim()}. Put -- before words that begin with -, as in: sotto send @bob -- "- and eggs".`;
}

function problemOf(error: unknown): Problem {
  if (error instanceof UsageError) return { exit: 2, code: "usage", sentence: error.message };
  if (error instanceof LaterError) return { exit: 3, code: error.code, sentence: error.message };
  if (isCoded(error)) {
    if (error.code === "transfer_stopped") return { exit: 130, code: error.code, sentence: error.message };
    return { exit: LATER.has(error.code) ? 3 : 1, code: error.code, sentence: error.message };
  }
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (isUsage) return { exit: 2, code: "usage", sentence: optionSentence(error) };
  return { exit: 1, code: "failed", sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function noCommand(name: string): Problem {
  const meant = nearest(name, Object.keys(COMMANDS));
  const question = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return { exit: 2, code: "usage", sentence: `There is no command ${name}.${question}` };
}

type Telling = { readonly isJson: boolean; readonly hint: string };

function tell({ exit, code, sentence }: Problem, { isJson, hint }: Telling): number {
  process.stderr.write(isJson ? `${safeJson({ error: code, message: sentence })}\n` : safeText(`sotto: ${sentence}${hint} (${code})\n`));
  return exit;
}

/** Whoever reads our output may have had enough, as in `sotto read @bob | head`: what is left is dropped, and the command goes on to its end. */
function toleratePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error) => {
      if (!("code" in error) || error.code !== "EPIPE") throw error;
    });
  }
}

export async function main(argv: readonly string[]): Promise<number> {
  toleratePipes();
  const [name, ...rest] = argv;
  const isJson = rest.includes("--json");
  const command = name === undefined ? undefined : await COMMANDS[name]?.();
  if (command === undefined) {
    const isAsked = name === undefined || name === "help" || name === "--help" || name === "-h";
    if (!isAsked) return tell(noCommand(name), { isJson, hint: " See sotto --help." });
    process.stdout.write(`${await help(rest[0])}\n`);
    return name === undefined ? 2 : 0;
  }
  try {
    const { values, positionals } = parseArgs({ args: rest, options: { ...COMMON, ...command.options }, allowPositionals: true });
    if (values["help"] === true) {
      process.stdout.write(`${await help(name)}\n`);
      return 0;
    }
    const options = Object.fromEntries(
      Object.entries(values).filter(
        (entry): entry is [string, string | boolean] => typeof entry[1] === "string" || typeof entry[1] === "boolean",
      ),
    );
    const print = (value: unknown, sentence: string): void =>
      void process.stdout.write(`${isJson ? safeJson(value) : safeText(sentence)}\n`);
    await command.run({ args: positionals, options, print });
    return 0;
  } catch (error) {
    const problem = problemOf(error);
    return tell(problem, { isJson, hint: problem.code === "usage" ? ` See sotto ${name} --help.` : "" });
  }
}
