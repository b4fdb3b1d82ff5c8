/** Imported history as an application sees it: `client.archive`. Needs no account and no connection. */
import { type ArchiveMessage, logId, type LogId, toId } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Store } from "../ports.ts";
import { bytesIn, numberIn, optionalBytes, optionalNumber, sql, textIn } from "../store/statements.ts";
import { ArchivePeople } from "./archive-people.ts";
import { type ArchiveCursor, cursorOf, rowsBefore, StoreReader } from "./archive-reading.ts";
import { type ArchiveHit, type ArchiveSearch, searchArchive } from "./archive-search.ts";
import { StoreSink } from "./archive-sink.ts";
import { MediaShelf, type ShelfContext } from "./media-shelf.ts";
import { recordFrom } from "./stored-record.ts";

export type ArchiveConversationView = {
  readonly log: LogId;
  readonly service: string;
  readonly kind: string;
  readonly title: string;
  readonly messages: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
  /** The conversation in which it goes on. */
  readonly liveLog: LogId | undefined;
};

export type ArchivePage = {
  /** Oldest first. */
  readonly messages: readonly ArchiveMessage[];
  /** Where the page before it ends; undefined if there is none. */
  readonly earlier: ArchiveCursor | undefined;
};

export type ArchiveStats = {
  readonly service: string;
  readonly conversations: number;
  readonly messages: number;
  readonly firstAt: number | undefined;
  readonly lastAt: number | undefined;
};

type Files = Pick<ShelfContext, "files" | "createSha256">;

export class Archive {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  get #store(): Store {
    return this.#engine.ports.store;
  }

  get people(): ArchivePeople {
    return new ArchivePeople(this.#store);
  }

  #context({ files, createSha256 }: Files): ShelfContext {
    const { store, crypto, random } = this.#engine.ports;
    return { store, crypto, random, files, createSha256 };
  }

  /** Takes an import in: the `ArchiveSink` of packages/archive. */
  sink(files: Files): StoreSink {
    return new StoreSink(this.#context(files), () => this.#engine.searchIndex.complete());
  }

  /** Gives everything out: the `ArchiveReader` of packages/archive. */
  reader(files: Files): StoreReader {
    const shelf = new MediaShelf(this.#context(files));
    return new StoreReader(this.#store, (hash) => shelf.open(hash));
  }

  /** The latest first. */
  async conversations(): Promise<ArchiveConversationView[]> {
    const rows = await this.#store.all("SELECT * FROM archive_conversations ORDER BY last_at DESC, log");
    return rows.map((row) => {
      const live = optionalBytes(row, "live_log");
      return {
        log: toId(logId, bytesIn(row, "log")),
        service: textIn(row, "service"),
        kind: textIn(row, "kind"),
        title: textIn(row, "title"),
        messages: numberIn(row, "messages"),
        firstAt: optionalNumber(row, "first_at"),
        lastAt: optionalNumber(row, "last_at"),
        liveLog: live && toId(logId, live),
      };
    });
  }

  /** The last messages, or those before a place. */
  async messages(log: Uint8Array, page: { readonly limit: number; readonly before?: ArchiveCursor }): Promise<ArchivePage> {
    const rows = await rowsBefore(this.#store, log, page);
    const [first] = rows;
    return { messages: rows.map(recordFrom), earlier: first && rows.length === page.limit ? cursorOf(first) : undefined };
  }

  async search(search: ArchiveSearch): Promise<ArchiveHit[]> {
    await this.#engine.searchIndex.complete();
    return searchArchive(this.#store, search);
  }

  async stats(): Promise<ArchiveStats[]> {
    const rows = await this.#store.all(`SELECT service, count(*) AS conversations, sum(messages) AS messages, min(first_at) AS first_at,
      max(last_at) AS last_at FROM archive_conversations GROUP BY service ORDER BY 3 DESC, service`);
    return rows.map((row) => ({
      service: textIn(row, "service"),
      conversations: numberIn(row, "conversations"),
      messages: numberIn(row, "messages"),
      firstAt: optionalNumber(row, "first_at"),
      lastAt: optionalNumber(row, "last_at"),
    }));
  }

  async mediaTotals(): Promise<{ readonly files: number; readonly bytes: number }> {
    const [row] = await this.#store.all("SELECT count(*) AS files, coalesce(sum(bytes), 0) AS bytes FROM archive_media");
    return row === undefined ? { files: 0, bytes: 0 } : { files: numberIn(row, "files"), bytes: numberIn(row, "bytes") };
  }

  /** From now on the imported conversation stands above this one; undefined parts them again. */
  async continueIn(log: Uint8Array, live: LogId | undefined): Promise<void> {
    await this.#store.write([sql("UPDATE archive_conversations SET live_log = ? WHERE log = ?", live ?? null, log)]);
  }
}
