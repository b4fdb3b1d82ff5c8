/** Reading columns of a row with their type. A column of another type means that the file is damaged. */
import type { SQLOutputValue } from "node:sqlite";
import { ServerError } from "../server-error.ts";

export type Row = Record<string, SQLOutputValue>;

export function numberAt(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new ServerError("store_damaged");
  return value;
}

export function nullableNumberAt(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : numberAt(row, column);
}

export function bytesAt(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw new ServerError("store_damaged");
  return value;
}

export function nullableBytesAt(row: Row, column: string): Uint8Array | undefined {
  return row[column] === null ? undefined : bytesAt(row, column);
}
