/**
 * Files that may be pictures of identity documents or cards, by their names and by what is said around them. Nothing looks into the picture, so no
 * finding is more than possible.
 */
import type { ExposureFinding } from "@sotto/protocol";

const NAME_MAX = 512;
/** Words for passports, identity cards, licences, residence permits, health and bank cards, in the languages of the exports. */
const DOCUMENT =
  /(?<!\p{L})(?:(?:my|the|your|scan(?:ned)?|copy|photo|kopie|foto)?[ _.-]?(?:passports?|reisepass|personalausweis|ausweis(?:kopie)?|perso|id[ _.-]?cards?|identity[ _.-]?cards?|driv(?:er'?s?|ing)[ _.-]?licen[cs]e|führerschein|fuehrerschein|aufenthaltstitel|residence[ _.-]?permit|visa[ _.-]?(?:scan|page|sticker)|passeport|carte[ _.-]?d['’_]?identit[ée]|permis[ _.-]?de[ _.-]?conduire|pasaporte|carn[eé]t?[ _.-]?de[ _.-]?conducir|documento[ _.-]?de[ _.-]?identidad|\bdni\b|passaporto|carta[ _.-]?d['’_]?identit[àa]|patente[ _.-]?di[ _.-]?guida|passaporte|cart[ãa]o[ _.-]?de[ _.-]?cidad[ãa]o|paspoort|rijbewijs|identiteitskaart|paszport|dow[óo]d[ _.-]?osobisty|prawo[ _.-]?jazdy|pasaport|ehliyet|kimlik[ _.-]?kart[ıi]|паспорт|водительск\p{L}*|护照|護照|身份证|パスポート|運転免許証?|여권|운전면허증?|credit[ _.-]?card|kreditkarte|bank[ _.-]?card|debit[ _.-]?card|social[ _.-]?security[ _.-]?card|birth[ _.-]?certificate|geburtsurkunde))(?!\p{Ll})/iu;

const finding = (what: string, value: string): ExposureFinding => ({
  kind: "document",
  level: "possible",
  what,
  masked: "by its name",
  value,
  start: 0,
  length: 0,
});

/** `around`: the words of the same message and of those next to it. */
export function findInFileName(name: string, around: string): ExposureFinding[] {
  const base = name.slice(-NAME_MAX).replace(/^.*[/\\]/, "");
  if (DOCUMENT.test(base)) return [finding("document-file", base)];
  return DOCUMENT.test(around) ? [{ ...finding("document-mentioned", base), masked: "by what is said of it" }] : [];
}
