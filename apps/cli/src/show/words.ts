/** A message in words, on one line or several: what is common to all places that show one. */
import { type ConversationView, type MessageView, type QuotedMessage, sentenceOf } from "@sotto/client";
import { accountIdToText, equalBytes } from "@sotto/protocol";
import { safeLine, safeText } from "../terminal/safe-text.ts";
import { cut } from "../terminal/width.ts";
import { sizeText } from "../transfer-progress.ts";
import { type Naming, newsWords } from "./news.ts";

const PREVIEW_CELLS = 60;

export type Me = Naming & { readonly account: Uint8Array };

export function meFrom(who: { readonly account: MessageView["sender"]; readonly username: string } | undefined): Me {
  if (who === undefined) return { ownAccount: "", ownName: "", account: new Uint8Array() };
  return { ownAccount: accountIdToText(who.account), ownName: who.username, account: who.account };
}

export function isOwn(message: MessageView, me: Me): boolean {
  return equalBytes(message.sender, me.account);
}

const MENTION = /\[@[^[\]\n]{1,128}\]\(sotto:a\/([a-z2-7]{52})\)/g;

/** Mentions show the name that this person's own contacts have for the account, whatever the sender wrote. */
export function withNames({ text, mentions }: Pick<MessageView, "text" | "mentions">): string {
  return text.replaceAll(MENTION, (_, account: string) => `@${mentions.get(account) || "somebody"}`);
}

function pollLines({ poll }: Pick<MessageView, "poll">): string[] {
  if (poll === undefined) return [];
  return poll.options.map(({ text, votes, isOwn: isChosen }, index) => {
    const count = votes === 0 ? "" : `  (${votes} vote${votes === 1 ? "" : "s"}${isChosen ? ", yours" : ""})`;
    return `${index + 1}. ${safeLine(text)}${count}`;
  });
}

/** What stands where the text would be. May have several lines. */
export function messageWords(message: MessageView, me: Me): string {
  switch (message.kind) {
    case "text":
      return [message.text === "" ? [] : [safeText(withNames(message))], fileWords(message)].flat().join("\n");
    case "poll":
      return [`Poll: ${safeText(message.text)}`, ...pollLines(message)].join("\n");
    case "contact":
      return `Contact: ${safeLine(message.text)}`;
    case "unknown":
      return message.origin === undefined ? "(needs a newer version of Sotto)" : "(the export has nothing of it)";
    case "deleted":
      return "(taken back)";
    case "system":
      return message.origin === undefined ? newsWords(message, me) : safeText(message.text);
  }
}

/** `[report.pdf, application/pdf, 1.2 MB]` for each file, and how far it is if it is on its way. */
function fileWords({ attachments, state }: MessageView): string[] {
  return attachments.map(({ name, mediaType, size, upload }) => {
    const percent = upload && Math.floor((upload.sentBytes / upload.totalBytes) * 100);
    const progress = state === "failed" || percent === undefined ? "" : `, ${percent} % uploaded`;
    return `[${safeLine(name)}, ${safeLine(mediaType)}, ${sizeText(size)}${progress}]`;
  });
}

/** Whom an invitation did not reach, and what to do about it. */
export function unreachedWords({ undelivered }: Pick<ConversationView, "undelivered">): string[] {
  return undelivered.map(
    ({ username, code }) => `${username === "" ? "somebody" : `@${safeLine(username)}`} was not reached: ${sentenceOf(code)}`,
  );
}

export function senderWords(message: Pick<MessageView, "senderName">): string {
  return message.senderName === "" ? "somebody" : safeLine(message.senderName);
}

export function preview(message: MessageView, me: Me): string {
  return cut(safeLine(messageWords(message, me)), PREVIEW_CELLS);
}

export function quotedWords(quoted: QuotedMessage): string {
  const text = quoted.kind === "deleted" ? "(taken back)" : quoted.kind === "unknown" ? "(a message)" : safeLine(quoted.text);
  return `${senderWords(quoted)}: ${cut(text, PREVIEW_CELLS)}`;
}

/** `👍 2 🎉`: each reaction once, with its number. */
export function reactionWords(reactions: MessageView["reactions"]): string {
  const counts = new Map<string, number>();
  for (const { emoji } of reactions) {
    const shown = safeLine(emoji);
    counts.set(shown, (counts.get(shown) ?? 0) + 1);
  }
  return [...counts].map(([emoji, count]) => (count === 1 ? emoji : `${emoji} ${count}`)).join("  ");
}

/** What became of an own message. */
export const STATE_MARKS: Readonly<Record<MessageView["state"], string>> = {
  sending: "…",
  sent: "✓",
  delivered: "✓✓",
  read: "✓✓ read",
  failed: "✗ not sent",
  received: "",
  imported: "",
};
