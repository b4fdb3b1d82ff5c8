/**
 * Keeping people away. Who is blocked is not told: their messages in conversations of two are dropped as they arrive (the conversation's state goes
 * on, so that it works again afterwards), they get no receipts, and their requests are not shown. In groups their messages stay.
 */
import { accountId, type AccountId, equalBytes, type LogId, logId, toId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { shareConversationSetting, shareSetting } from "../preferences/shared-settings.ts";
import { bytesIn, sql, textIn } from "../store/statements.ts";

export type BlockedPerson = { readonly account: AccountId; readonly username: string };

/** What a change means for the connection, while there is one. */
export type FeedControl = {
  readonly followAll: () => void;
  readonly forget: (log: LogId) => void;
  readonly leave: (log: LogId) => Promise<void>;
};

export class People {
  readonly #engine: Engine;
  readonly #feed: FeedControl;

  constructor(engine: Engine, feed: FeedControl) {
    this.#engine = engine;
    this.#feed = feed;
  }

  async blocked(): Promise<BlockedPerson[]> {
    const rows = await this.#engine.ports.store.all(
      "SELECT account, username FROM contacts WHERE is_blocked = 1 ORDER BY username, account",
    );
    return rows.map((row) => ({ account: toId(accountId, bytesIn(row, "account")), username: textIn(row, "username") }));
  }

  async block(account: AccountId): Promise<void> {
    if (equalBytes(account, this.#engine.me.account)) throw new ClientError("own_account");
    await this.#engine.ports.store.write(shareSetting(this.#engine, { key: "blocked", subject: account, value: true }));
    this.#engine.emit({ kind: "people" });
  }

  /** What they wrote meanwhile stays away; groups that they invited to meanwhile show as requests. */
  async unblock(account: AccountId): Promise<void> {
    await this.#engine.ports.store.write(shareSetting(this.#engine, { key: "blocked", subject: account, value: null }));
    this.#feed.followAll();
    this.#engine.emit({ kind: "people" });
  }

  /**
   * Takes a request away with what it said. A person does not hear of it, and can ask again in a new conversation; members of a group see that one
   * leaves. Throws `request_unknown` if it is no request.
   */
  async decline(log: LogId): Promise<void> {
    const [row] = await this.#engine.ports.store.all("SELECT kind, status FROM conversations WHERE log = ?", [log]);
    if (row?.["status"] !== "request") throw new ClientError("request_unknown");
    if (row["kind"] === "group") {
      await this.#engine.ports.store.write([
        sql("DELETE FROM messages WHERE log = ?", log),
        sql("DELETE FROM history_held WHERE log = ?", log),
        ...(await shareConversationSetting(this.#engine, log, { key: "archived", value: true })),
      ]);
      await this.#feed.leave(log);
    } else {
      await this.#engine.ports.store.write(await shareConversationSetting(this.#engine, log, { key: "declined", value: true }));
      this.#feed.forget(log);
    }
    this.#engine.emit({ kind: "conversation", log });
  }

  /**
   * A request of this person that was declined, as a request again, if there is one: whoever writes to them after all does so where they wrote.
   * In a conversation of its own, their answers could go to the one that is not read.
   */
  async reopen(account: AccountId): Promise<LogId | undefined> {
    const select =
      "SELECT c.log FROM conversations c JOIN places p ON p.log = c.log WHERE c.peer = ? AND c.kind = 'direct' AND c.status = 'declined' ORDER BY p.group_id LIMIT 1";
    const [row] = await this.#engine.ports.store.all(select, [account]);
    if (row === undefined) return undefined;
    const log = toId(logId, bytesIn(row, "log"));
    await this.#engine.ports.store.write(await shareConversationSetting(this.#engine, log, { key: "declined", value: null }));
    this.#feed.followAll();
    this.#engine.emit({ kind: "conversation", log });
    return log;
  }
}
