/** Messenger's download as JSON, with the e2ee_cutover section, and Meta's export of encrypted conversations: as the reference describes them. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { metaJson, mojibake } from "./instagram.ts";
import { type ExportSize, inventTalk, type Said } from "./talk.ts";

const SECTIONS = ["inbox", "inbox", "inbox", "archived_threads", "filtered_threads", "e2ee_cutover"];
const FOLDER = "your_facebook_activity/messages";

export function* generateMessenger(size: ExportSize): Generator<GeneratedFile> {
  for (const { index, isGroup, title, people, messages } of inventTalk(size)) {
    const thread = `${SECTIONS[index % SECTIONS.length]}/thread_${200_000 + index}`;
    const photos: GeneratedFile[] = [];
    const records = [...messages].map((said) => {
      const uri = `${FOLDER}/${thread}/photos/${said.index}.jpg`;
      if (said.photo !== undefined) photos.push({ path: uri, content: said.photo });
      return {
        sender_name: mojibake(inventName(said.by)),
        timestamp_ms: said.at,
        ...(said.photo === undefined
          ? { content: mojibake(said.text) }
          : { photos: [{ uri, creation_timestamp: Math.floor(said.at / 1000) }] }),
        ...(said.reaction === undefined
          ? {}
          : { reactions: [{ reaction: mojibake(said.reaction.emoji), actor: mojibake(inventName(said.reaction.by)) }] }),
        is_geoblocked_for_viewer: false,
        is_unsent_image_by_messenger_kid_parent: false,
      };
    });
    yield {
      path: `${FOLDER}/${thread}/message_1.json`,
      content: metaJson({
        participants: people.map((person) => ({ name: mojibake(inventName(person)) })),
        messages: records.toReversed(),
        title: mojibake(title),
        is_still_participant: true,
        thread_path: thread,
        magic_words: [],
        ...(isGroup ? { joinable_mode: { mode: 1, link: "" } } : {}),
      }),
    };
    yield* photos;
  }
}

export function* generateMetaE2ee(size: ExportSize): Generator<GeneratedFile> {
  for (const { index, title, people, messages } of inventTalk(size)) {
    const media: GeneratedFile[] = [];
    const record = (said: Said): Record<string, unknown> => {
      const name = `00000000-0000-4000-8000-${String(index * 1_000_000 + said.index).padStart(12, "0")}.jpeg`;
      if (said.photo !== undefined) media.push({ path: `media/${name}`, content: said.photo });
      return {
        senderName: inventName(said.by),
        text: said.photo === undefined ? said.text : "",
        timestamp: said.at,
        type: said.photo === undefined ? "text" : "media",
        isUnsent: false,
        media: said.photo === undefined ? [] : [{ uri: `./media/${name}` }],
        reactions: said.reaction === undefined ? [] : [{ actor: inventName(said.reaction.by), reaction: said.reaction.emoji }],
      };
    };
    const threadName = `${title}_${index}`;
    const content = asBytes({ participants: people.map(inventName), threadName, messages: [...messages].map(record) });
    yield { path: `messages/${threadName}.json`, content };
    yield* media;
  }
}
