/** Words for before and after noon, in every language that the platform knows, and some that only messengers write. */
const LANGUAGES =
  "af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fil fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky lo lt lv mk ml mn mr ms my nb ne nl pa pl ps pt ro ru sd si sk sl sq sr sv sw ta te th tr uk ur uz vi zh zu".split(
    " ",
  );
const MORE: readonly (readonly [string, Period])[] = [
  ["am", "am"],
  ["pm", "pm"],
  ["凌晨", "am"],
  ["早上", "am"],
  ["清晨", "am"],
  ["上午", "am"],
  ["中午", "noon"],
  ["下午", "pm"],
  ["傍晚", "pm"],
  ["晚上", "pm"],
  ["午前", "am"],
  ["午後", "pm"],
  ["ip", "pm"],
  ["ap", "am"],
];

export type Period = "am" | "pm" | "noon";

/** Without spaces and dots, in small letters. */
function periodKey(word: string): string {
  return word.replaceAll(/[\s.\u200E\u200F]/g, "").toLowerCase();
}

let known: Map<string, Period> | undefined;

/** Undefined for a word that says nothing of the time of day, such as "klo". */
export function periodOf(word: string): Period | undefined {
  known ??= collect();
  return known.get(periodKey(word));
}

function collect(): Map<string, Period> {
  const words = new Map<string, Period>();
  for (const language of LANGUAGES) {
    const format = new Intl.DateTimeFormat(language, { hour: "numeric", hour12: true, timeZone: "UTC" });
    for (const [hour, period] of [
      [9, "am"],
      [15, "pm"],
    ] as const) {
      const word = format.formatToParts(Date.UTC(2020, 0, 1, hour)).find(({ type }) => type === "dayPeriod")?.value;
      if (word !== undefined && !words.has(periodKey(word))) words.set(periodKey(word), period);
    }
  }
  for (const [word, period] of MORE) words.set(word, period);
  return words;
}
