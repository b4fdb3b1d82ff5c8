/** WhatsApp's exports as Android writes them in German: a text for each chat, with its files beside it. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, type Said, two } from "./talk.ts";

/** "03.10.18, 14:05", in UTC. */
function header(at: number): string {
  const date = new Date(at);
  const year = two(date.getUTCFullYear() % 100);
  return `${two(date.getUTCDate())}.${two(date.getUTCMonth() + 1)}.${year}, ${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
}

function nameOf({ at, index }: Said): string {
  return `IMG-${new Date(at).toISOString().slice(0, 10).replaceAll("-", "")}-WA${String(index).padStart(4, "0")}.jpg`;
}

export function* generateWhatsapp(size: ExportSize): Generator<GeneratedFile> {
  for (const { title, messages } of inventTalk(size)) {
    const folder = `chats/${title}`;
    const lines: string[] = [];
    for (const said of messages) {
      if (said.photo !== undefined) yield { path: `${folder}/${nameOf(said)}`, content: said.photo };
      const body = said.photo === undefined ? said.text : `${nameOf(said)} (Datei angehängt)`;
      lines.push(`${header(said.at)} - ${inventName(said.by)}: ${body}`);
    }
    yield { path: `${folder}/WhatsApp Chat mit ${title}.txt`, content: asBytes(`${lines.join("\n")}\n`) };
  }
}
