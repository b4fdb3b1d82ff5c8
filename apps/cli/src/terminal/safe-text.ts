/**
 * Makes text from other people safe to write on a terminal. A terminal obeys control characters and escape sequences, and shows what stands behind a
 * bidirectional override in another order; so neither may come through, nor heaps of marks that spill over other lines.
 *
 *   newline, tab            newline; two spaces
 *   other controls (Cc)     U+FFFD, so that one sees that something was there
 *   format characters (Cf)  gone, except the joiners that scripts and emoji need, and the tags of flags
 *   lone surrogates         U+FFFD
 *   combining marks         at most 8 on one character
 */
const LONE_SURROGATE = /\p{Cs}/gu;
const CONTROL = /\p{Cc}/gu;
const FORMAT = /\p{Cf}/gu;
const SEPARATOR = /[\p{Zl}\p{Zp}]/gu;
const HEAP = /(\p{M}{8})\p{M}+/gu;
const LINE_BREAKS = /\s*\n\s*/g;

const REPLACEMENT = "\ufffd";
const isJoiner = (code: number): boolean => code === 0x200c || code === 0x200d || (code >= 0xe0020 && code <= 0xe007f);

/** Of several lines. */
export function safeText(text: string): string {
  return text
    .replaceAll(LONE_SURROGATE, REPLACEMENT)
    .replaceAll("\r\n", "\n")
    .replaceAll("\t", "  ")
    .replaceAll(SEPARATOR, "\n")
    .replaceAll(CONTROL, (found) => (found === "\n" ? found : REPLACEMENT))
    .replaceAll(FORMAT, (found) => (isJoiner(found.codePointAt(0) ?? 0) ? found : ""))
    .replaceAll(HEAP, "$1");
}

/** On one line: names, titles, previews. */
export function safeLine(text: string): string {
  return safeText(text).replaceAll(LINE_BREAKS, " ").trim();
}

/** JSON that says the same with no character that a terminal obeys. */
export function safeJson(value: unknown): string {
  const escaped = (found: string): string =>
    Array.from({ length: found.length }, (_, i) => `\\u${found.charCodeAt(i).toString(16).padStart(4, "0")}`).join("");
  return JSON.stringify(value)
    .replaceAll(FORMAT, (found) => (isJoiner(found.codePointAt(0) ?? 0) ? found : escaped(found)))
    .replaceAll(CONTROL, escaped)
    .replaceAll(SEPARATOR, escaped);
}
