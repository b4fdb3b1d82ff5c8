/**
 * openmls-wasm 0.1.0 with its linear memory in reach.
 *
 * The package is a demo: key packages and ratchet trees exist only as handles, and the storage cannot be read. But a module's memory belongs
 * to whoever started it. The storage of a `Provider` is a Rust hash table from key bytes to JSON, so this module finds that table and reads
 * it; and a key package handle is a struct of byte vectors, so another key package of the same shape can be written over it.
 * All offsets are of this one build, which is pinned.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import type * as OpenMls from "openmls-wasm";
import type { Bytes } from "./peer.ts";

export type Provider = OpenMls.Provider;
export type Identity = OpenMls.Identity;
export type Group = OpenMls.Group;
export type KeyPackageHandle = OpenMls.KeyPackage;
export type TreeHandle = OpenMls.RatchetTree;

interface Exports {
  readonly memory: WebAssembly.Memory;
  readonly __wbindgen_start: () => void;
}

export interface Module {
  readonly api: typeof OpenMls;
  readonly memory: WebAssembly.Memory;
}

let loaded: Promise<Module> | undefined;

/** One instance for the whole process: members are kept apart by their Provider. */
export async function load(): Promise<Module> {
  loaded ??= instantiate();
  return await loaded;
}

async function instantiate(): Promise<Module> {
  const require = createRequire(import.meta.url);
  const glueUrl = pathToFileURL(require.resolve("openmls-wasm/openmls_wasm_bg.js"));
  const glue = (await import(glueUrl.href)) as typeof OpenMls & { readonly __wbg_set_wasm: (exports: WebAssembly.Exports) => void };
  const module = new WebAssembly.Module(readFileSync(require.resolve("openmls-wasm/openmls_wasm_bg.wasm")));
  const imports = Object.fromEntries(
    WebAssembly.Module.imports(module).map((entry) => [entry.name, (glue as unknown as WebAssembly.ModuleImports)[entry.name]]),
  );
  const instance = new WebAssembly.Instance(module, { "./openmls_wasm_bg.js": imports as WebAssembly.ModuleImports });
  const exports = instance.exports as unknown as Exports;
  glue.__wbg_set_wasm(instance.exports);
  exports.__wbindgen_start();
  return { api: glue, memory: exports.memory };
}

const pointerOf = (handle: object): number => (handle as { readonly __wbg_ptr: number }).__wbg_ptr;

/** Where the table stands in a Provider; a bucket is two Rust vectors of (capacity, pointer, length), growing downwards from the controls. */
const tableOffset = 336;
const bucketBytes = 24;

/** The values stored under a label, newest state only: `KeyPackage`, `Tree`, `GroupContext`, `EpochSecrets`, … */
export function stored(module: Module, provider: Provider, label: string): unknown[] {
  const view = new DataView(module.memory.buffer);
  const table = pointerOf(provider) + tableOffset;
  const controls = view.getUint32(table, true);
  const mask = view.getUint32(table + 4, true);
  const found: unknown[] = [];
  for (let slot = 0; slot <= mask; slot += 1) {
    if ((view.getUint8(controls + slot) & 0x80) !== 0) continue;
    const bucket = controls - (slot + 1) * bucketBytes;
    const key = vectorAt(module, bucket);
    if (Buffer.from(key).toString("latin1").startsWith(`${label}{`))
      found.push(JSON.parse(Buffer.from(vectorAt(module, bucket + 12)).toString()) as unknown);
  }
  return found;
}

function vectorAt(module: Module, at: number): Uint8Array {
  const view = new DataView(module.memory.buffer);
  return new Uint8Array(module.memory.buffer, view.getUint32(at + 4, true), view.getUint32(at + 8, true));
}

export interface Overwrite {
  readonly from: Bytes;
  readonly to: Bytes;
}

/** The size of a key package struct. */
const structBytes = 208;

/**
 * Writes new bytes over fields of a handle's struct. A field is found by its present contents, either behind a pointer with its length
 * beside it or in place; every field must be found, so that a change of layout is an error and not a wrong key package.
 */
export function overwrite(module: Module, handle: KeyPackageHandle, fields: readonly Overwrite[]): void {
  const start = pointerOf(handle);
  const memory = Buffer.from(module.memory.buffer);
  for (const { from, to } of fields) {
    if (from.length !== to.length) throw new Error("openmls-wasm: a field may not change its length");
    let places = 0;
    for (let at = start; at < start + structBytes; at += 4) {
      const pointer = memory.readUInt32LE(at);
      const behind =
        memory.readUInt32LE(at + 4) === from.length && pointer > 0 && memory.subarray(pointer, pointer + from.length).equals(from);
      const place = behind ? pointer : memory.subarray(at, at + from.length).equals(from) ? at : undefined;
      if (place === undefined) continue;
      memory.set(to, place);
      places += 1;
    }
    if (places !== 1) throw new Error(`openmls-wasm: a field was found ${String(places)} times`);
  }
}
