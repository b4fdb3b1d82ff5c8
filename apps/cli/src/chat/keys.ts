/**
 * What a terminal sends, as keys. The bytes of a terminal in raw mode:
 *
 *   printable text                       as it is, in UTF-8 that may be cut anywhere
 *   0x01 … 0x1a                          Ctrl-A … Ctrl-Z; 0x09 Tab, 0x0d Enter, 0x08 and 0x7f Backspace
 *   ESC x                                Alt-x
 *   ESC [ 1 ; m X, ESC [ n ; m ~, ESC O X   cursor and function keys; m - 1 is a set of bits: 1 Shift, 2 Alt, 4 Ctrl
 *   ESC [ 200 ~ … ESC [ 201 ~            pasted text, which is never taken for keys
 *   ESC ] … BEL, ESC ] … ESC \\          what the terminal answers when it is asked for its colours
 *   ESC alone                            Escape; told from the others by what follows at once
 */
export type Key =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "paste"; readonly text: string }
  | { readonly kind: "report"; readonly text: string }
  /** `name`: a word such as `enter` or `up`, or a letter, with `ctrl-`, `alt-`, `shift-` before it in this order. */
  | { readonly kind: "key"; readonly name: string };

const ESC = "\u001b";
const PASTE_START = `${ESC}[200~`;
const PASTE_END = `${ESC}[201~`;
/** More is cut: it could not be sent in one message. */
export const PASTE_CHARACTERS_MAX = 64 * 1024;
const SEQUENCE_CHARACTERS_MAX = 32;

const FINALS: Readonly<Record<string, string>> = {
  A: "up",
  B: "down",
  C: "right",
  D: "left",
  F: "end",
  H: "home",
  P: "f1",
  Q: "f2",
  R: "f3",
  S: "f4",
  Z: "shift-tab",
};
const NUMBERS: Readonly<Record<string, string>> = {
  "1": "home",
  "2": "insert",
  "3": "delete",
  "4": "end",
  "5": "pageup",
  "6": "pagedown",
  "7": "home",
  "8": "end",
  "11": "f1",
  "13": "enter",
  "27": "escape",
};
const CONTROLS: Readonly<Record<number, string>> = { 8: "backspace", 9: "tab", 10: "ctrl-j", 13: "enter", 27: "escape", 127: "backspace" };

function controlName(code: number): string | undefined {
  const known = CONTROLS[code];
  if (known !== undefined) return known;
  return code >= 1 && code <= 26 ? `ctrl-${String.fromCharCode(code + 96)}` : undefined;
}

function modified(name: string, modifier: string | undefined): string {
  const bits = Math.max(0, Number(modifier ?? "1") - 1);
  return `${(bits & 4) === 0 ? "" : "ctrl-"}${(bits & 2) === 0 ? "" : "alt-"}${(bits & 1) === 0 ? "" : "shift-"}${name}`;
}

type Sequence = { readonly length: number; readonly name: string | undefined; readonly report?: string } | "more";

const REPORT_CHARACTERS_MAX = 256;

/** What follows `ESC ]`. */
function report(rest: string): Sequence {
  // eslint-disable-next-line no-control-regex -- the ends that such an answer has
  const end = /\u0007|\u001b\\/.exec(rest);
  if (end === null) return rest.length < REPORT_CHARACTERS_MAX ? "more" : { length: rest.length, name: undefined };
  return { length: end.index + end[0].length, name: undefined, report: rest.slice(1, end.index) };
}

const BRACKET = /^\[([0-9;]*)([A-Za-z~])/;

/** What follows an ESC. */
function sequence(rest: string): Sequence {
  const [first] = rest;
  if (first === undefined) return "more";
  if (first === "[") {
    const [all = "", parameters = "", final = ""] = BRACKET.exec(rest) ?? [];
    if (all === "")
      return /^\[[0-9;<>?=]*$/.test(rest) && rest.length < SEQUENCE_CHARACTERS_MAX ? "more" : { length: rest.length, name: undefined };
    const [number = "", modifier] = parameters.split(";");
    const name = final === "~" ? NUMBERS[number] : final === "u" ? NUMBERS[number] : FINALS[final];
    return { length: all.length, name: name && modified(name, modifier) };
  }
  if (first === "]") return report(rest);
  if (first === "O") {
    const [, final] = rest;
    if (final === undefined) return "more";
    return { length: 2, name: FINALS[final] };
  }
  const code = rest.codePointAt(0) ?? 0;
  const character = String.fromCodePoint(code);
  const control = controlName(code);
  return { length: character.length, name: control === undefined ? `alt-${character}` : `alt-${control}` };
}

export class KeyReader {
  #waiting = "";
  #paste: string | undefined;

  /** An ESC, or the beginning of a sequence, is held back: {@link flush} it when nothing follows. */
  get isWaiting(): boolean {
    return this.#waiting !== "" && this.#paste === undefined;
  }

  read(text: string): Key[] {
    this.#waiting += text;
    return this.#keys(false);
  }

  /** Nothing followed for a moment: an ESC was the key. */
  flush(): Key[] {
    return this.#keys(true);
  }

  #keys(isFinal: boolean): Key[] {
    const keys: Key[] = [];
    while (this.#waiting !== "") {
      if (this.#paste !== undefined) {
        if (!this.#readPaste(keys)) break;
        continue;
      }
      if (this.#waiting.startsWith(PASTE_START)) {
        this.#paste = "";
        this.#waiting = this.#waiting.slice(PASTE_START.length);
        continue;
      }
      const taken = this.#one(keys, isFinal);
      if (taken === 0) break;
      this.#waiting = this.#waiting.slice(taken);
    }
    return keys;
  }

  /** Takes what is there of pasted text. Whether it came to its end. */
  #readPaste(keys: Key[]): boolean {
    const end = this.#waiting.indexOf(PASTE_END);
    // The end mark itself may be cut.
    const keep = end === -1 ? Math.max(0, this.#waiting.length - PASTE_END.length + 1) : end;
    const paste = `${this.#paste ?? ""}${this.#waiting.slice(0, keep)}`.slice(0, PASTE_CHARACTERS_MAX);
    this.#waiting = this.#waiting.slice(end === -1 ? keep : keep + PASTE_END.length);
    this.#paste = end === -1 ? paste : undefined;
    if (end !== -1) keys.push({ kind: "paste", text: paste.replaceAll(/\r\n?/g, "\n") });
    return end !== -1;
  }

  /** How many characters the next key took; 0 if more must come first. */
  #one(keys: Key[], isFinal: boolean): number {
    const code = this.#waiting.codePointAt(0) ?? 0;
    if (code === 27) return this.#escape(keys, isFinal);
    const name = controlName(code);
    if (name !== undefined || code === 0) {
      if (name !== undefined) keys.push({ kind: "key", name });
      return 1;
    }
    const [text = ""] = /^\P{Cc}+/u.exec(this.#waiting) ?? [];
    if (text === "") return 1;
    keys.push({ kind: "text", text });
    return text.length;
  }

  #escape(keys: Key[], isFinal: boolean): number {
    const found = sequence(this.#waiting.slice(1));
    if (found === "more" && !isFinal) return 0;
    if (found === "more") {
      if (this.#waiting.length === 1) keys.push({ kind: "key", name: "escape" });
      return this.#waiting.length;
    }
    // ESC ESC: the first one was the key.
    if (this.#waiting[1] === ESC) {
      keys.push({ kind: "key", name: "escape" });
      return 1;
    }
    if (found.report !== undefined) keys.push({ kind: "report", text: found.report });
    if (found.name !== undefined) keys.push({ kind: "key", name: found.name });
    return found.length + 1;
  }
}
