/**
 * openmls-wasm 0.1.0 as a contender. It adds one member at a time, and its members cannot process such a commit: so the living one is the last
 * to come.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as OpenMls from "openmls-wasm";
import { mlsContender } from "../lib/engine.ts";

let loaded: Promise<typeof OpenMls> | undefined;

/** The package's own entry imports the module as a bundler would; Node is given it by hand. */
async function load(): Promise<typeof OpenMls> {
  const require = createRequire(import.meta.url);
  const glueUrl = pathToFileURL(require.resolve("openmls-wasm/openmls_wasm_bg.js"));
  const glue = (await import(glueUrl.href)) as typeof OpenMls & { readonly __wbg_set_wasm: (exports: WebAssembly.Exports) => void };
  const module = new WebAssembly.Module(readFileSync(require.resolve("openmls-wasm/openmls_wasm_bg.wasm")));
  const { exports } = new WebAssembly.Instance(module, { "./openmls_wasm_bg.js": glue as unknown as WebAssembly.ModuleImports });
  glue.__wbg_set_wasm(exports);
  (exports["__wbindgen_start"] as () => void)();
  return glue;
}

interface Member {
  readonly api: typeof OpenMls;
  readonly provider: OpenMls.Provider;
  readonly identity: OpenMls.Identity;
  group?: OpenMls.Group;
}

interface Welcome {
  readonly bytes: Uint8Array;
  readonly adder: OpenMls.Group;
}

function groupOf({ group }: Member): OpenMls.Group {
  if (group === undefined) throw new Error("openmls-wasm: in no group");
  return group;
}

export const openMls = mlsContender<Member, OpenMls.KeyPackage, Welcome, Uint8Array>({
  name: "openmls-wasm 0.1",
  notes: ["suite 3; key packages and trees are handles, not bytes; the tree is not in the welcome"],
  without: ["createAndAdd", "updateCommitCreate", "updateCommitProcess"],
  joinsAgain: false,
  newMember: async (name) => {
    loaded ??= load();
    const api = await loaded;
    const provider = new api.Provider();
    return { api, provider, identity: new api.Identity(provider, name) };
  },
  keyPackage: ({ identity, provider }) => identity.key_package(provider),
  create: (member, groupId) => {
    member.group = member.api.Group.create_new(member.provider, member.identity, groupId);
  },
  add: (member, keyPackages) => {
    const group = groupOf(member);
    let bytes = new Uint8Array();
    for (const keyPackage of keyPackages) {
      bytes = Uint8Array.from(group.propose_and_commit_add(member.provider, member.identity, keyPackage).welcome);
      group.merge_pending_commit(member.provider);
    }
    return { bytes, adder: group };
  },
  join: (member, { bytes, adder }) => {
    member.group = member.api.Group.join(member.provider, bytes, adder.export_ratchet_tree());
  },
  update: () => {
    throw new Error("openmls-wasm cannot update");
  },
  process: (member, message) => {
    groupOf(member).process_message(member.provider, message);
  },
  encrypt: (member, data) => groupOf(member).create_message(member.provider, member.identity, data),
  decrypt: (member, message) => groupOf(member).process_message(member.provider, message),
  size: (message) => message.length,
});
