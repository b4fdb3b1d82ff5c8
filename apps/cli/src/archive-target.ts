/** A folder of this machine that an export is written to. It must not be there yet, or be empty. */
import { mkdir, open, readdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ExportTarget } from "@sotto/archive";
import { UsageError } from "./command.ts";

export async function openTarget(folder: string): Promise<ExportTarget> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new UsageError("The folder is not empty. Choose another one.");
  return {
    write: async (path, content) => {
      const full = join(folder, path);
      await mkdir(dirname(full), { recursive: true, mode: 0o700 });
      const file = await open(full, "wx", 0o600);
      try {
        for await (const chunk of content) await file.write(chunk);
      } finally {
        await file.close();
      }
    },
  };
}
