/** Imported history as an application sees it: `client.archive`. Needs no account and no connection. */
import type { ArchiveMessage, LogId } from "@sotto/protocol";
import { logId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import { bytesIn, numberIn, optionalNumber, textIn } from "../store/statements.ts";
import { StoreSink } from "./archive-sink.ts";
import type { ShelfContext } from "./media-shelf.ts";
import { recordFrom } from "./stored-record.ts";

export type ArchiveConversationView = {
  readonly log: LogId;
  readonly service: string;
  readonly kind: string;
  readonly title: string;
  readonly messages: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
};

const ORDER_BYTES = 14;

export class Archive {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Takes an import in: the `ArchiveSink` of packages/archive. */
  sink({ files, createSha256 }: Pick<ShelfContext, "files" | "createSha256">): StoreSink {
    const { store, crypto, random } = this.#engine.ports;
    return new StoreSink({ store, crypto, random, files, createSha256 }, () => this.#engine.searchIndex.complete());
  }

  async conversations(): Promise<ArchiveConversationView[]> {
    const rows = await this.#engine.ports.store.all("SELECT * FROM archive_conversations ORDER BY last_at DESC, log");
    return rows.map((row) => ({
      log: toId(logId, bytesIn(row, "log")),
      service: textIn(row, "service"),
      kind: textIn(row, "kind"),
      title: textIn(row, "title"),
      messages: numberIn(row, "messages"),
      firstAt: optionalNumber(row, "first_at"),
      lastAt: optionalNumber(row, "last_at"),
    }));
  }

  /** Oldest first, beginning behind `after`: the last message of the page before. */
  async messages(log: LogId, page: { readonly limit: number; readonly after?: ArchiveCursor }): Promise<ArchivePage> {
    const { order, id } = page.after ?? { order: log.slice(0, ORDER_BYTES - 6), id: 0 };
    const select = `SELECT m.*, f.path AS path FROM messages m LEFT JOIN archive_files f ON f.id = m.imported ->> '$.s[0]'
      WHERE m.state = 'imported' AND (substr(m.local_id, 1, 14), m.id) > (?, ?) AND m.log = ?
      ORDER BY substr(m.local_id, 1, 14), m.id LIMIT ?`;
    const rows = await this.#engine.ports.store.all(select, [order, id, log, page.limit]);
    const last = rows.at(-1);
    const next =
      last && rows.length === page.limit ? { order: bytesIn(last, "local_id").slice(0, ORDER_BYTES), id: numberIn(last, "id") } : undefined;
    return { messages: rows.map(recordFrom), ...(next === undefined ? {} : { next }) };
  }
}

export type ArchiveCursor = { readonly order: Uint8Array; readonly id: number };
export type ArchivePage = { readonly messages: readonly ArchiveMessage[]; readonly next?: ArchiveCursor };
