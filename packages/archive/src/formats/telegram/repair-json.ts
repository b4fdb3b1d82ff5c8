/**
 * Telegram Desktop writes JSON that is none: control characters as \xNN (still), and in 4.1.1 the name of a file without quotes where an id belongs
 * ("document_id": video_files/sticker (2).webm). Only records that do not parse are repaired.
 */
const ESCAPE = /\\(?:x([0-9A-Fa-f]{2})|(.))/gs;
const UNQUOTED = /("document_id":\s*)(?!["\d[{]|true\b|false\b|null\b)([^"\n]*?)(,?\s*(?:\n|$))/g;
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const CONTROL = /[\u0000-\u0008\u000B\u000C\u000E-\u001F]/g;

const unicode = (code: number): string => `\\u${code.toString(16).padStart(4, "0")}`;

export function repairTelegramJson(text: string): string {
  return text
    .replaceAll(ESCAPE, (whole, hex: string | undefined) => (hex === undefined ? whole : unicode(Number.parseInt(hex, 16))))
    .replaceAll(UNQUOTED, (...[, name, value, end]: readonly string[]) => `${name}${JSON.stringify(value)}${end}`)
    .replaceAll(CONTROL, (character) => unicode(character.charCodeAt(0)));
}
