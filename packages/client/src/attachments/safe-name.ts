/**
 * Names and media types of files, as somebody else wrote them. A name that is kept here is one path component, the same on every system, shows as
 * it is read, and starts no program's option:
 *
 *   - what stands before the last / or \ is dropped; Unicode in NFC
 *   - controls, invisible and direction-changing characters (Cc, Cf, Zl, Zp), private and surrogate ones are dropped
 *   - < > : " | ? * become _
 *   - dots and spaces at the start and the end are dropped, a - at the start becomes _
 *   - names that Windows keeps for devices, with or without extension, get a _ in front
 *   - at most 200 bytes of UTF-8, so that a file system has room for a suffix; the extension is kept if it is short
 *   - nothing left: "file"
 */
import { utf8Length } from "@sotto/protocol";

const NAME_BYTES_MAX = 200;
const EXTENSION_BYTES_MAX = 20;
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])( *\.|$)/i;
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}\/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}$/;

const UNKNOWN_MEDIA_TYPE = "application/octet-stream";

export function safeName(given: string): string {
  const last = given.split(/[/\\]/).at(-1) ?? "";
  const plain = last
    .normalize("NFC")
    .replaceAll(HIDDEN, "")
    .replaceAll(/[<>:"|?*]/g, "_");
  const shorter = shortened(trimmed(plain)).replace(/^-/, "_");
  const name = trimmed(shorter);
  if (name === "") return "file";
  return DEVICE.test(name) ? `_${name}` : name;
}

const trimmed = (name: string): string => name.replace(/^[\s.]+/u, "").replace(/[\s.]+$/u, "");

function shortened(name: string): string {
  if (utf8Length(name) <= NAME_BYTES_MAX) return name;
  const dot = name.lastIndexOf(".");
  const extension = dot > 0 && utf8Length(name.slice(dot)) <= EXTENSION_BYTES_MAX ? name.slice(dot) : "";
  let stem = "";
  for (const character of name.slice(0, name.length - extension.length)) {
    if (utf8Length(stem + character + extension) > NAME_BYTES_MAX) break;
    stem += character;
  }
  return stem + extension;
}

/** The type without parameters; what is none is of an unknown type. */
export function safeMediaType(given: string): string {
  const type = (given.split(";")[0] ?? "").trim().toLowerCase();
  return MEDIA_TYPE.test(type) ? type : UNKNOWN_MEDIA_TYPE;
}
