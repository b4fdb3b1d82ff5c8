/** Reading typed values out of rows, and the statements that several parts of the engine write. */
import type { Row, SqlValue, Statement } from "../ports.ts";
import { ClientError } from "../client-error.ts";

export function sql(text: string, ...parameters: readonly SqlValue[]): Statement {
  return { sql: text, parameters };
}

const damaged = (): ClientError => new ClientError("store_damaged");

export function bytesIn(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (value instanceof Uint8Array) return value;
  throw damaged();
}

export function optionalBytes(row: Row, column: string): Uint8Array | undefined {
  const value = row[column];
  return value instanceof Uint8Array ? value : undefined;
}

export function textIn(row: Row, column: string): string {
  const value = row[column];
  if (typeof value === "string") return value;
  throw damaged();
}

export function numberIn(row: Row, column: string): number {
  const value = row[column];
  if (typeof value === "number") return value;
  throw damaged();
}

export function optionalNumber(row: Row, column: string): number | undefined {
  const value = row[column];
  return typeof value === "number" ? value : undefined;
}

/** One of a closed list. */
export function oneOf<T extends string>(row: Row, column: string, known: readonly T[]): T {
  const found = known.find((value) => value === row[column]);
  if (found === undefined) throw damaged();
  return found;
}

export function setting(key: string, value: SqlValue): Statement {
  return sql("INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value);
}
