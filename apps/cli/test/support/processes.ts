/** The command line as processes of its own: one that runs to its end, and a server that stays. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, onTestFinished } from "vitest";

export const SOTTO = join(import.meta.dirname, "..", "..", "bin", "sotto.mjs");
const ADDRESS = /"address":"([^"]+)"/;

/** Of a child process. What one has compiled, the next need not: tests start hundreds of them. */
export const CHILD_ENV = { ...process.env, NODE_COMPILE_CACHE: mkdtempSync(join(tmpdir(), "sotto-compiled-")) };
afterAll(() => rmSync(CHILD_ENV.NODE_COMPILE_CACHE, { recursive: true, force: true }));

type Value = Readonly<Record<string, unknown>>;

export type Ran = { readonly exit: number; readonly values: readonly Value[]; readonly text: string; readonly problem: string };

const valuesIn = (text: string): Value[] =>
  text
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line): Value => JSON.parse(line));

export type RunOptions = { readonly env?: Readonly<Record<string, string>>; readonly shell?: string };

/** `sotto …args --json`, to its end. `shell` is put before it, such as `ulimit -f 1;`. */
export function run(args: readonly string[], { env = {}, shell }: RunOptions = {}): Promise<Ran> {
  const line = [process.execPath, SOTTO, ...args, "--json"];
  const [file = "", ...rest] = shell === undefined ? line : ["bash", "-c", `${shell} exec "$@"`, "bash", ...line];
  return new Promise((resolve) => {
    execFile(file, rest, { env: { ...CHILD_ENV, ...env } }, (error, stdout, stderr) => {
      const exit = typeof error?.code === "number" ? error.code : error === null ? 0 : -1;
      resolve({ exit, values: valuesIn(stdout), text: stdout, problem: stderr });
    });
  });
}

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sotto-cli-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export type Served = {
  readonly child: ChildProcess;
  readonly address: string;
  readonly port: number;
  /** All it has printed. */
  readonly output: () => string;
  /** Ends it by this signal; its exit code. */
  readonly end: (signal: "SIGTERM" | "SIGKILL") => Promise<number | null>;
};

export type ServeOptions = { readonly args?: readonly string[]; readonly port?: number; readonly env?: Readonly<Record<string, string>> };

/** `sotto serve` on a free port, or the one given; killed after the test at the latest. */
export async function serve(data: string, { args = [], port = 0, env = {} }: ServeOptions = {}): Promise<Served> {
  const child = spawn(process.execPath, [SOTTO, "serve", "--data", data, "--port", String(port), ...args, "--json"], {
    env: { ...CHILD_ENV, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let output = "";
  const address = await new Promise<string>((resolve, reject) => {
    child.once("exit", () => reject(new Error(`the server ended: ${output}`)));
    const listen = (printed: Buffer): void => {
      output += printed.toString();
      const found = ADDRESS.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
  });
  const end = async (signal: "SIGTERM" | "SIGKILL"): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, "exit");
    child.kill(signal);
    await gone;
    return child.exitCode;
  };
  return { child, address, port: Number(new URL(address).port), output: () => output, end };
}
