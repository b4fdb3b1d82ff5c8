/** A full Slack export: a folder for each conversation, a file for each day. */
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, plainTime, type Said } from "./talk.ts";

const userId = (person: number): string => `U${String(person).padStart(8, "0")}`;
const stamp = ({ at, index }: Pick<Said, "at" | "index">): string => `${Math.floor(at / 1000)}.${String(index).padStart(6, "0")}`;
const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

function record(said: Said, earlier: readonly string[]): Record<string, unknown> {
  return {
    type: "message",
    user: userId(said.by),
    text: escaped(said.text),
    ts: stamp(said),
    ...(said.answers === undefined ? {} : { thread_ts: earlier[said.answers] }),
    ...(said.photo === undefined
      ? {}
      : {
          files: [
            {
              id: `F${said.index}`,
              name: "photo.jpg",
              mimetype: "image/jpeg",
              url_private_download: `https://files.invalid/F${said.index}?t=xoxe-invented`,
            },
          ],
        }),
    ...(said.reaction === undefined ? {} : { reactions: [{ name: "heart", users: [userId(said.reaction.by)], count: 1 }] }),
  };
}

export function* generateSlack(size: ExportSize): Generator<GeneratedFile> {
  const [channels, dms]: [unknown[], unknown[]] = [[], []];
  for (const { index, isGroup, people, messages } of inventTalk(size)) {
    const id = `${isGroup ? "C" : "D"}${String(index).padStart(8, "0")}`;
    const name = `choir-${index}`;
    if (isGroup) channels.push({ id, name, created: 1, members: people.map(userId) });
    else dms.push({ id, created: 1, members: people.map(userId) });
    const days = new Map<string, unknown[]>();
    const stamps: string[] = [];
    for (const said of messages) {
      stamps.push(stamp(said));
      const day = plainTime(said.at).slice(0, 10);
      const known = days.get(day) ?? [];
      days.set(day, known);
      known.push(record(said, stamps));
    }
    for (const [day, records] of days) yield { path: `${isGroup ? name : id}/${day}.json`, content: asBytes(records) };
  }
  const users = Array.from({ length: size.conversations + 4 }, (_, i) => ({
    id: userId(i),
    name: `person${i}`,
    profile: { real_name: inventName(i) },
  }));
  yield { path: "users.json", content: asBytes(users) };
  yield { path: "channels.json", content: asBytes(channels) };
  yield { path: "dms.json", content: asBytes(dms) };
}
