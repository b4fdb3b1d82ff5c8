/** Names of files inside an export, as one form: NFC, forward slashes, no empty or "." part. */
import { ARCHIVE_LIMITS } from "../limits.ts";

/** Undefined for names that point outside (`..`, absolute, a drive), that are too long or that hold control characters. */
export function safePath(name: string): string | undefined {
  if (name.length > ARCHIVE_LIMITS.pathCharactersMax) return undefined;
  const path = name.replaceAll("\\", "/").normalize("NFC");
  if (path.startsWith("/") || /^[A-Za-z]:/.test(path)) return undefined;
  // oxlint-disable-next-line no-control-regex -- a NUL cuts names short elsewhere, and a line break forges lines of a report
  if (/[\u0000-\u001f\u007f]/.test(path)) return undefined;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return parts.length === 0 || parts.includes("..") ? undefined : parts.join("/");
}

export function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}

export function fileNameOf(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** `path` against `folder`; undefined if it leads outside. Percent-encoding and a leading "./" are taken off. */
export function resolvePath(folder: string, path: string): string | undefined {
  const out = folder === "" ? [] : folder.split("/");
  for (const part of path.replaceAll("\\", "/").split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") out.push(part);
    else if (out.pop() === undefined) return undefined;
  }
  return safePath(out.join("/"));
}
