/** Google Chat in a takeout: a folder for each conversation, dates in prose. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, type Said } from "./talk.ts";

const ROOT = "Takeout/Google Chat";
const mail = (person: number): string => `person${person}@example.invalid`;
const user = (person: number): Record<string, string> => ({ name: inventName(person), email: mail(person), user_type: "Human" });
const format = new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeStyle: "long", timeZone: "UTC" });

function record(space: string, said: Said): Record<string, unknown> {
  const id = `m${said.index}`;
  const topic = said.answers === undefined ? id : `m${said.answers}`;
  return {
    creator: user(said.by),
    created_date: format.format(said.at),
    ...(said.photo === undefined
      ? { text: said.text }
      : { attached_files: [{ original_name: `${id}.jpg`, export_name: `File-${id}.jpg` }] }),
    topic_id: topic,
    message_id: `${space}/${topic}/${id}`,
    ...(said.reaction === undefined
      ? {}
      : { reactions: [{ emoji: { unicode: said.reaction.emoji }, reactor_emails: [mail(said.reaction.by)] }] }),
  };
}

export function* generateGoogleChat(size: ExportSize): Generator<GeneratedFile> {
  yield { path: `${ROOT}/Users/User 1/user_info.json`, content: asBytes({ user: user(0), membership_info: [] }) };
  for (const { index, isGroup, title, people, messages } of inventTalk(size)) {
    const space = `space${index}`;
    const folder = `${ROOT}/Groups/${isGroup ? "Space" : "DM"} ${space}`;
    yield { path: `${folder}/group_info.json`, content: asBytes({ ...(isGroup ? { name: title } : {}), members: people.map(user) }) };
    const records: Record<string, unknown>[] = [];
    for (const said of messages) {
      if (said.photo !== undefined) yield { path: `${folder}/File-m${said.index}.jpg`, content: said.photo };
      records.push(record(space, said));
    }
    yield { path: `${folder}/messages.json`, content: asBytes({ messages: records }) };
  }
}
