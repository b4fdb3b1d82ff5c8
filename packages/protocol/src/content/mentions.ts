/**
 * Mentions (spec/content.md §Kinds): Markdown links to an account, `[@alice](sotto:a/<account id>)`. The name shown is the sender's words and
 * proves nothing; a client shows its own name for the account.
 */
import type { AccountId } from "../ids.ts";
import { accountUri, parseAccountUri } from "./message-id.ts";

const MENTIONS_MAX = 100;
/** A label without brackets or line breaks keeps the search linear in the length of the text. */
const MENTION = /\[@[^[\]\n]{1,128}\]\((sotto:a\/[a-z2-7]{52})\)/g;

/** The Markdown of a mention; characters that would end the label are left out. */
export function mentionText(account: AccountId, name: string): string {
  const label = name.replaceAll(/[[\]\n\\]/g, "").slice(0, 64);
  return `[@${label === "" ? "someone" : label}](${accountUri(account)})`;
}

/** The accounts that a Markdown text mentions, each once, in order; at most 100. */
export function mentionsOf(text: string): AccountId[] {
  const accountsByUri = new Map<string, AccountId>();
  for (const [, uri = ""] of text.matchAll(MENTION)) {
    const account = parseAccountUri(uri);
    if (account.ok) accountsByUri.set(uri, account.value);
    if (accountsByUri.size === MENTIONS_MAX) break;
  }
  return [...accountsByUri.values()];
}
