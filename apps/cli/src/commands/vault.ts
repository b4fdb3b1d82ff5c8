/** `vault`: an encrypted shelf of photos, documents and words with a passphrase of its own. Needs no account and no network. */
import { open as openFile, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { type Client, ClientError, type OpenVault, type Stretch, type Vault, type VaultFiles, type VaultItem } from "@sotto/client";
import { fileSource, openMediaFiles, stretcher } from "@sotto/client/node";
import { bytesToBase64url, bytesToHex } from "@sotto/protocol";
import { type Command, exactly, type Invocation, type Options, textOption, UsageError } from "../command.ts";
import { mediaTypeOf } from "../media-type.ts";
import { askSecret } from "../passphrase.ts";
import { folderOf, withProfile } from "../profile.ts";
import { titleOf, titlesOf } from "../show/exposure-words.ts";
import { dayOf } from "../show/time.ts";
import { safeLine } from "../terminal/safe-text.ts";

const PASSPHRASE_MIN = 8;
const SHOWN_ID = 8;
const PIECE = 1024 * 1024;

type Work = { readonly client: Client; readonly vault: Vault; readonly invocation: Invocation };
type Action = (work: Work, args: readonly string[]) => Promise<void>;

async function passphraseOf(variable: string, question: string): Promise<string> {
  const known = process.env[variable];
  const typed = known === undefined || known === "" ? await askSecret(question) : known;
  if (typed.length < PASSPHRASE_MIN)
    throw new UsageError(`A passphrase has at least ${PASSPHRASE_MIN} characters. Set ${variable}, or type it.`);
  return typed;
}

/** A new one is asked for twice, unless it stands in the environment. */
async function newPassphrase(variable: string): Promise<Stretch> {
  const typed = await passphraseOf(variable, "New passphrase of the vault: ");
  const isKnown = (process.env[variable] ?? "") !== "";
  if (!isKnown && (await askSecret("The same again: ")) !== typed) throw new UsageError("The two are not the same.");
  return stretcher(typed);
}

const unlockWith = async (): Promise<Stretch> => stretcher(await passphraseOf("SOTTO_VAULT_PASSPHRASE", "Passphrase of the vault: "));

/** Unlocked; made first if there is none. */
async function unlocked({ vault }: Work): Promise<OpenVault> {
  return (await vault.isMade()) ? vault.unlock(await unlockWith()) : vault.make(await newPassphrase("SOTTO_VAULT_PASSPHRASE"));
}

async function find(shelf: OpenVault, typed: string): Promise<VaultItem> {
  const items = (await shelf.list()).filter(({ item, name }) => bytesToHex(item).startsWith(typed.toLowerCase()) || name === typed);
  const [only, ...others] = typed.length < 4 ? [] : items;
  if (only === undefined) throw new ClientError("vault_item_unknown");
  if (others.length > 0) throw new UsageError("Several items fit. Use more of the id that sotto vault shows.");
  return only;
}

function showItem({ item, kind, name, tags, from, at, addedAt, type, bytes }: VaultItem): {
  readonly value: Record<string, unknown>;
  readonly line: string;
} {
  const id = bytesToHex(item);
  const notes = [
    kind === "file" ? `${type === "" ? "file" : type}, ${bytes} bytes` : "words",
    from === "" ? "" : `from ${safeLine(from)}${at === 0 ? "" : `, ${dayOf(at)}`}`,
    tags.map((tag) => `#${safeLine(tag)}`).join(" "),
  ];
  const line = `${id.slice(0, SHOWN_ID)}  ${safeLine(name)}  (${notes.filter((note) => note !== "").join("; ")})`;
  return { value: { id, kind, name, tags, from, at, addedAt, type, bytes }, line };
}

const tagsOf = (options: Options): string[] => (textOption(options, "tag") ?? "").split(",").filter((tag) => tag !== "");

const list: Action = async (work, args) => {
  exactly(args);
  const [tag] = tagsOf(work.invocation.options);
  for (const one of await (await unlocked(work)).list(tag)) {
    const { value, line } = showItem(one);
    work.invocation.print(value, line);
  }
};

const move: Action = async (work, args) => {
  const { client, vault, invocation } = work;
  if (args.length === 0) throw new UsageError("It takes NUMBER…, as sotto exposure show tells them.");
  const findings = args.map(Number);
  if (!findings.every((finding) => Number.isSafeInteger(finding))) throw new UsageError("It takes numbers of findings.");
  const shelf = await unlocked(work);
  const titles = await titlesOf(client);
  for (const finding of findings) {
    const log = await vault.conversationOf(finding);
    const item = await vault.move(shelf, { finding, from: titleOf(titles, bytesToBase64url(log)).title, tags: tagsOf(invocation.options) });
    const id = bytesToHex(item);
    invocation.print({ finding, id }, `${finding}: moved to the vault as ${id.slice(0, SHOWN_ID)}, and deleted on this device.`);
  }
};

async function addFile(shelf: OpenVault, path: string, tags: readonly string[]): Promise<Uint8Array> {
  const source = await fileSource(path).open();
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let offset = 0; offset < source.size;) {
      const piece = new Uint8Array(Math.min(PIECE, source.size - offset));
      const read = await source.read(piece, offset);
      if (read === 0) throw new ClientError("file_changed");
      offset += read;
      yield piece.subarray(0, read);
    }
  }
  try {
    const about = { name: basename(path), type: mediaTypeOf(path), tags, from: "", at: 0 };
    return await shelf.putFile({ bytes: source.size, open: pieces }, about);
  } finally {
    await source.close();
  }
}

const add: Action = async (work, args) => {
  if (args.length === 0) throw new UsageError("It takes FILE…");
  const shelf = await unlocked(work);
  for (const path of args) {
    const id = bytesToHex(await addFile(shelf, path, tagsOf(work.invocation.options)));
    work.invocation.print({ path, id }, `${path} is in the vault as ${id.slice(0, SHOWN_ID)}. The file where it was is still there.`);
  }
};

/** Nothing is left if it does not come out whole. */
async function writeOut(pieces: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  const file = await openFile(path, "wx", 0o600).catch((error: unknown) => {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new ClientError(isThere ? "file_exists" : "file_unwritable", { cause: error });
  });
  try {
    for await (const piece of pieces) await file.writeFile(piece);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

const take: Action = async (work, args) => {
  const [typed] = exactly(args, "ID");
  const vault = await unlocked(work);
  const one = await find(vault, typed);
  const text = await vault.text(one.item);
  const to = textOption(work.invocation.options, "to");
  if (text !== undefined && to === undefined) return work.invocation.print({ id: bytesToHex(one.item), text }, safeLine(text));
  const path = resolve(to ?? basename(one.name));
  const words = async function* (all: string): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(Buffer.from(all, "utf8"));
  };
  await writeOut(text === undefined ? vault.open(one.item) : words(text), path);
  work.invocation.print({ id: bytesToHex(one.item), path }, `Saved ${path}. It lies there unencrypted.`);
};

const tag: Action = async (work, args) => {
  const [typed, ...tags] = args;
  if (typed === undefined) throw new UsageError("It takes ID and TAG…");
  const vault = await unlocked(work);
  const { item } = await find(vault, typed);
  await vault.setTags(item, tags);
  work.invocation.print({ id: bytesToHex(item), tags }, tags.length === 0 ? "It has no tags now." : `It has the tags ${tags.join(", ")}.`);
};

const remove: Action = async (work, args) => {
  const [typed] = exactly(args, "ID");
  const vault = await unlocked(work);
  const { item } = await find(vault, typed);
  await vault.remove(item);
  work.invocation.print({ id: bytesToHex(item) }, "Removed for good.");
};

const lock: Action = async ({ vault, invocation }, args) => {
  exactly(args);
  const from = await unlockWith();
  await vault.changeLock(from, await newPassphrase("SOTTO_VAULT_NEW_PASSPHRASE"));
  invocation.print({ changed: true }, "The vault has the new passphrase.");
};

const ACTIONS: Readonly<Record<string, Action>> = { list, move, add, take, tag, remove, lock };

function vaultFiles(options: Options): VaultFiles {
  const folder = folderOf(options);
  return { vault: openMediaFiles(join(folder, "vault")), media: openMediaFiles(join(folder, "media")) };
}

export const vault: Command = {
  usage: "[list | move NUMBER… | add FILE… | take ID | tag ID TAG… | remove ID | lock]",
  summary: "an encrypted shelf of photos, documents and words, with a passphrase of its own",
  details: [
    "sotto vault list          what is in it; --tag TAG only those",
    "sotto vault move NUMBER…  what sotto exposure found: into the vault, and deleted on this device",
    "sotto vault add FILE…     a copy of files from the disk; --tag A,B gives them tags",
    "sotto vault take ID       shows words; writes a file to --to FILE, or here under its name",
    "sotto vault tag ID TAG…   these tags and no others",
    "sotto vault lock          another passphrase",
    "",
    "The passphrase is asked for, or SOTTO_VAULT_PASSPHRASE (a new one for lock: SOTTO_VAULT_NEW_PASSPHRASE). Without it nobody gets in, you neither.",
  ],
  options: { tag: { type: "string" }, to: { type: "string" } },
  run: (invocation) =>
    withProfile(
      invocation,
      (client) => {
        const [name = "list", ...args] = invocation.args;
        const action = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
        if (action === undefined) throw new UsageError(`It takes one of ${Object.keys(ACTIONS).join(", ")}.`);
        return action({ client, invocation, vault: client.vault(vaultFiles(invocation.options)) }, args);
      },
      invocation.args[0] === "add" ? {} : undefined,
    ),
};
