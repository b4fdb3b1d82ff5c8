/** Polls: the last vote of each person counts, if it came before the poll closed and fits it. */
import { type Content, decodeContent } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Row, Statement } from "../ports.ts";
import { bytesIn, numberIn, optionalBytes, sql } from "../store/statements.ts";
import { decodeChoices, encodeChoices } from "./choices.ts";

export type PollOption = { readonly text: string; readonly votes: number; readonly isOwn: boolean };

export type PollView = {
  readonly options: readonly PollOption[];
  readonly choicesMax: number;
  /** Milliseconds since 1970; 0 for never. */
  readonly closesAt: number;
  /** People who voted. */
  readonly voters: number;
};

type Voted = { readonly log: Uint8Array; readonly account: Uint8Array; readonly at: number; readonly content: Content };

/** A vote counts for a poll that is in the same conversation. */
export function voteEffects({ log, account, at, content: { body, inReplyTo } }: Voted): Statement[] {
  if (body.kind !== "vote" || inReplyTo === null) return [];
  const upsert = `INSERT INTO votes (log, target, account, choices, at) SELECT ?, ?, ?, ?, ?
    WHERE EXISTS (SELECT 1 FROM messages WHERE message_id = ? AND log = ? AND kind = 'poll')
    ON CONFLICT (log, target, account) DO UPDATE SET choices = excluded.choices, at = excluded.at`;
  return [sql(upsert, log, inReplyTo, account, encodeChoices(body.choices), at, inReplyTo, log)];
}

/** The poll of a row of the timeline, with how it stands. */
export async function pollOf(engine: Engine, row: Row): Promise<PollView | undefined> {
  const bytes = row["kind"] === "poll" ? optionalBytes(row, "content") : undefined;
  const content = bytes && decodeContent(bytes);
  if (content?.ok !== true || content.value.body.kind !== "poll") return undefined;
  const { options, choicesMax, closesAt } = content.value.body;
  const most = choicesMax === 0 ? options.length : choicesMax;
  const id = optionalBytes(row, "message_id");
  const rows =
    id === undefined ? [] : await engine.ports.store.all("SELECT * FROM votes WHERE log = ? AND target = ?", [bytesIn(row, "log"), id]);
  const own = engine.me.account.join();
  const votes = rows
    .filter((vote) => closesAt === 0 || numberIn(vote, "at") <= closesAt)
    .flatMap((vote) => {
      const choices = decodeChoices(bytesIn(vote, "choices"));
      return choices.ok ? [{ isOwn: bytesIn(vote, "account").join() === own, choices: choices.value }] : [];
    })
    .filter(({ choices }) => choices.length <= most && choices.every((index) => index < options.length));
  const shown = options.map((text, index) => {
    const chosen = votes.filter(({ choices }) => choices.includes(index));
    return { text, votes: chosen.length, isOwn: chosen.some(({ isOwn }) => isOwn) };
  });
  return { options: shown, choicesMax: most, closesAt, voters: votes.filter(({ choices }) => choices.length > 0).length };
}
