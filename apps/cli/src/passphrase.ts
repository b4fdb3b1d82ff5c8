/** What opens a profile: the environment, a key file, or a question on the terminal that shows nothing of the answer. */
import { readFileSync } from "node:fs";
import { ClientError } from "@sotto/client";
import type { StoreLock } from "@sotto/client/node";
import { type Options, textOption, UsageError } from "./command.ts";
import { askLine } from "./question.ts";

const ENTER = new Set(["\r", "\n", "\u0004"]);
const INTERRUPT = "\u0003";
const ERASE = "\u007f";

/** `isNew`: the profile is made with it. */
export async function lockFor(options: Options, { isNew }: { readonly isNew: boolean }): Promise<StoreLock> {
  const keyFile = textOption(options, "key-file");
  if (keyFile !== undefined) return { key: readKey(keyFile) };
  const passphrase = process.env["SOTTO_PASSPHRASE"];
  if (passphrase !== undefined && passphrase !== "") return { passphrase };
  if (!process.stdin.isTTY) throw new UsageError("Set SOTTO_PASSPHRASE, or pass --key-file FILE with 32 bytes.");
  return { passphrase: await (isNew ? chooseSecret("Passphrase of this new profile: ", ask) : ask("Passphrase of this profile: ")) };
}

/** Typed twice, since nobody sees what they type, and without it nobody gets in again. */
export async function chooseSecret(question: string, asking: (question: string) => Promise<string>): Promise<string> {
  for (let said = question; ;) {
    const chosen = await asking(said);
    if (chosen === "") said = "It cannot be empty. Choose one: ";
    else if ((await asking("Once more: ")) === chosen) return chosen;
    else said = "These were two different ones. Choose one: ";
  }
}

/** A secret that is no passphrase of the profile: typed unseen, or a line of the standard input. */
export async function askSecret(question: string): Promise<string> {
  return process.stdin.isTTY ? ask(question) : ((await askLine(question)) ?? "");
}

function readKey(path: string): Uint8Array {
  try {
    return new Uint8Array(readFileSync(path));
  } catch (error) {
    throw new ClientError("key_file_unreadable", { cause: error });
  }
}

function ask(question: string): Promise<string> {
  const { stdin, stderr } = process;
  stderr.write(question);
  stdin.setRawMode(true);
  stdin.setEncoding("utf8");
  return new Promise((resolve, reject) => {
    let typed = "";
    const end = (): void => {
      stdin.off("data", read);
      stdin.setRawMode(false);
      stdin.pause();
      stderr.write("\n");
    };
    const read = (text: string): void => {
      for (const key of text) {
        if (ENTER.has(key)) {
          end();
          return resolve(typed);
        }
        if (key === INTERRUPT) {
          end();
          return reject(new UsageError("Interrupted."));
        }
        typed = key === ERASE ? typed.slice(0, -1) : typed + key;
      }
    };
    stdin.on("data", read);
    stdin.resume();
  });
}
