/** What is known of TikTok's conversations before they are read: who writes in them, and whose export it is. */
import { ARCHIVE_LIMITS } from "../../limits.ts";
import type { ConversationHead } from "../../records/draft.ts";
import { given } from "../../records/given.ts";

export class TiktokChats {
  readonly #senders = new Map<string, Set<string>>();
  owner: string | undefined;

  add(chat: string, sender: string): void {
    const known = this.#senders.get(chat) ?? new Set();
    this.#senders.set(chat, known);
    if (known.size < ARCHIVE_LIMITS.peopleMax) known.add(sender);
  }

  /** Who writes in several conversations that have other people's names is the owner, where the profile does not say it. */
  #ownerOf(): string | undefined {
    if (this.owner !== undefined) return this.owner;
    const counts = new Map<string, number>();
    for (const [chat, senders] of this.#senders)
      for (const sender of senders) if (sender !== chat) counts.set(sender, (counts.get(sender) ?? 0) + 1);
    const [first, second] = [...counts].toSorted(([, a], [, b]) => b - a);
    return first !== undefined && first[1] > (second?.[1] ?? 0) ? first[0] : undefined;
  }

  head(chat: string): ConversationHead {
    const owner = this.#ownerOf();
    const names = new Set([chat, ...(this.#senders.get(chat) ?? []), ...(owner === undefined ? [] : [owner])]);
    const isGroup = names.size > 2 || (names.size === 2 && owner !== undefined && !names.has(owner));
    if (isGroup) names.delete(chat);
    return {
      service: "tiktok",
      key: chat,
      kind: isGroup ? "group" : "direct",
      title: chat,
      people: [...names].map((name) => ({ key: name, name })),
      ...given("owner", owner),
    };
  }
}

/** The name in "Chat History with name:" and ">>> Chat History with name::". */
export function chatName(header: string): string | undefined {
  const name = /^(?:>>> )?Chat History with (.{1,500}?):*\s*$/.exec(header)?.[1];
  return name === undefined || name === "" ? undefined : name;
}
