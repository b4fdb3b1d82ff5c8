/**
 * Pages that any browser shows and prints: no script, nothing remote, media in a folder beside them. Everything that people wrote is escaped; a link is shown
 * as text, since a click would tell its server.
 */
import type { ArchiveConversation, ArchiveMedia, ArchiveMessage } from "@sotto/protocol";
import type { ArchivePorts } from "../ports.ts";
import type { ArchiveReader, ExportCounts, ExportSelection, ExportTarget } from "./export-ports.ts";
import { mediaPath } from "./media-names.ts";

const PER_PAGE = 1000;
const STYLE =
  "body{font:16px/1.4 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}h2{font-size:1rem;border-bottom:1px solid;margin-top:2rem}article{margin:.6rem 0;break-inside:avoid}b{margin-right:.5rem}time,small{color:#666;font-size:.8rem}p{margin:.1rem 0;white-space:pre-wrap;overflow-wrap:anywhere}blockquote{margin:.1rem 0;padding-left:.6rem;border-left:3px solid #ccc;white-space:pre-wrap}img,video{max-width:100%;max-height:24rem}.system{color:#666;text-align:center}@media print{nav{display:none}}";

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? "");

function page(title: string, body: string): string {
  return `<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n<meta name="referrer" content="no-referrer">\n<link rel="icon" href="data:,">\n<title>${escapeHtml(title)}</title>\n<style>${STYLE}</style>\n${body}\n</html>\n`;
}

function mediaHtml(media: ArchiveMedia): string {
  const path = media.state === "stored" ? mediaPath(media) : undefined;
  const name = escapeHtml(media.caption ?? media.name.slice(media.name.lastIndexOf("/") + 1));
  if (path === undefined) return `<p><small>[${media.kind}: ${name}, ${media.state}]</small></p>`;
  const source = `../../${path}`;
  const type = media.type ?? "";
  if (/^image\/(jpeg|png|gif|webp|avif)$/.test(type)) return `<p><img src="${source}" alt="${name}" loading="lazy"></p>`;
  if (/^video\/(mp4|webm)$/.test(type)) return `<p><video src="${source}" controls preload="none"></video></p>`;
  if (type.startsWith("audio/")) return `<p><audio src="${source}" controls preload="none"></audio></p>`;
  return `<p><a href="${source}" download>${name}</a></p>`;
}

function messageHtml(message: ArchiveMessage, names: ReadonlyMap<string, string>): string {
  const { kind, text, media = [], reactions = [], reply, at, editedAt } = message;
  const words = kind === "deleted" && text === "" ? "(taken back)" : text;
  const clock = new Date(at).toISOString().slice(11, 16);
  if (kind === "system") return `<article class="system"><p>${escapeHtml(words)}</p></article>`;
  const who = escapeHtml(message.sender === undefined ? "" : (names.get(message.sender) ?? "?"));
  const quote = reply?.text === undefined ? "" : `<blockquote>${escapeHtml(reply.text)}</blockquote>`;
  const reacted = reactions.map(({ emoji, by, count }) => `${emoji} ${by === undefined ? String(count ?? "") : (names.get(by) ?? "?")}`);
  const below = reacted.length === 0 ? "" : `<small>${escapeHtml(reacted.join(" · "))}</small>`;
  const edited = editedAt === undefined ? "" : " (edited)";
  return `<article><b>${who}</b><time>${clock}${edited}</time>${quote}<p>${escapeHtml(words)}</p>${media.map(mediaHtml).join("")}${below}</article>`;
}

type Pages = { readonly file: string; readonly messages: number };

export async function exportHtml(
  reader: ArchiveReader,
  target: ExportTarget,
  options: ExportSelection & { readonly ports: Pick<ArchivePorts, "encodeUtf8"> },
): Promise<ExportCounts> {
  const { ports, conversations: selected } = options;
  const people = await reader.people();
  const names = new Map(people.map(({ id, name }) => [id, name]));
  const conversations = (await reader.conversations()).filter(({ id }) => selected?.has(id) ?? true);
  const needed = new Map<string, string>();
  const list: string[] = [];
  let messages = 0;
  for (const conversation of conversations) {
    const written = await writeConversation({ reader, target, ports, names, needed }, conversation);
    messages += written.messages;
    list.push(
      `<p><a href="${written.file}">${escapeHtml(conversation.title)}</a> <small>${conversation.service}, ${written.messages}</small></p>`,
    );
  }
  for (const [sha256, path] of needed) {
    const bytes = reader.media(sha256);
    if (bytes !== undefined) await target.write(path, bytes);
  }
  await target.write("index.html", [ports.encodeUtf8(page("Conversations", `<h1>Conversations</h1>\n${list.join("\n")}`))]);
  return { conversations: conversations.length, people: people.length, messages, media: needed.size };
}

type Making = {
  readonly reader: ArchiveReader;
  readonly target: ExportTarget;
  readonly ports: Pick<ArchivePorts, "encodeUtf8">;
  readonly names: ReadonlyMap<string, string>;
  readonly needed: Map<string, string>;
};

/** Adds the media that it shows to `needed`. */
async function writeConversation(
  { reader, target, ports, names, needed }: Making,
  { id, title, service }: ArchiveConversation,
): Promise<Pages> {
  const folder = `conversations/${id}`;
  let [held, day, number, messages]: [string[], string, number, number] = [[], "", 1, 0];
  const flush = async (isLast: boolean): Promise<void> => {
    const before = number > 1 ? `<a href="messages-${number - 1}.html">earlier</a> ` : "";
    const after = isLast ? "" : `<a href="messages-${number + 1}.html">later</a>`;
    const links = `<nav>${before}<a href="../../index.html">all</a> ${after}</nav>`;
    const body = `${links}<h1>${escapeHtml(title)}</h1><small>${service}</small>\n${held.join("\n")}\n${links}`;
    await target.write(`${folder}/messages-${number}.html`, [ports.encodeUtf8(page(title, body))]);
    [held, number] = [[], number + 1];
  };
  for await (const message of reader.messages(id)) {
    if (messages > 0 && messages % PER_PAGE === 0) await flush(false);
    messages += 1;
    const today = new Date(message.at).toISOString().slice(0, 10);
    if (today !== day) held.push(`<h2>${today}</h2>`);
    day = today;
    held.push(messageHtml(message, names));
    for (const media of message.media ?? []) {
      const path = mediaPath(media);
      if (path !== undefined && media.sha256 !== undefined) needed.set(media.sha256, path);
    }
  }
  await flush(true);
  return { file: `${folder}/messages-1.html`, messages };
}
