/**
 * Passwords, by what stands before them: "password: …", "Passwort ist …", "PIN: 1234", secrets by name, and those in addresses. There is no check
 * digit, so none is confirmed: a value of several kinds of characters is likely, a plain word possible.
 */
import type { ExposureFinding, ExposureLevel } from "@sotto/protocol";
import { bitsPerCharacter } from "./entropy.ts";

const NAME =
  /(?<![\p{L}\d])(?:(pass ?word|pass ?code|pass ?phrase|pass(?:wd)?|pwd?|passwort|kennwort|wlan-?schlüssel|wifi key|mot de passe|mdp|contraseña|clave|senha|palavra-passe|wachtwoord|lösenord|adgangskode|hasło|heslo|jelszó|parola|şifre|пароль|密码|密碼|パスワード|비밀번호)|(pin(?:-?code)?)|((?:api|access|secret|private|client|auth)[ _-]?(?:key|secret|token)|secret|token|bearer))(?![\p{L}\d])/giu;
/** Quick to look for: without any of these there is no name. */
const HINT =
  /pass|pwd?|pin|key|secret|token|bearer|kennwort|wlan|mot de|mdp|contras|clave|senha|palavra|wachtw|lösen|adgang|hasło|heslo|jelsz|parola|ş?ifre|пароль|密|パス|비밀/;
/** What may stand between name and value. Without a sign between them, one of the words that say "is". */
const SIGN = /[ \t]{0,2}(?:\([^()\n]{0,30}\))?[ \t]{0,2}[:=：][ \t]{0,3}\n?[ \t]{0,3}/y;
const IS = /[ \t]{1,2}(?:is|was|ist|lautet|est|es|é|è|jest|är)(?:[ \t]?:)?[ \t]{1,3}/y;
const VALUE = /["'„“”«`]?([^\s"'„“”«»`]{4,128})/y;
const ADDRESS = /:\/\/[^\s/:@?#]{1,64}:([^\s/:@?#]{4,128})@/g;
const TRAILING = /[.,;:)\]}>]+$/;
/** Placeholders, masks, addresses, and names of program text such as `config.password` or `input(`. */
const NOT_A_VALUE =
  /^(?:[\p{L}_]{1,64}(?:\.[\p{L}_]{1,64}|[([<])|pass(?:w(?:or)?d)?$|pw$|password|passwort|secret$|changeme$|https?:|www\.|[*•.xX_-]+$|[<[{$%].*[>\]}%]?$|null$|undefined$|true$|false$|none$)/iu;
const SECRET_MIN = 16;
const SECRET_ENTROPY = 3;

const kindsOf = (value: string): number => [/\p{Ll}/u, /\p{Lu}/u, /\d/, /[^\p{L}\d]/u].filter((kind) => kind.test(value)).length;

function levelOfPassword(value: string, isSigned: boolean): ExposureLevel | undefined {
  const kinds = kindsOf(value);
  if (/^[\p{L}'’_-]+$/u.test(value)) return isSigned && (value.length >= 8 || kinds > 1) ? "possible" : undefined;
  if (/^\d+$/.test(value)) return value.length >= 6 ? "likely" : isSigned ? "possible" : undefined;
  return kinds >= 2 && value.length >= 6 ? "likely" : "possible";
}

function levelOf(groups: readonly (string | undefined)[], value: string, isSigned: boolean): ExposureLevel | undefined {
  if (NOT_A_VALUE.test(value)) return undefined;
  if (groups[1] !== undefined) return levelOfPassword(value, isSigned);
  if (groups[2] !== undefined) return /^\d{4,8}$/.test(value) ? "likely" : undefined;
  return isSigned && value.length >= SECRET_MIN && /\d/.test(value) && bitsPerCharacter(value) >= SECRET_ENTROPY ? "likely" : undefined;
}

const WHAT = ["", "password", "pin", "secret"] as const;

type Place = { readonly start: number; readonly isSigned: boolean };

/** Where the value begins that belongs to a name which ends here. */
function valueAfter(text: string, end: number): Place | undefined {
  for (const [pattern, isSigned] of [
    [SIGN, true],
    [IS, false],
  ] as const) {
    pattern.lastIndex = end;
    if (pattern.test(text)) return { start: pattern.lastIndex, isSigned };
  }
  return undefined;
}

function* passwordsInAddresses(text: string): Generator<ExposureFinding> {
  for (const { 0: found, 1: value = "", index } of text.matchAll(ADDRESS)) {
    if (NOT_A_VALUE.test(value)) continue;
    const start = index + found.length - 1 - value.length;
    yield {
      kind: "password",
      level: "likely",
      what: "password-in-address",
      masked: `${value.length} characters`,
      value,
      start,
      length: value.length,
    };
  }
}

export function* findPasswords(text: string): Generator<ExposureFinding> {
  if (text.includes("://")) yield* passwordsInAddresses(text);
  if (!HINT.test(text.toLowerCase())) return;
  for (const match of text.matchAll(NAME)) {
    const place = valueAfter(text, match.index + match[0].length);
    if (place === undefined) continue;
    VALUE.lastIndex = place.start;
    const found = VALUE.exec(text);
    const value = found?.[1]?.replace(TRAILING, "") ?? "";
    const level = found === null || value.length < 4 ? undefined : levelOf(match, value, place.isSigned);
    if (found === null || level === undefined) continue;
    const what = WHAT[[1, 2, 3].find((group) => match[group] !== undefined) ?? 1] ?? "password";
    const start = place.start + found[0].indexOf(value);
    yield { kind: "password", level, what, masked: `${value.length} characters`, value, start, length: value.length };
  }
}
