/**
 * Deleting here: the words and files of a message go from this device. The row stays, as that of a message that was taken back does, so that the
 * timeline has no hole and an import of the same export does not bring it back (`removed` files are not read again).
 */
import { type ArchiveMedia, base64urlToBytes, logId, toId } from "@sotto/protocol";
import { fromStored } from "../archive/stored-record.ts";
import type { MediaFiles } from "../archive/media-files.ts";
import { ClientError } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Row, Statement, Store } from "../ports.ts";
import { forgetMessage } from "../send/sent.ts";
import { bytesIn, numberIn, optionalBytes, sql, textIn } from "../store/statements.ts";

/** What a finding is about. Throws {@link ClientError} `exposure_unknown`. */
export async function exposedMessage(store: Store, id: number): Promise<{ readonly row: Row; readonly file: Uint8Array | undefined }> {
  const select = "SELECT m.*, f.file AS exposed_file FROM exposure_findings f JOIN messages m ON m.id = f.message WHERE f.id = ?";
  const [row] = await store.all(select, [id]);
  if (row === undefined) throw new ClientError("exposure_unknown");
  return { row, file: optionalBytes(row, "exposed_file") };
}

/** Statements for one transaction; after it, the files of these names are nobody's any more. */
export type Removal = { readonly statements: readonly Statement[]; readonly files: readonly string[] };

/** Rows that hold a file with this hash, in base64url. */
export const HOLDING = `state = 'imported' AND instr(imported, '"sha256":"' || ? || '"') > 0`;

async function unshelved(store: Store, hash: string, message: number): Promise<Removal> {
  const [other] = await store.all(`SELECT 1 FROM messages WHERE ${HOLDING} AND id <> ? LIMIT 1`, [hash, message]);
  const bytes = base64urlToBytes(hash) ?? new Uint8Array();
  const [row] = other === undefined ? await store.all("SELECT name FROM archive_media WHERE hash = ?", [bytes]) : [];
  if (row === undefined) return { statements: [], files: [] };
  return { statements: [sql("DELETE FROM archive_media WHERE hash = ?", bytes)], files: [textIn(row, "name")] };
}

const withoutFile = ({ kind }: ArchiveMedia): ArchiveMedia => ({ kind, state: "removed", name: "" });

async function removeImported(store: Store, row: Row, only: string | undefined): Promise<Removal> {
  const { media = [], ...rest } = fromStored(textIn(row, "imported"));
  const id = numberIn(row, "id");
  const gone = media.filter(({ state, sha256 }) => state === "stored" && (only === undefined || sha256 === only));
  const left = media.map((one) => (only === undefined || one.sha256 === only ? withoutFile(one) : one));
  const files = left.length === 0 ? {} : { media: left };
  const { s, t, nativeId } = rest;
  const bare = { ...(nativeId === undefined ? {} : { nativeId }), ...(t === undefined ? {} : { t }), s };
  const change =
    only === undefined
      ? sql("UPDATE messages SET kind = 'deleted', text = '', imported = ? WHERE id = ?", JSON.stringify({ ...bare, ...files }), id)
      : sql("UPDATE messages SET imported = ? WHERE id = ?", JSON.stringify({ ...rest, ...files }), id);
  const shelved = await Promise.all(gone.map(({ sha256 = "" }) => unshelved(store, sha256, id)));
  return { statements: [change, ...shelved.flatMap(({ statements }) => statements)], files: shelved.flatMap((one) => one.files) };
}

function removeLive(row: Row): Removal {
  if (row["state"] === "sending") throw new ClientError("message_on_its_way");
  const empty =
    "UPDATE messages SET kind = 'deleted', text = '', content = NULL, evidence = NULL, receipt_due = NULL, edited_at = NULL WHERE id = ?";
  const message = optionalBytes(row, "message_id");
  const kept = message === undefined ? [] : forgetMessage(bytesIn(row, "log"), message);
  return { statements: [sql(empty, numberIn(row, "id")), ...kept], files: [] };
}

/** `only`: this file of the message, and else all of it. */
export function removalOf(store: Store, row: Row, only?: string): Promise<Removal> {
  return row["state"] === "imported" ? removeImported(store, row, only) : Promise.resolve(removeLive(row));
}

export async function carryOut(
  engine: Engine,
  row: Row,
  { statements, files, shelf }: Removal & { readonly shelf: MediaFiles },
): Promise<void> {
  await engine.ports.store.write(statements);
  // A file that is left over by a crash here is removed when the next import begins.
  for (const name of files) await shelf.remove(name);
  engine.emit({ kind: "conversation", log: toId(logId, bytesIn(row, "log")) });
}
