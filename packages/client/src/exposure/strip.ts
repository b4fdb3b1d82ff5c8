/** Taking the place out of a photo: the shelf gets the file without it, and every message that had the old one has the new one. */
import { type ArchiveMedia, bytesToBase64url } from "@sotto/protocol";
import type { MediaFiles } from "../archive/media-files.ts";
import { MediaShelf } from "../archive/media-shelf.ts";
import { fromStored } from "../archive/stored-record.ts";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { numberIn, sql, textIn } from "../store/statements.ts";
import { carryOut, exposedMessage, HOLDING } from "./removal.ts";

/** Undefined if it cannot. */
export type LocationStripper = (file: Uint8Array) => Uint8Array | undefined;

const FILE_BYTES_MAX = 64 * 1024 * 1024;

async function wholeFile(shelf: MediaShelf, hash: Uint8Array): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of shelf.open(hash)) {
    length += piece.length;
    if (length > FILE_BYTES_MAX) throw new ClientError("location_kept");
    pieces.push(piece.slice());
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Throws {@link ClientError}: `exposure_unknown`, `location_kept`, `blob_damaged`. */
export async function stripPlace(
  engine: Engine,
  id: number,
  { files, strip }: { readonly files: MediaFiles; readonly strip: LocationStripper },
): Promise<void> {
  const { store } = engine.ports;
  const { row, file } = await exposedMessage(store, id);
  if (file === undefined) throw new ClientError("location_kept");
  const shelf = new MediaShelf({ ...engine.ports, files });
  const stripped = strip(await wholeFile(shelf, file));
  if (stripped === undefined) throw new ClientError("location_kept");
  const kept = await shelf.keep({
    bytes: stripped.length,
    async *open() {
      yield await Promise.resolve(stripped);
    },
  });
  const [old, made] = [bytesToBase64url(file), bytesToBase64url(kept.sha256)];
  const changed = (one: ArchiveMedia): ArchiveMedia => (one.sha256 === old ? { ...one, sha256: made, bytes: stripped.length } : one);
  const holding = await store.all(`SELECT id, imported FROM messages WHERE ${HOLDING}`, [old]);
  const updates = holding.map((message): Statement => {
    const { media = [], ...rest } = fromStored(textIn(message, "imported"));
    const imported = JSON.stringify({ ...rest, media: media.map(changed) });
    return sql("UPDATE messages SET imported = ? WHERE id = ?", imported, numberIn(message, "id"));
  });
  const [shelved] = await store.all("SELECT name FROM archive_media WHERE hash = ?", [file]);
  const statements = [...shelf.takeRows(), ...updates, sql("DELETE FROM archive_media WHERE hash = ?", file)];
  const names = shelved === undefined ? [] : [textIn(shelved, "name")];
  await carryOut(engine, row, { statements, files: names, shelf: files });
}
