/**
 * What stands behind the header of a WhatsApp message. iOS sets U+200E before everything that is no text of the author, in every language; Android
 * does not, so there its forms count.
 */
import type { ArchiveMediaKind, ArchiveMessageKind } from "@sotto/protocol";
import type { MediaDraft } from "../../records/draft.ts";

export type Body = {
  readonly kind: ArchiveMessageKind;
  readonly text: string;
  /** Names of files, to be looked for. */
  readonly media: readonly MediaDraft[];
  readonly isEdited: boolean;
  readonly poll?: { readonly question: string; readonly answers: readonly { readonly text: string; readonly votes: number }[] };
  readonly place?: { readonly latitude: number; readonly longitude: number };
};

const MARK = "\u200E";
const ATTACHED = /\u200E?<[^<>:\n]{2,40}: ([^<>\n]{1,200}\.[A-Za-z0-9]{1,8})>/;
const ANDROID_FILE = /^\u200E?([^\n\u200E]{1,200}\.[A-Za-z0-9]{2,5}) \([^()\n]{4,60}\)(?:\n|$)/;
const OMITTED = /^\u200E?<[^<>\n]{4,60}>$/;
const OMITTED_IOS =
  /^\u200E(image|video|audio|sticker|gif|document|contact card|bild|foto|imagen|imagem|image|vidéo|vídeo|immagine|afbeelding|dokument|documento?|figurinha|autocollant)\b.{0,60}(omitted|weggelassen|omitid[ao]|ocultad[ao]|absente?|omess[ao]|weggelaten)\.?$/iu;
const EDITED = /\s?\u200E<[^<>\n]{5,60}>$/;
const DELETED =
  /^\u200E?(This message was deleted|You deleted this message|Diese Nachricht wurde gelöscht|Du hast diese Nachricht gelöscht|Se eliminó este mensaje|Eliminaste este mensaje|Mensagem apagada|Você apagou esta mensagem|Ce message a été supprimé|Vous avez supprimé ce message|Questo messaggio è stato eliminato|Dit bericht is verwijderd|Данное сообщение удалено|此消息已删除)\.?$/i;
const LOCATION = /https:\/\/maps\.google\.com\/\?q=(-?\d{1,3}\.\d+),(-?\d{1,3}\.\d+)/;
const OPTION = /^\u200E?[^:\n]{2,30}: (.*) \((\d+) [^()\n]+\)$/u;

const KINDS: readonly (readonly [RegExp, ArchiveMediaKind])[] = [
  [/(^PTT-|-AUDIO-|\.opus$)/i, "voice"],
  [/(^STK-|-STICKER-|\.webp$)/i, "sticker"],
  [/(-GIF-|\.gif$)/i, "gif"],
  [/\.(jpe?g|png|heic|avif)$/i, "photo"],
  [/\.(mp4|mov|3gp|mkv|webm)$/i, "video"],
  [/\.(m4a|mp3|ogg|aac|amr|wav)$/i, "audio"],
];

function draftOf(name: string, state: MediaDraft["state"]): MediaDraft {
  return { name, state, kind: KINDS.find(([pattern]) => pattern.test(name))?.[1] ?? "file" };
}

const none = { media: [], isEdited: false } as const;

export function parseBody(raw: string, isIos: boolean): Body {
  const isMarked = raw.startsWith(MARK);
  if (DELETED.test(raw)) return { ...none, kind: "deleted", text: raw.replaceAll(MARK, "") };
  const poll = isMarked || raw.startsWith("POLL:") ? pollIn(raw) : undefined;
  if (poll !== undefined) return { ...none, kind: "poll", text: poll.question, poll };
  const attached = ATTACHED.exec(raw);
  if (attached !== null) {
    const caption = raw.replace(ATTACHED, "").replaceAll(MARK, "").trim();
    return { ...none, kind: "text", text: caption, media: [draftOf(attached[1] ?? "", "missing")] };
  }
  const file = ANDROID_FILE.exec(raw);
  if (file !== null && !isIos)
    return { ...none, kind: "text", text: raw.slice(file[0].length).trim(), media: [draftOf(file[1] ?? "", "missing")] };
  if ((OMITTED.test(raw) && !isIos) || OMITTED_IOS.test(raw)) {
    return { ...none, kind: "text", text: "", media: [draftOf(raw.replaceAll(MARK, ""), "omitted")] };
  }
  const place = LOCATION.exec(raw);
  if (place !== null) {
    return { ...none, kind: "text", text: raw.replaceAll(MARK, ""), place: { latitude: Number(place[1]), longitude: Number(place[2]) } };
  }
  const isEdited = !isMarked && EDITED.test(raw);
  const text = (isEdited ? raw.replace(EDITED, "") : raw).replaceAll(MARK, "");
  return { media: [], kind: isMarked && isIos ? "system" : "text", text, isEdited };
}

function pollIn(raw: string): Body["poll"] {
  const [head = "", question, ...options] = raw.split("\n");
  if (!/^\u200E?[^:\n]{2,20}:$/u.test(head) || question === undefined) return undefined;
  const answers = options.flatMap((line) => {
    const match = OPTION.exec(line);
    return match === null ? [] : [{ text: match[1] ?? "", votes: Number(match[2]) }];
  });
  return answers.length === 0 ? undefined : { question, answers };
}

/** A line with an author, or one of the system. `at` is where the text begins. */
export function splitAuthor(rest: string): { readonly author: string; readonly at: number } | undefined {
  const end = rest.search(/ ?:(?: |$|\n)/);
  if (end <= 0 || end > 80) return undefined;
  const author = rest
    .slice(0, end)
    .replaceAll(/[\u200E\u200F\u202A-\u202E\u2066-\u2069]/g, "")
    .replace(/^~[\s\u202F]?/, "")
    .trim();
  // Android's lines about the group quote its subject, which may have a colon.
  if (author === "" || /["“”«»„]/.test(author)) return undefined;
  const colon = rest.indexOf(":", end);
  return { author, at: rest.charAt(colon + 1) === " " ? colon + 2 : colon + 1 };
}
