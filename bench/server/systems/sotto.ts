/** Sotto's server as it is, with TLS; only its limits of rates and connections are lifted, as ejabberd's shapers are. */
import { once } from "node:events";
import { join } from "node:path";
import { end, start } from "../processes.ts";
import type { RunningSystem, System, SystemOptions } from "./system.ts";

export const sotto: System = { name: "sotto", missing: () => undefined, start: (options) => launch(options, false) };

/** Without TLS, as behind a proxy that speaks it. */
export const sottoPlain: System = { name: "sotto, no TLS", missing: () => undefined, start: (options) => launch(options, true) };

async function launch({ folder, core, tls }: SystemOptions, isPlain: boolean): Promise<RunningSystem> {
  const files = isPlain ? [] : [tls.certificateFile, tls.keyFile];
  const command = [
    process.execPath,
    "--expose-gc",
    ...profiling(folder),
    join(import.meta.dirname, "sotto-process.ts"),
    join(folder, "data"),
    ...files,
  ];
  const child = start(command, core, { stdio: ["ignore", "pipe", "inherit"] });
  if (child.stdout === null || child.pid === undefined) throw new Error("no process");
  const [line]: unknown[] = await once(child.stdout, "data");
  const port = Number(new URL(String(line).trim()).port);
  return { access: { system: "sotto", port, isPlain }, pids: [child.pid], rest: () => void child.kill("SIGUSR2"), stop: () => end(child) };
}

/** `BENCH_CPU_PROF=folder` leaves profiles of the server there. */
function profiling(folder: string): string[] {
  const target = process.env["BENCH_CPU_PROF"];
  return target === undefined || folder === "" ? [] : ["--cpu-prof", `--cpu-prof-dir=${target}`];
}
