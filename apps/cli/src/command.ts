/** What a command is, and how it answers: sentences for people, or one JSON value a line for scripts. */
import type { ParseArgsConfig } from "node:util";

export type Options = Readonly<Record<string, string | boolean | undefined>>;

export type Invocation = {
  readonly args: readonly string[];
  readonly options: Options;
  readonly print: (value: Readonly<Record<string, unknown>>, sentence: string) => void;
};

export type Command = {
  /** What stands behind the name in the help. */
  readonly usage: string;
  readonly summary: string;
  /** Lines for `--help` below the summary: options, examples. */
  readonly details?: readonly string[];
  readonly options?: NonNullable<ParseArgsConfig["options"]>;
  readonly run: (invocation: Invocation) => Promise<void>;
};

/** The command line is not one that the command takes. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Done as far as it goes here; the server could not be reached in time. */
export class LaterError extends Error {
  override readonly name = "LaterError";
  readonly code: string;
  constructor(sentence: string, code = "later") {
    super(sentence);
    this.code = code;
  }
}

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function numberOption(options: Options, name: string, otherwise: number): number {
  const text = textOption(options, name);
  if (text === undefined) return otherwise;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new UsageError(`--${name} takes a number.`);
  return value;
}

/** Exactly so many arguments, by name. */
export function exactly<const Names extends readonly string[]>(
  args: readonly string[],
  ...names: Names
): { readonly [K in keyof Names]: string } {
  if (args.length !== names.length) {
    const quoting = args.length > names.length && names.at(-1) === "TEXT" ? " Put the text between quotation marks." : "";
    throw new UsageError(`It takes ${names.join(" and ") || "no arguments"}.${quoting}`);
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as many as there are names
  return args as { readonly [K in keyof Names]: string };
}
