/** A PostgreSQL of its own in a folder, as Debian's package sets it up: fsync and synchronous_commit on. */
import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { type Core, end, findProgram, start } from "../processes.ts";

const LIBRARY = "/usr/lib/postgresql";
const USER = "postgres";

/** The folder with initdb and postgres: Debian keeps them off the path. */
export function postgresBin(): string | undefined {
  try {
    const versions = readdirSync(LIBRARY).toSorted((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(LIBRARY, version, "bin")).find((folder) => findProgram("initdb", [folder])?.startsWith(folder));
  } catch {
    return undefined;
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 0;
}

export const asUser = (user: string, command: readonly string[]): string[] => [
  "setpriv",
  `--reuid=${user}`,
  `--regid=${user}`,
  "--init-groups",
  ...command,
];

export function ownedFolder(path: string, user: string): string {
  mkdirSync(path, { recursive: true });
  const id = (flag: string): number => Number(execFileSync("id", [flag, user], { encoding: "utf8" }));
  chownSync(path, id("-u"), id("-g"));
  chmodSync(path, 0o700);
  return path;
}

export type Postgres = { readonly port: number; readonly pid: number; run(script: string): void; stop(): Promise<void> };

/** Without a password: it listens on loopback only and lives as long as the run. */
export async function startPostgres(folder: string, core: Core): Promise<Postgres> {
  const bin = postgresBin() ?? "";
  const data = join(ownedFolder(join(folder, "postgres"), USER), "data");
  const quiet: ExecFileSyncOptions = { cwd: "/", stdio: ["ignore", "ignore", "inherit"] };
  const [setUser = "", ...initdb] = asUser(USER, [
    join(bin, "initdb"),
    "-D",
    data,
    "-A",
    "trust",
    "-U",
    USER,
    "-E",
    "UTF8",
    "--locale=C.UTF-8",
  ]);
  execFileSync(setUser, initdb, quiet);
  const port = await freePort();
  const flags = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", data, "-c", "log_min_messages=fatal"];
  const child = start(asUser(USER, [join(bin, "postgres"), ...flags]), core, { cwd: "/", stdio: "ignore" });
  const psql = (script: string): void => {
    const flagsOf = ["-q", "-h", "127.0.0.1", "-p", String(port), "-U", USER, "-v", "ON_ERROR_STOP=1", "-d", "postgres"];
    execFileSync(join(bin, "psql"), flagsOf, { input: script, stdio: ["pipe", "ignore", "pipe"] });
  };
  for (let attempt = 0; ; attempt++) {
    try {
      psql("SELECT 1");
      break;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return { port, pid: child.pid ?? 0, run: psql, stop: () => end(child, "SIGINT") };
}
