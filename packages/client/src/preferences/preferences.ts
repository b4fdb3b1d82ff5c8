/** What a person sets for a conversation and for themselves: only their own devices hear of it. */
import { encodeUtf8, equalBytes, LIMITS, type LogId, messageId, type MessageId, type OwnSettingValue, toId } from "@sotto/protocol";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { optionalBytes, sql, textIn } from "../store/statements.ts";
import { type ConversationSetting, shareConversationSetting, sharedSetting, shareSetting } from "./shared-settings.ts";

export type Draft = { readonly text: string; readonly replyTo: MessageId | undefined };

/** On unless switched off. `receipts`: others hear what was read. `typing`: others see that one types, and one sees it of them. */
export type Switch = "receipts" | "typing";

const NOBODY = new Uint8Array();

export async function isOn(engine: Engine, name: Switch): Promise<boolean> {
  return (await sharedSetting(engine, name)) !== false;
}

export class Preferences {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Until a time in milliseconds since 1970; 0 for not any more. A muted conversation counts and shows, and rings nowhere. */
  mute(log: LogId, until: number): Promise<void> {
    return this.#share(log, "muted", until === 0 ? null : until);
  }

  pin(log: LogId, isPinned: boolean): Promise<void> {
    return this.#share(log, "pinned", isPinned ? true : null);
  }

  /** An archived conversation comes back with the next message, unless it is muted. */
  archive(log: LogId, isArchived: boolean): Promise<void> {
    return this.#share(log, "archived", isArchived ? true : null);
  }

  async draft(log: LogId): Promise<Draft> {
    const [row] = await this.#engine.ports.store.all("SELECT text, reply_to FROM drafts WHERE log = ?", [log]);
    const reply = row && optionalBytes(row, "reply_to");
    return { text: row === undefined ? "" : textIn(row, "text"), replyTo: reply && toId(messageId, reply) };
  }

  /** Kept, with what it answers, until it is sent; an empty one that answers nothing goes. Throws `content_too_large` for one that could never be sent. */
  async setDraft(log: LogId, { text, replyTo }: Draft): Promise<void> {
    if (encodeUtf8(text).length > LIMITS.textBytesMax) throw new ClientError("content_too_large");
    const before = await this.draft(log);
    const isReplyChanged = !equalBytes(before.replyTo ?? NOBODY, replyTo ?? NOBODY);
    if (before.text === text && !isReplyChanged) return;
    const share = (setting: Parameters<typeof shareConversationSetting>[2]): Promise<Statement[]> =>
      shareConversationSetting(this.#engine, log, setting);
    await this.#engine.ports.store.write([
      ...(before.text === text ? [] : await share({ key: "draft", value: text === "" ? null : text })),
      ...(isReplyChanged ? await share({ key: "draftReply", value: replyTo ?? null }) : []),
      sql("UPDATE drafts SET updated_at = ? WHERE log = ?", this.#engine.context.now, log),
    ]);
    this.#engine.emit({ kind: "conversation", log });
  }

  isOn(name: Switch): Promise<boolean> {
    return isOn(this.#engine, name);
  }

  async turn(name: Switch, isOnNow: boolean): Promise<void> {
    await this.#engine.ports.store.write(shareSetting(this.#engine, { key: name, subject: NOBODY, value: isOnNow ? null : false }));
  }

  async #share(log: LogId, key: ConversationSetting, value: OwnSettingValue): Promise<void> {
    await this.#engine.ports.store.write(await shareConversationSetting(this.#engine, log, { key, value }));
    this.#engine.emit({ kind: "conversation", log });
  }
}

/** What goes into the transaction that sends: the draft was it. */
export async function draftSent(engine: Engine, log: LogId): Promise<Statement[]> {
  const [row] = await engine.ports.store.all("SELECT text, reply_to FROM drafts WHERE log = ?", [log]);
  if (row === undefined) return [];
  const gone = async (key: "draft" | "draftReply"): Promise<Statement[]> => shareConversationSetting(engine, log, { key, value: null });
  return [
    ...(textIn(row, "text") === "" ? [] : await gone("draft")),
    ...(optionalBytes(row, "reply_to") === undefined ? [] : await gone("draftReply")),
  ];
}
