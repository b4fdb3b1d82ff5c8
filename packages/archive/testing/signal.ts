/** Signal's plaintext export: frames of people and chats, then messages; files under names that say nothing. */
import { createHash } from "node:crypto";
import { asBytes, type GeneratedFile, inventName } from "./invented.ts";
import { type ExportSize, inventTalk, type Said } from "./talk.ts";

const SELF = "1";
const person = (number: number): string => (number === 0 ? SELF : String(number + 1));
const fakeId = (number: number): string => Buffer.from(`invented aci ${number}`.padEnd(16, ".").slice(0, 16)).toString("base64");

function standardMessage(said: Said, authors: readonly { readonly by: number; readonly at: number }[]): Record<string, unknown> {
  const quoted = said.answers === undefined ? undefined : authors[said.answers];
  const { photo } = said;
  const plaintextHash = photo && createHash("sha256").update(photo).digest("base64");
  return {
    text: { body: said.text },
    ...(plaintextHash === undefined
      ? {}
      : {
          attachments: [
            { pointer: { contentType: "image/jpeg", fileName: `${said.index}.jpg`, locatorInfo: { key: "aW52ZW50ZWQ=", plaintextHash } } },
          ],
        }),
    ...(quoted === undefined ? {} : { quote: { authorId: person(quoted.by), targetSentTimestamp: String(quoted.at) } }),
    ...(said.reaction === undefined
      ? {}
      : { reactions: [{ emoji: said.reaction.emoji, authorId: person(said.reaction.by), sentTimestamp: String(said.at + 1) }] }),
  };
}

export function* generateSignal(size: ExportSize): Generator<GeneratedFile> {
  const lines: string[] = [];
  const frame = (value: unknown): void => void lines.push(JSON.stringify(value));
  frame({ version: "1", backupTimeMs: "1700000000000", mediaRootBackupKey: "aW52ZW50ZWQ=", currentAppVersion: "8.21" });
  frame({ account: { givenName: inventName(0), profileKey: "aW52ZW50ZWQ=" } });
  frame({ recipient: { id: SELF, self: {} } });
  for (let number = 1; number <= size.conversations + 3; number++) {
    frame({ recipient: { id: person(number), contact: { aci: fakeId(number), profileGivenName: inventName(number) } } });
  }
  // Times tell messages of one author apart, so equal ones are moved.
  let last = 0;
  for (const { index, isGroup, title, messages } of inventTalk(size)) {
    const recipientId = isGroup ? `g${index}` : person(index + 1);
    if (isGroup) frame({ recipient: { id: recipientId, group: { snapshot: { title: { title } } } } });
    frame({ chat: { id: `c${index}`, recipientId } });
    const authors: { readonly by: number; readonly at: number }[] = [];
    for (const said of messages) {
      const at = said.at === last ? said.at + 1 : said.at;
      last = at;
      authors.push({ by: said.by, at });
      if (said.photo !== undefined) yield { path: `signal-export/files/aa/${index}-${said.index}`, content: said.photo };
      const way = said.by === 0 ? { outgoing: {} } : { incoming: { dateReceived: String(at + 5) } };
      frame({
        chatItem: {
          chatId: `c${index}`,
          authorId: person(said.by),
          dateSent: String(at),
          ...way,
          standardMessage: standardMessage(said, authors),
        },
      });
    }
  }
  yield { path: "signal-export/main.jsonl", content: asBytes(`${lines.join("\n")}\n`) };
}
