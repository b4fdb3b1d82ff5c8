/** A text that is equal for two values exactly when everything inside them is: to see that an old state was left as it is. */
import { toHex } from "../support/vectors.ts";

type TreeLike = { readonly width: number; readonly node: (index: number) => unknown };

function isTree(value: object): value is TreeLike {
  return "width" in value && "node" in value && typeof value.node === "function";
}

function write(value: unknown, out: string[]): void {
  if (value instanceof Uint8Array) {
    out.push(toHex(value));
  } else if (value instanceof Map) {
    out.push("map{");
    for (const [key, item] of value) {
      out.push(`${String(key)}:`);
      write(item, out);
    }
    out.push("}");
  } else if (typeof value === "object" && value !== null) {
    out.push("{");
    if (isTree(value)) {
      for (let index = 0; index < value.width; index++) write(value.node(index), out);
    } else {
      for (const [key, item] of Object.entries(value)) {
        out.push(`${key}:`);
        write(item, out);
      }
    }
    out.push("}");
  } else {
    out.push(`${String(value)};`);
  }
}

export function fingerprint(value: unknown): string {
  const out: string[] = [];
  write(value, out);
  return out.join(" ");
}
