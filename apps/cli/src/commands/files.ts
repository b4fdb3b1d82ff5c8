/** `attach` and `save`. An interrupted one is gone on with by the same command. */
import { stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type AttachmentView, type Client, ClientError, type MessageView } from "@sotto/client";
import { fileSink, fileSource } from "@sotto/client/node";
import { idToText, messageId, parseId } from "@sotto/protocol";
import { type Command, exactly, type Invocation, textOption, UsageError } from "../command.ts";
import { mediaTypeOf } from "../media-type.ts";
import { conversationFor, finish, needConversation, needSent, withConnection, withProfile } from "../profile.ts";
import { createRelief } from "../relief.ts";
import { TransferProgress } from "../transfer-progress.ts";
import { showMessage } from "../show.ts";

/** Ctrl-C stops a transfer so that it can go on later; a second one ends the process. */
async function interruptible<T>(use: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  try {
    return await use(controller.signal);
  } finally {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.off(signal, stop);
  }
}

type Show = (name: string, bytes: number, totalBytes: number) => void;

async function withProgress<T>({ options }: Invocation, use: (show: Show, end: () => void) => Promise<T>): Promise<T> {
  const progress = new TransferProgress({ terminal: process.stderr, now: () => Date.now(), isQuiet: options["json"] === true });
  const relieve = createRelief();
  const show: Show = (name, bytes, totalBytes) => {
    relieve(bytes);
    progress.show(name, bytes, totalBytes);
  };
  try {
    return await use(show, () => progress.end());
  } finally {
    progress.end();
  }
}

async function discard(invocation: Invocation): Promise<void> {
  const [to] = exactly(invocation.args, "TO");
  await withProfile(invocation, async (client) => {
    const { log } = await needConversation(client, to);
    const messages = await client.messages(log, { limit: 1_000 });
    const unsent = messages.filter(({ attachments, seq, state }) => attachments.length > 0 && seq === undefined && UNSENT.has(state));
    let discarded = 0;
    for (const { localId } of unsent) {
      const isGone = await client.attachments.discard(localId);
      if (isGone) discarded += 1;
    }
    invocation.print({ discarded }, discarded === 1 ? "1 message was given up." : `${discarded} messages were given up.`);
  });
}

const UNSENT: ReadonlySet<string> = new Set(["sending", "failed"]);

export const attach: Command = {
  usage: "TO FILE… [--caption TEXT] | TO --discard",
  summary: "send files; the same command again goes on with what was interrupted",
  details: [
    "--caption TEXT  words that go with the files",
    "--discard       gives up what was interrupted or failed in this conversation",
    "",
    'sotto attach @bob holiday.jpg --caption "The lake"',
  ],
  options: { caption: { type: "string" }, discard: { type: "boolean" } },
  run: async (invocation) => {
    const [to, ...paths] = invocation.args;
    if (invocation.options["discard"] === true) return discard(invocation);
    if (to === undefined || paths.length === 0) throw new UsageError("It takes TO and one FILE or more.");
    const caption = textOption(invocation.options, "caption") ?? "";
    const files = paths.map((path) => ({ source: fileSource(path), name: basename(path), mediaType: mediaTypeOf(path) }));
    // What cannot be read is said before somebody is written to for the first time.
    for (const { source } of files) await (await source.open()).close();
    await withConnection(invocation, async (client) => {
      const log = await conversationFor(client, to);
      const localId = await withProgress(invocation, (show) =>
        interruptible((cancellation) =>
          client.attachments.send(log, files, {
            caption,
            cancellation,
            onProgress: ({ place, bytes, totalBytes }) => show(files[place]?.name ?? "", bytes, totalBytes),
          }),
        ),
      );
      await finish(client, log);
      invocation.print(showMessage(client, await needSent(client, localId)).value, "Sent.");
    });
  },
};

/** The message with this id, or the last one with files in this conversation. */
async function messageWithFiles(client: Client, typed: string): Promise<MessageView> {
  const id = parseId(messageId, typed);
  const known = id.ok ? await client.messageById(id.value) : undefined;
  const found = known ?? (await lastWithFiles(client, typed));
  if (found === undefined || found.attachments.length === 0) throw new ClientError("attachment_unknown");
  return found;
}

async function lastWithFiles(client: Client, typed: string): Promise<MessageView | undefined> {
  const { log } = await needConversation(client, typed);
  return (await client.messages(log, { limit: 1_000 })).findLast(({ attachments }) =>
    attachments.some(({ upload }) => upload === undefined),
  );
}

const isFolder = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );

/** A path for each file. Files of one message with the same name get numbers. */
export async function pathsFor(files: readonly AttachmentView[], to: string): Promise<string[]> {
  const folder = (await isFolder(to)) || /[/\\]$/.test(to) ? to : undefined;
  if (folder === undefined) {
    if (files.length > 1) throw new UsageError("The message has several files: --to takes a folder that exists.");
    return [resolve(to)];
  }
  const taken = new Set<string>();
  return files.map(({ name }) => {
    const dot = name.lastIndexOf(".");
    const [stem, extension] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ""];
    let free = name;
    for (let i = 2; taken.has(free.toLowerCase()); i++) free = `${stem} (${i})${extension}`;
    taken.add(free.toLowerCase());
    return resolve(join(folder, free));
  });
}

export const save: Command = {
  usage: "CONVERSATION|MESSAGE [--to FOLDER|FILE] [--force]",
  summary: "save the files of a message, or of the last one that has any",
  details: [
    "--to FOLDER|FILE  where; else the folder you are in",
    "--force           also over another file",
    "",
    "MESSAGE is an id as sotto read shows it below a file. The same command again goes on with what was interrupted.",
  ],
  options: { to: { type: "string" }, force: { type: "boolean" } },
  run: async (invocation) => {
    const [typed] = exactly(invocation.args, "CONVERSATION|MESSAGE");
    const overwrite = invocation.options["force"] === true;
    await withConnection(invocation, async (client) => {
      const message = await messageWithFiles(client, typed);
      const paths = await pathsFor(message.attachments, textOption(invocation.options, "to") ?? ".");
      await withProgress(invocation, (show, end) =>
        interruptible(async (cancellation) => {
          for (const [i, { place, name, mediaType, size }] of message.attachments.entries()) {
            const path = paths[i] ?? name;
            const onProgress = (now: { readonly bytes: number; readonly totalBytes: number }): void =>
              show(name, now.bytes, now.totalBytes);
            const sink = fileSink(path, { overwrite });
            const { wasThere } = await client.attachments.save(message.localId, { place, sink }, { onProgress, cancellation });
            end();
            const id = message.messageId === undefined ? null : idToText(message.messageId);
            invocation.print(
              { message: id, place, name, mediaType, size, path, wasThere },
              wasThere ? `${path} was there already.` : `Saved ${path}.`,
            );
          }
        }),
      );
    });
  },
};
