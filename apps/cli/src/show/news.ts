/** What changed in a group, in words. */
import type { GroupNews, MessageView, ShownChange } from "@sotto/client";
import { type AccountId, accountIdToText } from "@sotto/protocol";
import { safeLine } from "../terminal/safe-text.ts";
import { durationWords } from "./time.ts";

export type Naming = { readonly ownAccount: string; readonly ownName: string };

function namesOf(news: GroupNews, accounts: readonly AccountId[], { ownAccount }: Naming): string {
  const names = accounts.map((account) => {
    const text = accountIdToText(account);
    const name = news.names.get(text) ?? "";
    return text === ownAccount ? "you" : name === "" ? "somebody" : `@${name}`;
  });
  const shown = names.slice(0, 8);
  const rest = names.length - shown.length;
  return rest === 0 ? shown.join(", ") : `${shown.join(", ")} and ${rest} more`;
}

function changeWords(news: GroupNews, change: ShownChange, naming: Naming): string {
  switch (change.kind) {
    case "name":
      return `named it “${safeLine(change.name)}”`;
    case "description":
      return "changed the description";
    case "picture":
      return "changed the picture";
    case "policy":
      return "changed who may do what";
    case "timer":
      return change.seconds === 0
        ? "turned disappearing messages off"
        : `let messages disappear ${durationWords(change.seconds)} after reading`;
    case "role":
      return `made ${namesOf(news, [change.account], naming)} ${change.role === "member" ? "a member" : `an ${change.role}`}`;
    case "links":
      return change.isAllowed ? "allowed links to join" : "forbade links to join";
  }
}

export function newsWords(message: MessageView, naming: Naming): string {
  const news = message.change;
  if (news === undefined) return "Something changed here.";
  const isOwn = accountIdToText(message.sender) === naming.ownAccount;
  const who = isOwn ? "You" : message.senderName === "" ? "Somebody" : `@${safeLine(message.senderName)}`;
  const deeds = [
    ...(news.added.length > 0 ? [`added ${namesOf(news, news.added, naming)}`] : []),
    ...(news.removed.length > 0 ? [`removed ${namesOf(news, news.removed, naming)}`] : []),
    ...news.changes.map((change) => changeWords(news, change, naming)),
  ];
  const left = news.left.length > 0 ? [`${capital(namesOf(news, news.left, naming))} left.`] : [];
  return [...(deeds.length > 0 ? [`${who} ${deeds.join(", ")}.`] : []), ...left].join(" ");
}

const capital = (words: string): string => words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
