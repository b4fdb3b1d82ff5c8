/** What a browser has to load: the engine and the wasm provider as one minified bundle. */
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { build } from "vite";

const GZIP_BYTES_MAX = 260_000;

test("engine and wasm provider stay under 260 KB gzip", { timeout: 60_000 }, async (context) => {
  const entry = "\0bundle-entry";
  const folder = join(import.meta.dirname, "..");
  const source = `export * from ${JSON.stringify(join(folder, "src/index.ts"))}; export * from ${JSON.stringify(join(folder, "wasm/index.ts"))};`;
  const output = await build({
    configFile: false,
    logLevel: "silent",
    root: folder,
    plugins: [{ name: "entry", resolveId: (id) => (id === entry ? entry : undefined), load: (id) => (id === entry ? source : undefined) }],
    build: { write: false, minify: true, target: "es2023", rollupOptions: { input: entry, preserveEntrySignatures: "strict" } },
  });
  const files = (Array.isArray(output) ? output : [output]).flatMap((part) => ("output" in part ? part.output : []));
  const sizes = files.map((file) => ({
    name: file.fileName,
    gzip: gzipSync(Buffer.from(file.type === "chunk" ? file.code : file.source)).length,
  }));
  for (const { name, gzip } of sizes) await context.annotate(`${name}: ${gzip} bytes gzip`);
  // The verify pool's worker is a file of its own, loaded only by those who open one.
  const loaded = sizes.filter(({ name }) => !name.includes("verify-worker"));
  const bytes = loaded.reduce((sum, { gzip }) => sum + gzip, 0);
  expect(bytes).toBeGreaterThan(50_000);
  expect(bytes).toBeLessThan(GZIP_BYTES_MAX);
});
