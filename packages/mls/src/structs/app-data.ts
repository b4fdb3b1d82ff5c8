/**
 * Application data dictionary, Safe AAD and last-resort key packages (draft-ietf-mls-extensions-09)
 *
 *   struct { ComponentID component_id (uint16); opaque data<V>; } ComponentData;  AppDataDictionary: ComponentData component_data<V>
 *   struct { ComponentID component_id; opaque aad_item_data<V>; } SafeAADItem;    SafeAAD: SafeAADItem aad_items<V>
 *
 * Both lists are strictly increasing by component. Where the group's dictionary has the `safe_aad` component, every
 * `authenticated_data` begins with a SafeAAD.
 */
import { type Reader, Reader as ByteReader, readWhole } from "../codec/reader.ts";
import { encode, Writer } from "../codec/writer.ts";
import { LIMITS } from "../limits.ts";
import { attempt, check, type Outcome, Reject } from "../outcome.ts";
import { type Extension, EXTENSION, findExtension } from "./extension.ts";
import type { KeyPackage } from "./key-package.ts";

export const COMPONENT = { appComponents: 1, safeAad: 2, contentMediaTypes: 3, lastResortKeyPackage: 4, appAck: 5 } as const;

export type ComponentData = { readonly componentId: number; readonly data: Uint8Array };

/** `authenticated_data` taken apart: the framed items and whatever follows them. */
export type SafeAad = { readonly items: readonly ComponentData[]; readonly rest: Uint8Array };

function writeComponents(writer: Writer, items: readonly ComponentData[]): void {
  writer.vector(items, (w, item) => w.u16(item.componentId).opaque(item.data));
}

function readComponents(reader: Reader): ComponentData[] {
  const items = reader.vector((r) => ({ componentId: r.u16(), data: r.opaque() }), LIMITS.safeAadItemsMax);
  let previous = -1;
  for (const item of items) {
    if (item.componentId <= previous) throw new Reject("decode_invalid");
    previous = item.componentId;
  }
  return items;
}

/** Throws Reject `usage` for two items of one component. */
export function appDataDictionaryExtension(items: readonly ComponentData[]): Extension {
  const sorted = items.toSorted((a, b) => a.componentId - b.componentId);
  check(new Set(sorted.map((item) => item.componentId)).size === sorted.length, "usage");
  return { type: EXTENSION.appDataDictionary, data: encode(writeComponents, sorted) };
}

/** Throws Reject when the extension is there and malformed. */
export function appDataDictionary(extensions: readonly Extension[]): readonly ComponentData[] {
  const data = findExtension(extensions, EXTENSION.appDataDictionary);
  return data === undefined ? [] : readWhole(readComponents, data);
}

export function usesSafeAad(groupContextExtensions: readonly Extension[]): boolean {
  return appDataDictionary(groupContextExtensions).some((item) => item.componentId === COMPONENT.safeAad);
}

/** `authenticated_data` of a group that uses Safe AAD. Items are sorted here; two of one component are a `usage` failure. */
export function encodeSafeAad(aad: SafeAad): Outcome<Uint8Array> {
  return attempt(() => {
    const sorted = aad.items.toSorted((a, b) => a.componentId - b.componentId);
    if (new Set(sorted.map((item) => item.componentId)).size !== sorted.length) throw new Reject("usage");
    const writer = new Writer();
    writeComponents(writer, sorted);
    return writer.raw(aad.rest).finish();
  });
}

export function decodeSafeAad(authenticatedData: Uint8Array): Outcome<SafeAad> {
  return attempt(() => {
    const reader = new ByteReader(authenticatedData);
    return { items: readComponents(reader), rest: reader.rest() };
  });
}

/** Extensions of a key package with the mark that it may be used more than once, beside what its dictionary already holds. */
export function withLastResort(extensions: readonly Extension[]): Extension[] {
  const mark = { componentId: COMPONENT.lastResortKeyPackage, data: new Uint8Array(0) };
  const held = appDataDictionary(extensions).filter(({ componentId }) => componentId !== mark.componentId);
  return [...extensions.filter(({ type }) => type !== EXTENSION.appDataDictionary), appDataDictionaryExtension([...held, mark])];
}

export function isLastResort(keyPackage: KeyPackage): boolean {
  const found = attempt(() => appDataDictionary(keyPackage.extensions));
  return found.ok && found.value.some((item) => item.componentId === COMPONENT.lastResortKeyPackage && item.data.length === 0);
}
