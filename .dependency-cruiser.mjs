/**
 * Which code may import which: the table of ARCHITECTURE.md as rules. test/import-rules.test.ts breaks each one and sees it caught.
 *
 * A workspace is matched by its folder and by its package name, so that an import that does not resolve is caught too.
 */

/** @type {Readonly<Record<string, readonly string[]>>} */
const MAY_IMPORT = {
  "packages/protocol": [],
  "packages/mls": [],
  "packages/core": ["packages/mls", "packages/protocol"],
  "packages/client": ["packages/core", "packages/protocol"],
  "packages/archive": ["packages/protocol"],
  "packages/server": ["packages/protocol"],
  "apps/web": ["packages/client", "packages/archive", "packages/protocol"],
  "apps/cli": ["packages/client", "packages/archive", "packages/protocol", "packages/server"],
};

const WORKSPACE = "^(packages/|apps/|bench/|@sotto/)";
const TEST_FILE = "(\\.test\\.ts$|/(test|testing)/)";
/** Code that sees no clock, no randomness and no I/O except as an argument. */
const PURE = "^packages/((protocol|core|archive)/|(mls|client)/src/)";
const PRODUCT = "^(packages|apps)/[^/]+/(src|node|web|wasm)/";

/** @param {string} folder */
const nameOf = (folder) => folder.slice(folder.indexOf("/") + 1);

/** @param {readonly string[]} folders */
const anyOf = (folders) => folders.flatMap((folder) => [`^${folder}/`, `^@sotto/${nameOf(folder)}(/|$)`]);

const imports = Object.entries(MAY_IMPORT).map(([folder, allowed]) => ({
  name: `${nameOf(folder)}-imports-only`,
  comment: `${folder} may import ${allowed.join(", ") || "no other workspace"}.`,
  severity: "error",
  from: { path: `^${folder}/` },
  to: { path: WORKSPACE, pathNot: anyOf([folder, ...allowed]) },
}));

export default {
  forbidden: [
    ...imports,
    {
      name: "server-never-reaches-keys",
      comment: "The server is blind: no chain of imports leads from it to code that holds keys or reads content.",
      severity: "error",
      from: { path: "^packages/server/" },
      to: { path: anyOf(["packages/core", "packages/client", "packages/archive", "packages/mls"]), reachable: true },
    },
    {
      name: "archive-never-reaches-keys",
      comment: "A parser of hostile files never reaches a key.",
      severity: "error",
      from: { path: "^packages/archive/" },
      to: { path: anyOf(["packages/core", "packages/client", "packages/mls"]), reachable: true },
    },
    {
      name: "nothing-imports-apps",
      comment: "Applications are the end of the graph.",
      severity: "error",
      from: { pathNot: "^apps/" },
      to: { path: anyOf(["apps/web", "apps/cli"]) },
    },
    {
      name: "nothing-imports-bench",
      comment: "Measurements are not product code.",
      severity: "error",
      from: { pathNot: "^bench/" },
      to: { path: anyOf(["packages/bench"]).concat("^bench/") },
    },
    {
      name: "mls-engine-imports-nothing",
      comment: "The engine is pure: no Node.js module, no npm package, no provider. What it needs is passed in.",
      severity: "error",
      from: { path: "^packages/mls/src/", pathNot: TEST_FILE },
      to: { pathNot: "^packages/mls/src/" },
    },
    {
      name: "mls-providers-stay-apart",
      comment: "A browser must not load the Node.js provider, nor the reverse.",
      severity: "error",
      from: { path: "^packages/mls/(node|wasm)/", pathNot: TEST_FILE },
      to: { path: "^packages/mls/(node|wasm)/", pathNot: "^packages/mls/$1/" },
    },
    {
      name: "client-knows-no-adapter",
      comment: "The engine speaks to ports; adapters know the engine.",
      severity: "error",
      from: { path: "^packages/client/src/", pathNot: TEST_FILE },
      to: { path: "^packages/client/(node|web)/" },
    },
    {
      name: "pure-code-has-no-node",
      comment: "Pure code sees no Node.js module.",
      severity: "error",
      from: { path: PURE, pathNot: TEST_FILE },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "packages-by-name",
      comment: "Another workspace is imported by its name, so through its exports, never by a relative path.",
      severity: "error",
      from: { path: "^(packages|apps)/([^/]+)/" },
      to: { path: "^(packages|apps)/", pathNot: "^$1/$2/", dependencyTypes: ["local"] },
    },
    {
      name: "product-without-development-packages",
      comment: "Peers under the GPL, and tools, are for tests and measurements only.",
      severity: "error",
      from: { path: PRODUCT, pathNot: TEST_FILE },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["type-only"] },
    },
    {
      name: "mls-stays-permissive",
      comment: "@sotto/mls is under the MIT licence and so is all that it runs on.",
      severity: "error",
      from: { path: "^packages/mls/(src|node|wasm)/", pathNot: TEST_FILE },
      to: { license: "GPL" },
    },
    {
      name: "product-without-tests",
      comment: "Product code does not import test code.",
      severity: "error",
      from: { path: PRODUCT, pathNot: TEST_FILE },
      to: { path: TEST_FILE },
    },
    {
      name: "declared-packages-only",
      comment: "A workspace imports only the packages that its own package.json names.",
      severity: "error",
      from: {},
      to: { dependencyTypes: ["npm-no-pkg", "npm-unknown"] },
    },
    {
      name: "no-unresolved",
      comment: "Every import leads somewhere.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "no-cycle",
      comment: "Files can be read in an order. Types may refer to each other.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)dist/" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "default", "types"],
      extensions: [".ts", ".tsx", ".mjs", ".js", ".json"],
    },
  },
};
