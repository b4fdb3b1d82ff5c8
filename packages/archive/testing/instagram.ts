/** Instagram's "Download your information" as JSON, as the reference describes it: threads in parts, newest first, every byte of UTF-8 a character. */
import { asBytes, Dice, type GeneratedFile, inventName, inventPhoto, inventText } from "./invented.ts";

export type InstagramSize = {
  readonly seed: number;
  readonly conversations: number;
  readonly messagesEach: number;
  /** One message in so many has a photo; 0 for none. */
  readonly photoOnce?: number;
  readonly photoBytes?: number;
  readonly perFile?: number;
};

const START = Date.UTC(2016, 2, 3);
const encoder = new TextEncoder();

/** "é" as Meta writes it: "Ã©". */
export function mojibake(text: string): string {
  let out = "";
  for (const byte of encoder.encode(text)) out += String.fromCharCode(byte);
  return out;
}

/** JSON as Meta writes it, with \u00XX for what is not ASCII. */
export function metaJson(value: unknown): Uint8Array {
  const escaped = JSON.stringify(value, null, 2).replaceAll(
    /[\u0080-\uFFFF]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return asBytes(escaped);
}

export const OWNER = inventName(0);

export function* generateInstagram(size: InstagramSize): Generator<GeneratedFile> {
  const dice = new Dice(size.seed);
  const { perFile = 10_000, photoOnce = 0, photoBytes = 2000 } = size;
  yield {
    path: "personal_information/personal_information/personal_information.json",
    content: metaJson({ profile_user: [{ string_map_data: { Name: { value: mojibake(OWNER) } } }] }),
  };
  for (let index = 0; index < size.conversations; index++) {
    const isGroup = index % 7 === 6;
    const others = isGroup ? [index + 1, index + 2, index + 3] : [index + 1];
    const names = [...others.map(inventName), OWNER];
    const slug = others
      .map((other) =>
        inventName(other)
          .replaceAll(/[^A-Za-z]/g, "")
          .toLowerCase(),
      )
      .join("and");
    const thread = `inbox/${slug}_${100_000 + index}`;
    const folder = `your_instagram_activity/messages/${thread}`;
    const photos: GeneratedFile[] = [];
    let at = START + dice.below(1_000_000_000);
    const messages = Array.from({ length: size.messagesEach }, () => {
      // Sometimes two messages of the same millisecond.
      at += dice.once(50) ? 0 : 1 + dice.below(200_000);
      const message: Record<string, unknown> = {
        sender_name: mojibake(dice.pick(names)),
        timestamp_ms: at,
        content: mojibake(inventText(dice)),
      };
      if (photoOnce > 0 && dice.once(photoOnce)) {
        const path = `${folder}/photos/${at}${dice.below(1000)}.jpg`;
        photos.push({ path, content: inventPhoto(dice, photoBytes) });
        message["photos"] = [{ uri: path, creation_timestamp: Math.floor(at / 1000) }];
        message["content"] = undefined;
      }
      if (dice.once(12)) message["reactions"] = [{ reaction: mojibake("❤"), actor: mojibake(dice.pick(names)) }];
      return { ...message, is_geoblocked_for_viewer: false };
    });
    messages.reverse();
    const title = isGroup ? `Choir ${index} é` : inventName(index + 1);
    for (let part = 0; part * perFile < messages.length; part++) {
      const content = metaJson({
        participants: names.map((name) => ({ name: mojibake(name) })),
        messages: messages.slice(part * perFile, (part + 1) * perFile),
        title: mojibake(title),
        is_still_participant: true,
        thread_path: thread,
        magic_words: [],
      });
      yield { path: `${folder}/message_${part + 1}.json`, content };
    }
    yield* photos;
  }
}
