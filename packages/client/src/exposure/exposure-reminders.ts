/** Reminders to ask the other side to delete their copy. They outlast the own copy: to delete here and then to ask is what mostly happens. */
import { logId, type LogId, toId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Row, Store } from "../ports.ts";
import { bytesIn, numberIn, sql, textIn } from "../store/statements.ts";

export type ExposureReminder = {
  readonly id: number;
  readonly log: LogId;
  /** When the message was sent that holds it. */
  readonly sentAt: number;
  readonly what: string;
  readonly masked: string;
  readonly dueAt: number;
};

const reminderFrom = (row: Row): ExposureReminder => ({
  id: numberIn(row, "id"),
  log: toId(logId, bytesIn(row, "log")),
  sentAt: numberIn(row, "sent_at"),
  what: textIn(row, "what"),
  masked: textIn(row, "masked"),
  dueAt: numberIn(row, "due_at"),
});

export class ExposureReminders {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** About a finding, from `dueAt` on, in ms. Throws {@link ClientError} `exposure_unknown`. */
  async add(finding: number, dueAt: number): Promise<ExposureReminder> {
    const select = "SELECT f.*, m.at AS sent_at FROM exposure_findings f JOIN messages m ON m.id = f.message WHERE f.id = ?";
    const [row] = await this.#store.all(select, [finding]);
    if (row === undefined) throw new ClientError("exposure_unknown");
    const add = "INSERT INTO exposure_reminders (log, sent_at, what, masked, due_at) VALUES (?, ?, ?, ?, ?)";
    await this.#store.write([sql(add, bytesIn(row, "log"), numberIn(row, "sent_at"), textIn(row, "what"), textIn(row, "masked"), dueAt)]);
    const [added] = await this.#store.all("SELECT * FROM exposure_reminders ORDER BY id DESC LIMIT 1");
    if (added === undefined) throw new ClientError("store_damaged");
    return reminderFrom(added);
  }

  /** The first that is due comes first. */
  async list(): Promise<ExposureReminder[]> {
    return (await this.#store.all("SELECT * FROM exposure_reminders ORDER BY due_at, id")).map(reminderFrom);
  }

  async remove(id: number): Promise<void> {
    await this.#store.write([sql("DELETE FROM exposure_reminders WHERE id = ?", id)]);
  }
}
