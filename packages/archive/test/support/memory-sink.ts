/** A store in memory, as the port asks for; and the ports of this machine. */
import { createHash, hash } from "node:crypto";
import type { ArchiveMedia, ArchiveMessage, LogId } from "@sotto/protocol";
import { bytesToBase64url } from "@sotto/protocol";
import { ArchiveImport, type ArchivePorts, type ArchiveSink, isBalanced, type LossReport, type Source } from "@sotto/archive";

type Batch = Parameters<ArchiveSink["write"]>[0];
type Conversation = Batch["parts"][number]["conversation"];

const strict = new TextDecoder("utf-8", { fatal: true });

export const ports: ArchivePorts = {
  sha256: (bytes) => hash("sha256", bytes, "buffer"),
  createSha256: () => {
    const running = createHash("sha256");
    return { update: (bytes) => void running.update(bytes), digest: () => running.digest() };
  },
  decodeUtf8: (bytes) => {
    try {
      return strict.decode(bytes);
    } catch {
      return undefined;
    }
  },
  encodeUtf8: (text) => new TextEncoder().encode(text),
  now: () => 0,
};

export class MemorySink implements ArchiveSink {
  readonly conversations = new Map<string, Conversation>();
  readonly messages = new Map<string, { readonly log: string; readonly record: ArchiveMessage }>();
  readonly media = new Map<string, number>();
  #checkpoint: { readonly id: string; readonly text: string } | undefined;
  #importId = "";
  /** The write after so many fails, as if the program were killed. */
  writesLeft = Infinity;

  begin(importId: string): Promise<string | undefined> {
    this.#importId = importId;
    return Promise.resolve(this.#checkpoint?.id === importId ? this.#checkpoint.text : undefined);
  }

  resolve({ id, key, joinKey, service }: Conversation): Promise<LogId> {
    const all = [...this.conversations.values()];
    const found =
      all.find((known) => known.service === service && known.key === key) ??
      all.find(
        (known) =>
          joinKey !== undefined && known.service === service && known.joinKey === joinKey && known.key.includes(":") !== key.includes(":"),
      );
    return Promise.resolve(found?.id ?? id);
  }

  known(ids: readonly Uint8Array[]): Promise<Map<string, readonly ArchiveMedia[]>> {
    const found = new Map<string, readonly ArchiveMedia[]>();
    for (const id of ids.map(bytesToBase64url)) {
      const message = this.messages.get(id);
      if (message !== undefined) found.set(id, message.record.media ?? []);
    }
    return Promise.resolve(found);
  }

  async keep(file: Parameters<ArchiveSink["keep"]>[0]): ReturnType<ArchiveSink["keep"]> {
    const running = createHash("sha256");
    let [length, head] = [0, new Uint8Array()];
    for await (const chunk of file.open()) {
      if (length === 0) head = chunk.slice(0, 64);
      length += chunk.length;
      running.update(chunk);
    }
    if (length !== file.bytes) throw new RangeError("A file has another size than it said.");
    const sha256 = running.digest();
    const isNew = !this.media.has(bytesToBase64url(sha256));
    this.media.set(bytesToBase64url(sha256), length);
    return { sha256, head, isNew };
  }

  write({ parts, checkpoint }: Batch): Promise<void> {
    if (this.writesLeft <= 0) return Promise.reject(new Error("killed"));
    this.writesLeft -= 1;
    for (const { conversation, added, completed } of parts) {
      const log = bytesToBase64url(conversation.id);
      this.conversations.set(log, conversation);
      for (const { id, record } of added) {
        if (this.messages.has(bytesToBase64url(id))) throw new RangeError("A message was added twice.");
        this.messages.set(bytesToBase64url(id), { log, record });
      }
      for (const { id, record } of completed) this.messages.set(bytesToBase64url(id), { log, record });
    }
    this.#checkpoint = { id: this.#importId, text: checkpoint };
    return Promise.resolve();
  }

  tell(): Promise<void> {
    return Promise.resolve();
  }

  end(): Promise<void> {
    this.#checkpoint = undefined;
    return Promise.resolve();
  }

  /** In the order of the timeline. */
  records(): ArchiveMessage[] {
    return [...this.messages.values()].map(({ record }) => record).toSorted((a, b) => a.at - b.at);
  }

  /** Key, kind and title of every conversation, by key. */
  heads(): (readonly [key: string, kind: string, title: string])[] {
    const all = [...this.conversations.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1));
    return all.map(({ key, kind, title }) => [key, kind, title]);
  }

  texts(): string[] {
    return this.records().map(({ text }) => text);
  }
}

/** Imports, and checks that the report balances. */
export async function importInto(sink: MemorySink, sources: readonly Source[], zone = "UTC"): Promise<LossReport> {
  const work = await ArchiveImport.open(sources, ports, { zone });
  const report = await work.run(sink);
  if (!isBalanced(report)) throw new RangeError(`The report does not balance: ${JSON.stringify(report)}`);
  return report;
}
