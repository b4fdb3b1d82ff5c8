/** Reading fields of values that came out of JSON.parse and may be anything. */
export type JsonObject = { readonly [key: string]: unknown };

export function asObject(value: unknown): JsonObject | undefined {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every object that is no array has string keys
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function objects(value: unknown): readonly JsonObject[] {
  return asList(value).flatMap((item) => {
    const object = asObject(item);
    return object === undefined ? [] : [object];
  });
}

export function asText(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** A number, or digits in a string: ProtoJSON writes 64-bit numbers as strings. */
export function asInteger(value: unknown): number | undefined {
  const number = typeof value === "string" && /^-?\d{1,17}$/.test(value) ? Number(value) : value;
  return typeof number === "number" && Number.isSafeInteger(number) ? number : undefined;
}

export function parseJson(text: string | undefined): { readonly value: unknown } | undefined {
  if (text === undefined) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** The fields that an importer does not know, so that they can be kept as they are; undefined if there are none. */
export function fieldsBeside(object: JsonObject, known: ReadonlySet<string>): JsonObject | undefined {
  let rest: Record<string, unknown> | undefined;
  for (const key in object) {
    if (known.has(key) || key === "__proto__") continue;
    rest ??= {};
    rest[key] = object[key];
  }
  return rest;
}
