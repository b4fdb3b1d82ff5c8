/**
 * The lossless export (spec/archive-format.md §Files): lines of JSON, media by hash, and a manifest with the hash of every file. The same store gives the
 * same bytes, so the hash of the manifest is the hash of the store's content.
 */
import { bytesToHex } from "@sotto/protocol";
import type { ArchivePorts } from "../ports.ts";
import type { ArchiveReader, ExportCounts, ExportSelection, ExportTarget } from "./export-ports.ts";
import { mediaPath } from "./media-names.ts";

const ARCHIVE_FORMAT = "sotto-archive";
const LINES_PER_FILE = 10_000;

type Ports = Pick<ArchivePorts, "createSha256" | "encodeUtf8">;
type Written = { readonly path: string; readonly sha256: string; readonly bytes: number };

class HashedTarget {
  readonly files: Written[] = [];
  readonly #target: ExportTarget;
  readonly #ports: Ports;

  constructor(target: ExportTarget, ports: Ports) {
    this.#target = target;
    this.#ports = ports;
  }

  async write(path: string, content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<void> {
    const hash = this.#ports.createSha256();
    let bytes = 0;
    const watched = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of content) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    };
    await this.#target.write(path, watched());
    this.files.push({ path, sha256: bytesToHex(hash.digest()), bytes });
  }
}

export async function exportArchive(
  reader: ArchiveReader,
  target: ExportTarget,
  options: ExportSelection & { readonly ports: Ports },
): Promise<ExportCounts & { readonly contentHash: string }> {
  const { ports, conversations: selected } = options;
  const out = new HashedTarget(target, ports);
  const line = (value: unknown): Uint8Array => ports.encodeUtf8(`${JSON.stringify(sorted(value))}\n`);
  const people = await reader.people();
  const conversations = (await reader.conversations()).filter(({ id }) => selected?.has(id) ?? true);
  const needed = new Map<string, string>();
  let messages = 0;
  for (const conversation of conversations) {
    const folder = `conversations/${conversation.id}`;
    await out.write(`${folder}/conversation.json`, [
      ports.encodeUtf8(`${JSON.stringify({ format: ARCHIVE_FORMAT, ...conversation }, null, 2)}\n`),
    ]);
    let held: Uint8Array[] = [];
    let part = 1;
    const flush = async (): Promise<void> => {
      await out.write(`${folder}/messages-${String(part).padStart(5, "0")}.jsonl`, held);
      part += 1;
      held = [];
    };
    for await (const message of reader.messages(conversation.id)) {
      messages += 1;
      held.push(line(message));
      for (const media of message.media ?? []) {
        const path = mediaPath(media);
        if (path !== undefined && media.sha256 !== undefined) needed.set(media.sha256, path);
      }
      if (held.length === LINES_PER_FILE) await flush();
    }
    if (held.length > 0) await flush();
  }
  const wanted = new Set(conversations.flatMap((conversation) => conversation.people));
  const kept = selected === undefined ? people : people.filter(({ id }) => wanted.has(id));
  await out.write("people.jsonl", kept.map(line));
  for (const [sha256, path] of [...needed].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const bytes = reader.media(sha256);
    if (bytes !== undefined) await out.write(path, bytes);
  }
  const counts = { conversations: conversations.length, people: kept.length, messages, media: needed.size };
  const files = out.files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const manifest = ports.encodeUtf8(`${JSON.stringify({ format: ARCHIVE_FORMAT, version: 1, counts, files }, null, 2)}\n`);
  await target.write("manifest.json", [manifest]);
  const hash = ports.createSha256();
  hash.update(manifest);
  return { ...counts, contentHash: bytesToHex(hash.digest()) };
}

/** The same value with the keys of its objects in order, so that the same record has the same bytes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}
