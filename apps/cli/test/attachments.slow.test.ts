/** Files between real processes: 300 MB in little memory, and processes that are killed or interrupted in the middle. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createHash, randomBytes } from "node:crypto";
import { closeSync, createReadStream, mkdirSync, openSync, readdirSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CHILD_ENV, newFolder, type Ran, run, serve, SOTTO } from "./support/processes.ts";

const MB = 1_000_000;
/** Whatever a process does, its largest size is the last thing that it says. */
const SAY_PEAK = "process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS + String.fromCharCode(10)))";
const ENV = { SOTTO_PASSPHRASE: "only for this test", NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(SAY_PEAK)}"` };
const peakMb = (text: string): number => Math.ceil((Number(/peak (\d+)/.exec(text)?.[1] ?? Number.NaN) * 1024) / MB);

function newFile(path: string, megabytes: number): void {
  const file = openSync(path, "w");
  for (let i = 0; i < megabytes; i++) writeSync(file, randomBytes(MB));
  closeSync(file);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const bytes of createReadStream(path)) hash.update(bytes as Uint8Array);
  return hash.digest("hex");
}

async function start() {
  const folder = newFolder();
  // As npm start does: what Node.js makes of the sources is kept from here on.
  await run(["help"]);
  const server = await serve(join(folder, "server"), { env: ENV });
  const profile = (name: string): string[] => ["--profile", join(folder, name)];
  const sotto = async (name: string, ...args: string[]): Promise<Ran> => {
    const ran = await run([...args, ...profile(name)], { env: ENV });
    if (ran.exit !== 0) throw new Error(`${args.join(" ")}: ${ran.problem}`);
    return ran;
  };
  for (const name of ["ada", "bob"]) await sotto(name, "signup", name, "--server", server.address);
  await sotto("ada", "send", "@bob", "Hello Bob");
  await sotto("bob", "accept", "@ada");
  mkdirSync(join(folder, "saved"));
  /** A command that is ended in the middle, once `isTime`. */
  const cutShort = async (name: string, args: readonly string[], { signal, isTime }: Cut): Promise<number | null> => {
    const child = spawn(process.execPath, [SOTTO, ...args, ...profile(name), "--json"], { env: { ...CHILD_ENV, ...ENV }, stdio: "ignore" });
    const ended = once(child, "exit");
    while (child.exitCode === null && !isTime()) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill(signal);
    await ended;
    return child.exitCode;
  };
  return { folder, server, sotto, cutShort };
}

type Cut = { readonly signal: "SIGKILL" | "SIGINT"; readonly isTime: () => boolean };

/** Bytes of all files below a folder. */
function bytesIn(folder: string): number {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const countIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

test("300 MB arrive byte for byte, with less than 200 MB of memory in any process", { timeout: 240_000 }, async () => {
  const { folder, server, sotto } = await start();
  const path = join(folder, "film.mkv");
  newFile(path, 300);
  const sending = await sotto("ada", "attach", "@bob", path, "--caption", "Our film");
  expect(sending.values).toMatchObject([
    { text: "Our film", state: "sent", attachments: [{ name: "film.mkv", mediaType: "video/x-matroska", size: 300 * MB }] },
  ]);
  const saving = await sotto("bob", "save", "@ada", "--to", join(folder, "saved"));
  expect(saving.values).toMatchObject([{ name: "film.mkv", size: 300 * MB, wasThere: false }]);
  expect(await hashOf(join(folder, "saved", "film.mkv"))).toBe(await hashOf(path));
  await server.end("SIGTERM");
  const peaks = { sender: peakMb(sending.problem), receiver: peakMb(saving.problem), server: peakMb(server.output()) };
  console.info(`peak memory for 300 MB: ${JSON.stringify(peaks)} (MB)`);
  for (const peak of Object.values(peaks)) expect(peak).toBeLessThan(200);
});

test("who is killed or interrupted while sending and saving goes on with the same command", { timeout: 240_000 }, async () => {
  const { folder, sotto, cutShort } = await start();
  const path = join(folder, "talk.mp3");
  newFile(path, 60);
  const blobs = join(folder, "server", "blobs");
  const attaching = ["attach", "@bob", path, "--caption", "The talk"];
  expect(await cutShort("ada", attaching, { signal: "SIGKILL", isTime: () => bytesIn(blobs) > 10 * MB })).toBeNull();
  const [waiting] = (await sotto("ada", "read", "@bob", "--offline", "--limit", "1")).values;
  expect(waiting).toMatchObject({ text: "The talk", state: "sending", attachments: [{ name: "talk.mp3" }] });
  const before = bytesIn(blobs);
  expect(before).toBeLessThan(60 * MB);
  expect(await cutShort("ada", attaching, { signal: "SIGINT", isTime: () => bytesIn(blobs) > before + 10 * MB })).toBe(130);
  expect((await sotto("ada", ...attaching)).values).toMatchObject([{ text: "The talk", state: "sent" }]);
  expect(countIn(blobs)).toBe(1);

  const saved = join(folder, "saved");
  const saving = ["save", "@ada", "--to", saved];
  expect(await cutShort("bob", saving, { signal: "SIGKILL", isTime: () => bytesIn(saved) > 10 * MB })).toBeNull();
  const kept = bytesIn(saved);
  expect(readdirSync(saved)).toEqual([expect.stringMatching(/^\.talk\.mp3\.[0-9a-f]{16}-0\.part$/)]);
  expect(await cutShort("bob", saving, { signal: "SIGINT", isTime: () => bytesIn(saved) > kept + 10 * MB })).toBe(130);
  expect(readdirSync(saved)).toHaveLength(1);
  expect(bytesIn(saved)).toBeGreaterThan(kept);
  await sotto("bob", ...saving);
  expect(readdirSync(saved)).toEqual(["talk.mp3"]);
  expect(await hashOf(join(saved, "talk.mp3"))).toBe(await hashOf(path));
  const texts = (await sotto("bob", "read", "@ada")).values.filter(({ kind }) => kind === "text").map(({ text }) => text);
  expect(texts).toEqual(["Hello Bob", "The talk"]);
  expect((await sotto("bob", ...saving)).values).toMatchObject([{ wasThere: true }]);
});

test("what cannot be done has an exit code and a code", { timeout: 120_000 }, async () => {
  const { folder, sotto } = await start();
  const path = join(folder, "note.txt");
  newFile(path, 1);
  const profile = ["--profile", join(folder, "ada")];
  const problemOf = async (...args: string[]) => {
    const { exit, problem } = await run([...args, ...profile], { env: ENV });
    return [exit, /"error":"([^"]+)"/.exec(problem)?.[1]];
  };
  expect(await problemOf("attach", "@bob")).toEqual([2, "usage"]);
  expect(await problemOf("attach", "@bob", join(folder, "nothing"))).toEqual([1, "file_unknown"]);
  expect(await problemOf("attach", "@bob", folder)).toEqual([1, "file_unsupported"]);
  expect(await problemOf("save", "@bob")).toEqual([1, "attachment_unknown"]);
  expect((await sotto("ada", "attach", "@bob", "--discard")).values).toEqual([{ discarded: 0 }]);
  expect(await problemOf("save", "@nobody")).toEqual([1, "conversation_unknown"]);
  await sotto("ada", "attach", "@bob", path, path);
  expect(await problemOf("save", "@bob", "--to", join(folder, "one.txt"))).toEqual([2, "usage"]);
  const both = await sotto("ada", "save", "@bob", "--to", join(folder, "saved"));
  expect(both.values.map(({ path: to }) => to)).toEqual([join(folder, "saved", "note.txt"), join(folder, "saved", "note (2).txt")]);
  newFile(join(folder, "saved", "note.txt"), 2);
  expect(await problemOf("save", "@bob", "--to", join(folder, "saved"))).toEqual([1, "file_exists"]);
  await sotto("ada", "save", "@bob", "--to", join(folder, "saved"), "--force");
  expect(await hashOf(join(folder, "saved", "note.txt"))).toBe(await hashOf(path));
});
