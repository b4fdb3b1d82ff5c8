/**
 * `sotto`: finds the command, reads its options, and turns what went wrong into a sentence and an exit code.
 *
 *   0  done      1  refused or failed; a code says why      2  not a valid command line      3  the server could not be reached in time
 *   130  a transfer was interrupted; the same command goes on with it
 */
import { parseArgs } from "node:util";
import { ClientError } from "@sotto/client";
import { type Command, LaterError, UsageError } from "./command.ts";
import { admin } from "./commands/admin.ts";
import { signup, whoami } from "./commands/account.ts";
import { group } from "./commands/group.ts";
import { change, react, unsend } from "./commands/change.ts";
import { attach, save } from "./commands/files.ts";
import { serve } from "./commands/serve.ts";
import { list, read, search } from "./commands/look.ts";
import { accept, send, watch } from "./commands/talk.ts";
import { safeJson, safeText } from "./terminal/safe-text.ts";

const COMMANDS: Readonly<Record<string, Command>> = {
  serve,
  signup,
  whoami,
  list,
  send,
  read,
  accept,
  watch,
  react,
  edit: change,
  delete: unsend,
  attach,
  save,
  search,
  group,
  admin,
};
const LATER: ReadonlySet<string> = new Set(["server_unreachable", "server_timeout", "server_busy", "server_stopping", "rate_limited"]);

const COMMON = {
  profile: { type: "string" },
  "key-file": { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean", short: "h" },
} as const;

function help(name: string | undefined): string {
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command !== undefined) {
    const details = (command.details ?? []).map((line) => `  ${line}\n`).join("");
    return `sotto ${`${name} ${command.usage}`.trim()}\n  ${command.summary}\n\n${details === "" ? "" : `${details}\n`}${common}`;
  }
  const width = Math.max(...Object.keys(COMMANDS).map(({ length }) => length));
  const lines = Object.entries(COMMANDS).map(([key, { summary }]) => `  ${key.padEnd(width)}  ${summary}`);
  return `sotto COMMAND …\n\n${lines.join("\n")}\n\nsotto COMMAND --help tells more.\n\n${common}`;
}

const common = `All commands take
  --profile DIR    the folder of your profile (or SOTTO_PROFILE; else .sotto in your home folder)
  --key-file FILE  32 bytes that open the profile, instead of the passphrase (SOTTO_PASSPHRASE, or it is asked for)
  --json           one JSON value a line
  --help

Exit codes: 0 done, 1 refused or failed (a code says why), 2 not a valid command line, 3 the server could not be reached in time,
130 a transfer was interrupted (the same command goes on with it).`;

type Problem = { readonly exit: number; readonly code: string; readonly sentence: string };

/** What engine and server throw. The server's class is not loaded here, for the memory it takes. */
function isCoded(error: unknown): error is Error & { readonly code: string } {
  return error instanceof ClientError || (error instanceof Error && error.name === "ServerError" && "code" in error);
}

function problemOf(error: unknown): Problem {
  if (error instanceof UsageError) return { exit: 2, code: "usage", sentence: error.message };
  if (error instanceof LaterError) return { exit: 3, code: "later", sentence: error.message };
  if (isCoded(error)) {
    if (error.code === "transfer_stopped") return { exit: 130, code: error.code, sentence: error.message };
    return { exit: LATER.has(error.code) ? 3 : 1, code: error.code, sentence: error.message };
  }
  const isUsage = error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
  if (isUsage) return { exit: 2, code: "usage", sentence: error.message };
  return { exit: 1, code: "failed", sentence: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const isJson = rest.includes("--json");
  const command = name === undefined ? undefined : COMMANDS[name];
  if (command === undefined) {
    const asked = name === undefined || name === "help" || name === "--help" || name === "-h";
    (asked ? process.stdout : process.stderr).write(
      `${asked ? help(rest[0]) : safeText(`There is no command ${name}.\n\n${help(undefined)}`)}\n`,
    );
    return asked && name !== undefined ? 0 : 2;
  }
  try {
    const { values, positionals } = parseArgs({ args: rest, options: { ...COMMON, ...command.options }, allowPositionals: true });
    if (values["help"] === true) {
      process.stdout.write(`${help(name)}\n`);
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
    const { exit, code, sentence } = problemOf(error);
    const hint = code === "usage" ? ` See sotto ${name} --help.` : "";
    process.stderr.write(isJson ? `${safeJson({ error: code, message: sentence })}\n` : safeText(`sotto: ${sentence}${hint} (${code})\n`));
    return exit;
  }
}
