/**
 * Installs what is missing: node_modules from the lock, and a Chromium for the browser tests. Safe to repeat; says what it does.
 * Runs on Node 20, before anything is installed. `--no-browser` leaves Chromium out.
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findChromium } from "./chromium.mjs";
import { environmentOutside, pinnedNode, ROOT } from "./runtime.mjs";

const LOCK = join(ROOT, "package-lock.json");
const STAMP = join(ROOT, "node_modules", ".sotto-lock-hash");
const NPM_WRITE_MS = 10_000;

/** @param {string} line */
const say = (line) => process.stdout.write(`set-up: ${line}\n`);

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, env = process.env) {
  say(`${command} ${args.join(" ")}`);
  return spawnSync(command, args, { cwd: ROOT, env, stdio: "inherit", shell: process.platform === "win32" }).status === 0;
}

const lockHash = () => createHash("sha256").update(readFileSync(LOCK)).digest("hex");

/** Someone may have run npm by hand: npm writes its own record of what it installed, and right after it the lock if that changed. */
function npmInstalledAfterLock() {
  const record = join(ROOT, "node_modules", ".package-lock.json");
  return existsSync(record) && statSync(record).mtimeMs + NPM_WRITE_MS >= statSync(LOCK).mtimeMs;
}

const stamped = () => existsSync(STAMP) && readFileSync(STAMP, "utf8") === lockHash();

function installPackages() {
  if (stamped() || npmInstalledAfterLock()) {
    say("packages are those of package-lock.json");
  } else {
    say("installing the packages of package-lock.json");
    if (!run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], environmentOutside())) throw new Error("npm ci failed");
  }
  writeFileSync(STAMP, lockHash());
}

function installChromium() {
  if (process.env["CHROMIUM_PATH"] && findChromium() === undefined) throw new Error("CHROMIUM_PATH names no program");
  if (findChromium() === undefined) {
    say("no Chromium on PATH; trying Playwright's download");
    run(pinnedNode(), [join("node_modules", "playwright", "cli.js"), "install", "chromium"]);
  }
  if (findChromium() === undefined && process.platform === "linux" && process.getuid?.() === 0) {
    say("trying the system's packages");
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    if (run("apt-get", ["update"], env)) run("apt-get", ["install", "-y", "--no-install-recommends", "chromium"], env);
  }
  const found = findChromium();
  if (found === undefined) throw new Error("no Chromium: install one, or set CHROMIUM_PATH");
  say(`Chromium is ${found}`);
}

try {
  installPackages();
  say(`Node.js is ${pinnedNode()}`);
  if (!process.argv.includes("--no-browser")) installChromium();
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
