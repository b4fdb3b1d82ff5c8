/**
 * `npm run build`: makes the folder that is published, dist/package or the folder given: JavaScript, declarations, README, LICENSE and a
 * package.json that points at them. Inside the repository nothing needs it: there the exports are the TypeScript sources.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const PACKAGE = resolve(import.meta.dirname, "..");
const FOLDERS = ["src", "node", "wasm"];
/** What the dependencies need; TypeScript is only needed to build. */
const NODE_VERSIONS = ">=20.19.0";

/** Relative imports that a declaration keeps as they were written. */
const SOURCE_IMPORT = /((?:from|import) ?\(?")(\.{1,2}\/[^"]+)\.ts"/g;
/** Where a pool starts its worker: an address and no import, so the compiler leaves it. Bundlers look for exactly this form. */
const WORKER_URL = 'new Worker(new URL("./verify-worker.ts", import.meta.url)';
const POOLS = ["node/verify-pool.js", "wasm/verify-pool.js"];

/** Changes a file of the result.
 * @param {string} file
 * @param {(text: string) => string} change
 */
function rewrite(file, change) {
  writeFileSync(file, change(readFileSync(file, "utf8")));
}

/** @param {string} out */
function compile(out) {
  const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin", "tsc");
  const { status } = spawnSync(process.execPath, [tsc, "-p", join(PACKAGE, "tsconfig.build.json"), "--outDir", out], { stdio: "inherit" });
  if (status !== 0) throw new Error("the sources do not compile");
}

/** @param {string} out */
function pointAtJavaScript(out) {
  for (const name of readdirSync(out, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".d.ts"))) {
    rewrite(join(out, name), (text) => text.replaceAll(SOURCE_IMPORT, '$1$2.js"'));
  }
  for (const name of POOLS) {
    rewrite(join(out, name), (text) => {
      const [before, after, ...more] = text.split(WORKER_URL);
      if (before === undefined || after === undefined || more.length > 0) throw new Error(`${name} starts its worker in exactly one place`);
      return before + WORKER_URL.replace(".ts", ".js") + after;
    });
  }
}

/** @param {string} source */
function exportOf(source) {
  const stem = source.replace(/\.ts$/, "");
  return { types: `${stem}.d.ts`, default: `${stem}.js` };
}

/** @param {string} out */
function writeManifest(out) {
  const {
    private: _private,
    scripts: _scripts,
    devDependencies: _tools,
    exports,
    dependencies,
    ...manifest
  } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
  const main = exportOf(exports["."]);
  const published = {
    ...manifest,
    main: main.default,
    types: main.types,
    exports: Object.fromEntries(Object.entries(exports).map(([path, source]) => [path, exportOf(source)])),
    files: FOLDERS,
    engines: { node: NODE_VERSIONS },
    dependencies,
  };
  writeFileSync(join(out, "package.json"), `${JSON.stringify(published, undefined, 2)}\n`);
}

/** @param {string} out */
function copyTexts(out) {
  copyFileSync(join(PACKAGE, "LICENSE"), join(out, "LICENSE"));
  copyFileSync(join(PACKAGE, "README.md"), join(out, "README.md"));
  // A link to another folder of the repository leads nowhere from here.
  rewrite(join(out, "README.md"), (text) => text.replaceAll(/\[([^\]]+)\]\(\.\.\/[^)]*\)/g, "$1 in the repository of Sotto"));
}

const given = process.argv[2];
const out = given === undefined ? join(PACKAGE, "dist", "package") : resolve(given);
// What an earlier build left must not be published. A folder that was given is the caller's to empty.
if (given === undefined) rmSync(out, { recursive: true, force: true });
compile(out);
pointAtJavaScript(out);
writeManifest(out);
copyTexts(out);
