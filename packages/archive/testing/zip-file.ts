/** Writes generated files as a ZIP, or holds them as sources. */
import { open } from "node:fs/promises";
import { makeZip } from "client-zip";
import type { Source } from "@sotto/archive";
import type { GeneratedFile } from "./invented.ts";

function* entries(files: Iterable<GeneratedFile>): Generator<{ name: string; input: Uint8Array<ArrayBuffer>; lastModified: Date }> {
  for (const { path, content } of files) yield { name: path, input: new Uint8Array(content), lastModified: new Date(0) };
}

export async function writeZip(path: string, files: Iterable<GeneratedFile>): Promise<void> {
  const stream: ReadableStream<Uint8Array> = makeZip(entries(files));
  const out = await open(path, "w");
  for await (const chunk of stream) await out.write(chunk);
  await out.close();
}

export async function zipSource(path: string, files: Iterable<GeneratedFile>): Promise<Source> {
  const bytes = new Uint8Array(await new Response(makeZip(entries(files))).arrayBuffer());
  return bytesSource(path, bytes);
}

export function bytesSource(path: string, bytes: Uint8Array): Source {
  return { path, bytes: bytes.length, read: (offset, length) => Promise.resolve(bytes.subarray(offset, offset + length)) };
}
