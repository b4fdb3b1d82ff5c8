/**
 * Slack's text: `&amp; &lt; &gt;` are escaped, and what stands in angle brackets is a person, a channel, a command or an address:
 *
 *   <@U1>  <@U1|name>  <#C1|name>  <!here>  <!subteam^S1|@name>  <!date^123^{date}|words>  <https://…|words>  <mailto:…|words>
 */
import type { ArchiveSpan } from "@sotto/protocol";
import { cleanText } from "../../records/clean-text.ts";
import type { Workspace } from "./slack-workspace.ts";

export type SlackText = { readonly text: string; readonly spans: readonly ArchiveSpan[]; readonly links: readonly string[] };

const SPANS_MAX = 10_000;
const MARKED = /<([^<>]{1,8000})>/g;

const plain = (text: string): string => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

type Shown = { readonly words: string; readonly style: string; readonly href?: string };

function shownAs(inside: string, workspace: Workspace): Shown {
  const bar = inside.indexOf("|");
  const [target, label] = bar < 0 ? [inside, undefined] : [inside.slice(0, bar), inside.slice(bar + 1)];
  const words = label === undefined || label === "" ? undefined : plain(label);
  const sign = target[0];
  if (sign === "@") return { words: `@${words ?? workspace.person(target.slice(1)).name}`, style: "mention" };
  if (sign === "#") return { words: `#${words ?? workspace.channelName(target.slice(1)) ?? target.slice(1)}`, style: "channel" };
  if (sign === "!") return { words: words ?? `@${target.slice(1).split("^")[0] ?? ""}`, style: "mention" };
  const href = cleanText(plain(target)).text;
  return { words: words ?? href, style: "text_link", href };
}

export function slackText(raw: string, workspace: Workspace): SlackText {
  const spans: ArchiveSpan[] = [];
  const links: string[] = [];
  let [text, from] = ["", 0];
  for (const match of raw.matchAll(MARKED)) {
    const { words, style, href } = shownAs(match[1] ?? "", workspace);
    text += plain(raw.slice(from, match.index));
    if (spans.length < SPANS_MAX) spans.push({ start: text.length, length: words.length, style, ...(href === undefined ? {} : { href }) });
    if (href !== undefined && links.length < SPANS_MAX) links.push(href);
    text += words;
    from = match.index + match[0].length;
  }
  return { text: text + plain(raw.slice(from)), spans, links };
}
