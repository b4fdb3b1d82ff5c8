/** Typed names of members as mentions, which name accounts: `@ada` becomes `[@ada](sotto:a/…)` (spec/content.md §Kinds). */
import { type AccountId, mentionText } from "@sotto/protocol";

const TYPED = /(?<![\w@/[])@([a-z][a-z0-9_]{2,31})(?![\w\]])/gi;

export function withMentions(text: string, members: readonly { readonly account: AccountId; readonly username: string }[]): string {
  return text.replaceAll(TYPED, (typed, name: string) => {
    const member = members.find(({ username }) => username === name.toLowerCase());
    return member === undefined ? typed : mentionText(member.account, member.username);
  });
}
