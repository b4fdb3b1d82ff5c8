/** Finds a Chromium for the browser tests. Runs on Node 20, before anything is installed. */
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge"];
const APPLICATIONS = [
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser that Playwright downloaded for itself, if it did. */
function downloadedByPlaywright() {
  try {
    /** @type {typeof import("playwright")} */
    const { chromium } = createRequire(import.meta.url)("playwright");
    return chromium.executablePath();
  } catch {
    return "";
  }
}

/**
 * `$CHROMIUM_PATH` first, and then alone: a wrong path there is an error to show, not to work around.
 * @returns {string | undefined}
 */
export function findChromium() {
  const named = process.env["CHROMIUM_PATH"];
  if (named) return isExecutable(named) ? named : undefined;
  const onPath = (process.env["PATH"] ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...onPath, ...APPLICATIONS, downloadedByPlaywright()].find((path) => path !== "" && isExecutable(path));
}
