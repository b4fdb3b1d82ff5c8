/**
 * Three projects run the tests.
 *
 * - `node`: every `*.test.ts` of the repository.
 * - `quick`: the same without the slow ones.
 * - `browser`: the tests of packages/mls again, in headless Chromium, except `*.node.test.ts`.
 *
 * A test file is `*.slow.test.ts` when it takes more than a few seconds; `npm run verify` leaves those out, `npm test` does not
 * (`*.slow.node.test.ts` when it also needs Node.js).
 *
 * Every test sees two constants, declared in test/platform.d.ts:
 *
 * - `__PLATFORM__`: "node" or "browser".
 * - `__VECTORS__`: absolute path, with forward slashes, of the folder with the official MLS test vectors ($MLS_TEST_VECTORS, or
 *   ../shared/vectors/mls beside the repository); "" when there is no such folder, so that a test can say so and skip.
 *   Node reads a file there; a browser fetches "/@fs/" + path, which the test server is allowed to serve.
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { playwright } from "@vitest/browser-playwright";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";
import { findChromium } from "./scripts/chromium.mjs";

const root = import.meta.dirname;
const vectorsFolder = resolve(root, process.env["MLS_TEST_VECTORS"] ?? "../shared/vectors/mls");
const vectors = existsSync(vectorsFolder) ? vectorsFolder.replaceAll("\\", "/") : "";
const chromium = findChromium();

const define = (platform: "node" | "browser"): Record<string, string> => ({
  __PLATFORM__: JSON.stringify(platform),
  __VECTORS__: JSON.stringify(vectors),
});

const ignored = ["**/node_modules/**", "**/dist/**"];

/** Tests on Node.js. The command line cannot exclude files from a project, so the quick ones are a project of their own. */
function nodeProject(name: string, exclude: readonly string[]): TestProjectInlineConfiguration {
  return {
    define: define("node"),
    test: {
      name,
      environment: "node",
      include: ["{packages,apps,bench,test}/**/*.test.ts"],
      exclude: [...exclude],
      testTimeout: 30_000,
    },
  };
}

export default defineConfig({
  test: {
    // One for each core: by itself the runner leaves one out, which on two cores doubles the time.
    maxWorkers: "100%",
    projects: [
      nodeProject("node", ignored),
      nodeProject("quick", [...ignored, "**/*.slow.test.ts", "**/*.slow.node.test.ts"]),
      {
        root: resolve(root, "packages/mls"),
        define: define("browser"),
        // The dependencies are ES modules already. Bundling them on discovery would reload the page in the middle of a test.
        optimizeDeps: { noDiscovery: true, include: ["vitest > expect-type"] },
        server: { fs: { allow: [root, vectorsFolder] } },
        test: {
          name: "browser",
          include: ["**/*.test.ts"],
          exclude: [...ignored, "**/*.node.test.ts"],
          testTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            instances: [{ browser: "chromium" }],
            provider: playwright({
              launchOptions: {
                ...(chromium === undefined ? {} : { executablePath: chromium }),
                // Chromium refuses to start its sandbox as root; the rest keeps it from calling home and from needing a GPU.
                args: [
                  "--no-sandbox",
                  "--disable-gpu",
                  "--disable-quic",
                  "--no-first-run",
                  "--disable-background-networking",
                  "--disable-component-update",
                  "--disable-sync",
                ],
              },
            }),
          },
        },
      },
    ],
  },
});
