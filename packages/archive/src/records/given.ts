/** Fields of a record that are there only where something is known. */
import { ARCHIVE_LIMITS } from "../limits.ts";
import { asText } from "../json/fields.ts";
import { cleanText } from "./clean-text.ts";

/** `{name: value}`, or nothing to spread. */
export function given<Name extends string, Value>(name: Name, value: Value | undefined): { readonly [N in Name]?: Value } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- TypeScript widens a computed key to string
  return (value === undefined ? {} : { [name]: value }) as { readonly [N in Name]?: Value };
}

export function givenSome<Name extends string, Value>(name: Name, list: readonly Value[]): { readonly [N in Name]?: readonly Value[] } {
  return given(name, list.length === 0 ? undefined : list);
}

/** A short text that can be kept: a name, an id, a type. Undefined if there is none. */
export function wordOf(value: unknown, max: number = ARCHIVE_LIMITS.nameMax): string | undefined {
  const text = asText(value);
  return text === undefined || text === "" ? undefined : cleanText(text, max).text;
}
