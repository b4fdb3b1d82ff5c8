/** A server on a free port with a folder of its own; both are gone after the test. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { onTestFinished } from "vitest";
import { type RunningServer, type ServerOptions, startServer } from "../../src/index.ts";

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "sotto-server-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function started(options: Partial<ServerOptions> = {}): Promise<RunningServer & { readonly folder: string }> {
  const folder = options.dataFolder ?? newFolder();
  const server = await startServer({ port: 0, logger: pino({ level: "silent" }), ...options, dataFolder: folder });
  onTestFinished(() => server.close());
  return { ...server, folder };
}
