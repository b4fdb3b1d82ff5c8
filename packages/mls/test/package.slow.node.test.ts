/** The package as others get it: built, packed, unpacked into a project beside its dependencies, and used by plain Node.js, tsc and Vite. */
import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const PACKAGE = join(import.meta.dirname, "..");
const TSC = join(PACKAGE, "../../node_modules/typescript/bin/tsc");

let project = "";
let packed: readonly string[] = [];

/** Standard output; what a failed command printed is in the error's `stdout`. */
async function run(command: string, args: readonly string[], shell: boolean = false): Promise<string> {
  // Offline, and without what `npm test` tells its children about this repository.
  const kept = Object.entries(process.env).filter(([name]) => !/^(npm_|node_options$|vitest)/i.test(name));
  const env = { ...Object.fromEntries(kept), npm_config_offline: "true", npm_config_cache: join(project, "npm-cache") };
  return (await promisify(execFile)(command, args, { cwd: project, env, shell })).stdout;
}

const runNode = (...args: readonly string[]): Promise<string> => run(process.execPath, args);

beforeAll(async () => {
  project = await realpath(await mkdtemp(join(tmpdir(), "sotto-package-")));
  await runNode(join(PACKAGE, "scripts/build.mjs"), "built");
  // On Windows npm is a script, which only a shell starts.
  await run("npm", ["pack", "./built"], process.platform === "win32");
  const { version } = JSON.parse(await readFile(join(PACKAGE, "package.json"), "utf8")) as { version: string };
  const tarball = `sotto-mls-${version}.tgz`;
  packed = (await run("tar", ["-tzf", tarball])).trim().split(/\r?\n/);
  await run("tar", ["-xzf", tarball]);
  await install();
}, 120_000);

afterAll(async () => {
  await rm(project, { recursive: true, force: true });
});

async function install(): Promise<void> {
  const modules = join(project, "node_modules");
  await mkdir(join(modules, "@sotto"), { recursive: true });
  await rename(join(project, "package"), join(modules, "@sotto/mls"));
  const { dependencies } = await manifest();
  for (const name of Object.keys(dependencies)) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(await realpath(join(PACKAGE, "node_modules", name)), join(modules, name), "junction");
  }
  await writeFile(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
}

type Manifest = Readonly<Record<string, unknown>> & { readonly dependencies: Readonly<Record<string, string>> };

async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(project, "node_modules/@sotto/mls/package.json"), "utf8")) as Manifest;
}

const CONVERSATION = `
import { acceptAnyCredential, basicCredential, createCommit, createGroup, createIdentity, createKeyPackage, joinGroup } from "@sotto/mls";
import { receiveMessage, sealMessage, SUITE } from "@sotto/mls";
import { createNodeProvider } from "@sotto/mls/node";
import { createWasmProvider } from "@sotto/mls/wasm";
import { randomBytes } from "node:crypto";

const must = (outcome) => {
  if (!outcome.ok) throw new Error(outcome.code + ": " + outcome.message);
  return outcome.value;
};
const bytes = (text) => new TextEncoder().encode(text);
const node = await createNodeProvider();
for (const crypto of [node, await createWasmProvider()]) {
  for (const suiteId of [SUITE.x25519Aes128, SUITE.mlkem768X25519Aes128]) {
    const context = { crypto, random: randomBytes, now: Math.floor(Date.now() / 1000), policy: { authenticate: acceptAnyCredential } };
    const [ada, bob] = ["ada", "bob"].map((name) => must(createIdentity({ suiteId, credential: basicCredential(bytes(name)) }, context)));
    const keyPackage = must(createKeyPackage({ suiteId, identity: bob }, context));
    const group = must(createGroup({ suiteId, identity: ada, groupId: bytes("group") }, context));
    const added = must(createCommit(group, { proposals: [{ kind: "add", keyPackage: keyPackage.keyPackage }] }, context));
    const joined = must(joinGroup({ welcome: added.welcome, keyPackages: [keyPackage] }, context)).state;
    const { message } = must(sealMessage(added.next, { data: bytes("hello") }, context));
    console.log(crypto.name, suiteId, new TextDecoder().decode(must(receiveMessage(joined, message, context)).data));
  }
}
`;

/** A provider that says no: what is good was then verified by the worker. */
const POOL = `
import { SUITE } from "@sotto/mls";
import { createNodeProvider, createVerifyPool } from "@sotto/mls/node";
import { randomBytes } from "node:crypto";

const suiteId = SUITE.x25519Aes128;
const suite = (await createNodeProvider()).suite(suiteId);
const { publicKey, privateKey } = suite.signatureKeyPair(randomBytes);
const message = randomBytes(40);
const claim = { publicKey, message, signature: suite.sign(privateKey, message) };
const provider = { name: "refusing", suite: () => ({ ...suite, verify: () => false }) };
const pool = createVerifyPool({ provider, workers: 1 });
const results = await pool.verifyMany(suiteId, Array.from({ length: 64 * 4 }, () => claim));
pool.close();
console.log(results.every((good) => good));
`;

const TYPED = `
import { acceptAnyCredential, basicCredential, createIdentity, SUITE, type CryptoProvider, type Identity, type MlsContext } from "@sotto/mls";
import { createNodeProvider, createVerifyPool } from "@sotto/mls/node";
import { createVerifyPool as createBrowserPool, createWasmProvider, type VerifyPoolOptions } from "@sotto/mls/wasm";

export async function identify(random: (length: number) => Uint8Array, now: number): Promise<Identity | string> {
  const crypto: CryptoProvider = now > 0 ? await createNodeProvider() : await createWasmProvider();
  const context: MlsContext = { crypto, random, now, policy: { authenticate: acceptAnyCredential } };
  const outcome = createIdentity({ suiteId: SUITE.x25519Aes128, credential: basicCredential(new Uint8Array(3)) }, context);
  return outcome.ok ? outcome.value : outcome.code;
}
export const pools = (options: VerifyPoolOptions) => [createVerifyPool(options), createBrowserPool(options)];
// @ts-expect-error The types are there and not any.
createNodeProvider(1).then((provider) => provider.nothing);
`;

const PAGE = `
import { createVerifyPool, createWasmProvider } from "@sotto/mls/wasm";
createVerifyPool({ provider: await createWasmProvider() });
`;

describe("the packed package", () => {
  test("has code, declarations, README and LICENSE, and nothing of the tests", () => {
    const files = packed.map((path) => path.replace(/^package\//, ""));
    const expected = [
      "README.md",
      "LICENSE",
      "package.json",
      "src/index.js",
      "src/index.d.ts",
      "node/verify-worker.js",
      "wasm/verify-worker.js",
    ];
    expect(files).toEqual(expect.arrayContaining(expected));
    expect(files.filter((path) => !/^(README\.md|LICENSE|package\.json|(src|node|wasm)\/[a-z0-9/-]+(\.d\.ts|\.js))$/.test(path))).toEqual(
      [],
    );
  });

  test("says what it needs and nothing of this repository", async () => {
    const { dependencies, exports: entries, ...rest } = await manifest();
    expect(Object.keys(dependencies)).toEqual(["@noble/ciphers", "@noble/curves", "@noble/hashes", "libsodium-sumo"]);
    expect(Object.keys(entries as object)).toEqual([".", "./node", "./wasm"]);
    expect(rest).toMatchObject({ name: "@sotto/mls", license: "MIT", type: "module", engines: { node: ">=20.19.0" } });
    for (const absent of ["private", "scripts", "devDependencies"]) expect(rest).not.toHaveProperty(absent);
    expect(await readFile(join(project, "node_modules/@sotto/mls/README.md"), "utf8")).not.toContain("](../");
  });

  test("holds a conversation on plain Node.js with either provider", { timeout: 60_000 }, async () => {
    await writeFile(join(project, "conversation.js"), CONVERSATION);
    expect(await runNode("conversation.js")).toBe("node 1 hello\nnode 61441 hello\nwasm 1 hello\nwasm 61441 hello\n");
  });

  test("starts its workers on plain Node.js", { timeout: 60_000 }, async () => {
    await writeFile(join(project, "pool.js"), POOL);
    expect(await runNode("pool.js")).toBe("true\n");
  });

  test("type-checks for a consumer, its declarations included", { timeout: 60_000 }, async () => {
    await writeFile(join(project, "typed.ts"), TYPED);
    const failed = (error: { stdout?: string }): string => error.stdout ?? "no output";
    expect(await runNode(TSC, "--noEmit", "--strict", "--module", "nodenext", "typed.ts").catch(failed)).toBe("");
  });

  test("gives Vite its worker", { timeout: 60_000 }, async () => {
    await writeFile(join(project, "page.js"), PAGE);
    const output = await build({
      configFile: false,
      logLevel: "silent",
      root: project,
      build: { write: false, target: "es2023", rollupOptions: { input: join(project, "page.js") } },
    });
    const files = (Array.isArray(output) ? output : [output]).flatMap((part) => ("output" in part ? part.output : []));
    expect(files.map((file) => file.fileName)).toContainEqual(expect.stringMatching(/verify-worker-.*\.js$/));
  });
});
