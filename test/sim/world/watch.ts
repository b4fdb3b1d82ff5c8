/** What the oracle cannot see at the end, taken down as a device writes it: where conversations begin, what disappears, and that blocked people stay away. */
import type { Statement, Store } from "@sotto/client";
import type { Disk } from "./memory-store.ts";

/** A conversation came to a device, which reads it from an entry on. */
export type Join = { readonly log: string; readonly from: number; readonly at: number };

/** A message whose time was over. Ids in hex, the log in text form. */
export type Gone = { readonly log: string; readonly localId: string; readonly messageId: string; readonly expiresAfter: number };

const hex = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "");
const idText = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString("base64url") : "");

const GONE = "SELECT log, local_id, message_id, expires_after, expires_at FROM messages WHERE id = ?";
const IS_INTRUDER = `SELECT 1 FROM conversations c JOIN contacts p ON p.account = c.peer
  WHERE c.log = ? AND c.kind = 'direct' AND c.peer = ? AND p.is_blocked = 1`;

export class Watch {
  readonly joins: Join[] = [];
  readonly gone: Gone[] = [];
  readonly #disk: Disk;
  readonly #time: () => number;
  readonly #tell: (what: string) => void;

  /** `time`: of the run. */
  constructor(disk: Disk, time: () => number, tell: (what: string) => void) {
    this.#time = time;
    this.#disk = disk;
    this.#tell = tell;
  }

  /** `now`: by the clock of the device. */
  over(store: Store, now: () => number): Store {
    return {
      all: (sql, parameters) => store.all(sql, parameters),
      close: () => store.close(),
      write: async (batch) => {
        const going = batch.flatMap((statement) => this.#goes(statement, now()));
        for (const statement of batch) this.#intrudes(statement);
        await store.write(batch);
        this.gone.push(...going);
        for (const statement of batch) this.#joined(statement);
      },
    };
  }

  #goes({ sql, parameters }: Statement, now: number): Gone[] {
    if (!sql.startsWith("DELETE FROM messages WHERE id")) return [];
    return this.#disk.rows(GONE, parameters).flatMap((row) => {
      const { log, local_id: localId, message_id: messageId, expires_after: after, expires_at: at } = row;
      if (typeof after !== "number" || typeof at !== "number" || at > now) {
        this.#tell(`a message disappears before its time: ${hex(messageId)}`);
        return [];
      }
      return [{ log: idText(log), localId: hex(localId), messageId: hex(messageId), expiresAfter: after }];
    });
  }

  #intrudes({ sql, parameters }: Statement): void {
    if (!sql.startsWith("INSERT INTO messages (local_id, log, seq, message_id, sender")) return;
    const [, log = null, , , sender = null] = parameters;
    if (this.#disk.rows(IS_INTRUDER, [log, sender]).length > 0) this.#tell(`shows what a blocked person says`);
  }

  #joined({ sql, parameters }: Statement): void {
    const [log] = parameters;
    if (!sql.startsWith("INSERT INTO conversations ") || !(log instanceof Uint8Array)) return;
    const [row] = this.#disk.rows("SELECT cursor FROM conversations WHERE log = ?", [log]);
    this.joins.push({ log: idText(log), from: Number(row?.["cursor"]), at: this.#time() });
  }
}
