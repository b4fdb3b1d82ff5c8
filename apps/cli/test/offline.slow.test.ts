/** Commands where no server answers say so once, and where they looked for one. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { TEST_KEY } from "./support/keys.ts";
import { newFolder, type Ran, run, serve } from "./support/processes.ts";

const linesOf = ({ problem }: Ran): string[] => problem.split("\n").filter((line) => line !== "");

test("what is here is shown, what is written is kept, and each says once why, and where", { timeout: 120_000 }, async () => {
  const folder = newFolder();
  const key = join(folder, "key");
  writeFileSync(key, TEST_KEY);
  const by = (name: string, ...args: readonly string[]): Promise<Ran> => run([...args, "--profile", join(folder, name), "--key-file", key]);
  const as = (...args: readonly string[]): Promise<Ran> => by("ada", ...args);
  const server = await serve(join(folder, "data"));
  for (const name of ["ada", "bob"]) expect((await by(name, "signup", name, "--server", server.address)).exit).toBe(0);
  expect((await as("group", "create", "Notes", "@bob")).exit).toBe(0);
  await server.end("SIGTERM");

  const [listed, sent, found] = [await as("list"), await as("send", "Notes", "kept"), await as("send", "@cleo", "who?")];
  expect(listed).toMatchObject({ exit: 0, values: [{ title: "Notes" }] });
  expect(linesOf(listed)).toEqual([expect.stringContaining(`"warning":"server_unreachable"`)]);
  expect(sent.exit).toBe(3);
  expect(linesOf(sent)).toEqual([expect.stringContaining("It is kept")]);
  expect(found.exit).toBe(3);
  expect(linesOf(found)).toEqual([expect.stringContaining(`"error":"server_unreachable"`)]);
  for (const ran of [listed, sent, found]) expect(ran.problem).toContain(server.address);
});
