/**
 * The MLS benchmark in headless Chromium: `node bench/mls/browser.ts`; its arguments are those of options.ts.
 *
 * Engine, wasm provider and harness are bundled as an application would bundle them, and run in a worker of a page.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { chromium } from "playwright";
import { build } from "vite";
import type { BenchPage } from "./browser/page.ts";
import { readOptions } from "./options.ts";
import { report } from "./run.ts";

const PAGE = '<!doctype html><meta charset="utf-8"><title>bench</title><script type="module" src="/page.js"></script>';
const MIME: Readonly<Record<string, string>> = { ".js": "text/javascript", ".wasm": "application/wasm" };
/** Chromium refuses to start its sandbox as root; the rest keeps it from calling home and from needing a GPU. */
const BROWSER_ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

type Files = ReadonlyMap<string, string | Uint8Array>;

async function bundle(): Promise<Files> {
  const output = await build({
    configFile: false,
    logLevel: "error",
    root: import.meta.dirname,
    worker: { format: "es" },
    build: {
      write: false,
      target: "es2023",
      rollupOptions: { input: join(import.meta.dirname, "browser/page.ts"), output: { entryFileNames: "page.js" } },
    },
  });
  const parts = (Array.isArray(output) ? output : [output]).flatMap((part) => ("output" in part ? part.output : []));
  return new Map(parts.map((file) => [`/${file.fileName}`, file.type === "chunk" ? file.code : file.source]));
}

/** With the two headers a browser gives its finest clock. */
async function serve(files: Files): Promise<Server> {
  const isolation = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const server = createServer((request, response) => {
    const path = request.url ?? "/";
    const body = path === "/" ? PAGE : files.get(path);
    const type = path === "/" ? "text/html" : (MIME[extname(path)] ?? "application/octet-stream");
    response.writeHead(body === undefined ? 404 : 200, { "Content-Type": type, ...isolation }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return server;
}

/** In a variable, since the file is JavaScript outside of this project. */
const chromiumModule = new URL("../../scripts/chromium.mjs", import.meta.url).href;
const { findChromium } = (await import(chromiumModule)) as { readonly findChromium: () => string | undefined };

const { json, ...options } = readOptions();
const server = await serve(await bundle());
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath === undefined ? {} : { executablePath }), args: BROWSER_ARGS });
const page = await browser.newPage();
page.on("console", (message) => process.stderr.write(`${message.text()}\n`));
page.on("pageerror", (error) => process.stderr.write(`${error.message}\n`));
await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
const run = await page.evaluate(async (given) => await (globalThis as unknown as BenchPage).runBench(given), options);
const version = `Chromium ${browser.version()}`;
await browser.close();
server.close();
console.log(
  json
    ? JSON.stringify({ browser: version, ...run }, null, 2)
    : report(run, { classical: "sotto, wasm", postQuantum: "sotto, wasm, post-quantum" }),
);
process.stderr.write(`${version}\n`);
