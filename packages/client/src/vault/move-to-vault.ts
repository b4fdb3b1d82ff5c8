/**
 * Moving what the exposure report found into the vault: the words or the file are sealed there and deleted here in one transaction, so that at no
 * moment there is no copy.
 */
import { bytesToBase64url } from "@sotto/protocol";
import { MediaShelf } from "../archive/media-shelf.ts";
import { fromStored } from "../archive/stored-record.ts";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { partsOf } from "../exposure/message-parts.ts";
import { carryOut, exposedMessage, removalOf } from "../exposure/removal.ts";
import type { Row } from "../ports.ts";
import { bytesIn, numberIn, textIn } from "../store/statements.ts";
import type { OpenVault } from "./open-vault.ts";
import type { VaultFiles } from "./vault-files.ts";

export type Moving = {
  readonly finding: number;
  /** The title of the conversation, and tags. */
  readonly from: string;
  readonly tags: readonly string[];
};

type Where = { readonly engine: Engine; readonly files: VaultFiles; readonly vault: OpenVault };

function wordsOf(row: Row): string {
  const { texts, place } = partsOf(row);
  const words = [...new Set(texts.map(({ text }) => text).filter((text) => text !== ""))];
  return [...words, ...(place === undefined ? [] : [`${place.latitude}, ${place.longitude}`])].join("\n");
}

async function moveFile({ engine, files, vault }: Where, row: Row, [hash, moving]: readonly [Uint8Array, Moving]): Promise<Uint8Array> {
  const { store } = engine.ports;
  const id = bytesToBase64url(hash);
  const media = (fromStored(textIn(row, "imported")).media ?? []).find(({ sha256 }) => sha256 === id);
  const [kept] = await store.all("SELECT bytes FROM archive_media WHERE hash = ?", [hash]);
  if (media === undefined || kept === undefined) throw new ClientError("exposure_unknown");
  const shelf = new MediaShelf({ ...engine.ports, files: files.media });
  const removal = await removalOf(store, row, { file: id });
  const name = media.name.slice(media.name.lastIndexOf("/") + 1);
  const about = { name, type: media.type ?? "", tags: moving.tags, from: moving.from, at: numberIn(row, "at") };
  const file = { bytes: numberIn(kept, "bytes"), open: () => shelf.open(hash) };
  const item = await vault.putFile(file, about, removal.statements);
  await carryOut(engine, row, { statements: [], files: removal.files, shelf: files.media });
  return item;
}

/**
 * The id of the new item. A finding in words takes all words of its message along, and the message's files stay. Throws {@link ClientError}:
 * `exposure_unknown`, `message_on_its_way`, `vault_has_files` for a live message with files, `blob_damaged`.
 */
export async function moveToVault(where: Where, moving: Moving): Promise<Uint8Array> {
  const { engine, files, vault } = where;
  const { store } = engine.ports;
  const { row, file, name } = await exposedMessage(store, moving.finding);
  if (file !== undefined) return moveFile(where, row, [file, moving]);
  const [attached] = await store.all("SELECT 1 FROM attachments WHERE local_id = ? LIMIT 1", [bytesIn(row, "local_id")]);
  if (attached !== undefined) throw new ClientError("vault_has_files");
  const removal = await removalOf(store, row, "words");
  const about = { name, tags: moving.tags, from: moving.from, at: numberIn(row, "at") };
  const item = await vault.putText(wordsOf(row), about, removal.statements);
  await carryOut(engine, row, { statements: [], files: removal.files, shelf: files.media });
  return item;
}
