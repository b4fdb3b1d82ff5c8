/**
 * "Liked a message" and "Reacted 👍 to your message " are messages that repeat a reaction of another message. Where that reaction is found, it gets the
 * time of the repetition, and the repetition is no message of its own; where it is not, the line stays.
 */
import type { MessageDraft, ReactionDraft } from "../../records/draft.ts";

const LIKED = /^Liked a message\s*$/;
const REACTED = /^Reacted (\S+) to (?:your|a|their|his|her) message\s*$/;
const LOOK_BACK = 500;

const HEART = /^(❤️?|♥️?)$/u;

function emojiOf({ text, media }: MessageDraft): string | undefined {
  if (media !== undefined) return undefined;
  return LIKED.test(text) ? "❤" : REACTED.exec(text)?.[1];
}

const sameEmoji = (a: string, b: string): boolean => a === b || (HEART.test(a) && HEART.test(b));

/** `drafts` in order of time. Gives those that stay, and how many were folded. */
export function foldReactions(drafts: readonly MessageDraft[]): { readonly kept: MessageDraft[]; readonly folded: number } {
  const kept: MessageDraft[] = [];
  let folded = 0;
  for (const draft of drafts) {
    const emoji = emojiOf(draft);
    if (emoji === undefined || !fold(kept, draft, emoji)) kept.push(draft);
    else folded += 1;
  }
  return { kept, folded };
}

/** Changes the last message in `kept` that has this reaction of this person without a time. */
function fold(kept: MessageDraft[], { sender, at }: MessageDraft, emoji: string): boolean {
  const isIt = (reaction: ReactionDraft): boolean =>
    reaction.at === undefined && reaction.by?.key === sender?.key && sameEmoji(reaction.emoji, emoji);
  for (let i = kept.length - 1; i >= Math.max(0, kept.length - LOOK_BACK); i--) {
    const target = kept[i];
    const which = target?.reactions?.findIndex(isIt) ?? -1;
    if (target === undefined || which < 0) continue;
    kept[i] = {
      ...target,
      reactions: (target.reactions ?? []).map((reaction, index) => (index === which ? { ...reaction, at } : reaction)),
    };
    return true;
  }
  return false;
}
