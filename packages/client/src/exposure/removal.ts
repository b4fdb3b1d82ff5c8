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

/** All of a message; its words, so that its files stay; or one file, by its hash in base64url. */
export type Extent = "all" | "words" | { readonly file: string };

export type Exposed = { readonly row: Row; readonly file: Uint8Array | undefined; readonly name: string };

/** What a finding is about, and what it may be called. Throws {@link ClientError} `exposure_unknown`. */
export async function exposedMessage(store: Store, id: number): Promise<Exposed> {
  const select =
    "SELECT m.*, f.file AS exposed_file, f.what, f.masked FROM exposure_findings f JOIN messages m ON m.id = f.message WHERE f.id = ?";
  const [row] = await store.all(select, [id]);
  if (row === undefined) throw new ClientError("exposure_unknown");
  const name = `${textIn(row, "what").replaceAll("-", " ")} ${textIn(row, "masked")}`;
  return { row, name, file: optionalBytes(row, "exposed_file") };
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

async function shelvedOf(store: Store, row: Row, media: readonly ArchiveMedia[]): Promise<Removal> {
  const hashes = media.flatMap(({ state, sha256 }) => (state === "stored" && sha256 !== undefined ? [sha256] : []));
  const all = await Promise.all(hashes.map((hash) => unshelved(store, hash, numberIn(row, "id"))));
  return { statements: all.flatMap(({ statements }) => statements), files: all.flatMap(({ files }) => files) };
}

async function removeFile(store: Store, row: Row, file: string): Promise<Removal> {
  const { media = [], ...rest } = fromStored(textIn(row, "imported"));
  const left = media.map((one) => (one.sha256 === file ? withoutFile(one) : one));
  const change = sql("UPDATE messages SET imported = ? WHERE id = ?", JSON.stringify({ ...rest, media: left }), numberIn(row, "id"));
  const { statements, files } = await shelvedOf(
    store,
    row,
    media.filter(({ sha256 }) => sha256 === file),
  );
  return { statements: [change, ...statements], files };
}

async function removeWords(store: Store, row: Row, hasFilesToo: boolean): Promise<Removal> {
  const { media = [], s, t, nativeId } = fromStored(textIn(row, "imported"));
  const left = media.map(({ caption: _caption, ...one }) => (hasFilesToo ? withoutFile(one) : one));
  const files = left.length === 0 ? {} : { media: left };
  const bare = { ...(nativeId === undefined ? {} : { nativeId }), ...(t === undefined ? {} : { t }), s, ...files };
  const kind = hasFilesToo || left.length === 0 ? "deleted" : textIn(row, "kind");
  const change = sql("UPDATE messages SET kind = ?, text = '', imported = ? WHERE id = ?", kind, JSON.stringify(bare), numberIn(row, "id"));
  const shelved = hasFilesToo ? await shelvedOf(store, row, media) : { statements: [], files: [] };
  return { statements: [change, ...shelved.statements], files: shelved.files };
}

function removeLive(row: Row): Removal {
  if (row["state"] === "sending") throw new ClientError("message_on_its_way");
  const empty =
    "UPDATE messages SET kind = 'deleted', text = '', content = NULL, evidence = NULL, receipt_due = NULL, edited_at = NULL WHERE id = ?";
  const message = optionalBytes(row, "message_id");
  const kept = message === undefined ? [] : forgetMessage(bytesIn(row, "log"), message);
  return { statements: [sql(empty, numberIn(row, "id")), ...kept], files: [] };
}

/** A live message has no files here, and goes whole. */
export function removalOf(store: Store, row: Row, extent: Extent): Promise<Removal> {
  if (row["state"] !== "imported") return Promise.resolve(removeLive(row));
  return typeof extent === "string" ? removeWords(store, row, extent === "all") : removeFile(store, row, extent.file);
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
