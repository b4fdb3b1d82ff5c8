/**
 * A screen as what a terminal is sent: only the rows that differ from what it shows. Styles are SGR attributes; colours are left out with NO_COLOR, and
 * chosen by whether the terminal is light or dark, or from its own sixteen where that is not known.
 */
import type { Screen } from "./view/screen.ts";
import type { Line, Style } from "./view/spans.ts";

export type Theme = "light" | "dark" | "plain" | "none";

const NAMES: Readonly<Record<Exclude<Theme, "none">, readonly string[]>> = {
  dark: ["38;5;114", "38;5;180", "38;5;111", "38;5;176", "38;5;80", "38;5;215"],
  light: ["38;5;22", "38;5;94", "38;5;25", "38;5;90", "38;5;30", "38;5;130"],
  plain: ["32", "35", "36", "32", "35", "36"],
};
const COLOURS: Readonly<
  Record<Exclude<Theme, "none">, { readonly dim: string; readonly rule: string; readonly accent: string; readonly error: string }>
> = {
  dark: { dim: "38;5;245", rule: "38;5;238", accent: "38;5;222", error: "38;5;210" },
  light: { dim: "38;5;242", rule: "38;5;250", accent: "38;5;130", error: "38;5;124" },
  plain: { dim: "2", rule: "2", accent: "1", error: "31" },
};

function attributes(style: Style, theme: Theme): string {
  switch (style) {
    case "plain":
      return "";
    case "bold":
      return "1";
    case "reverse":
      return "7";
    case "dim":
    case "rule":
      return theme === "none" ? "2" : COLOURS[theme][style];
    case "accent":
    case "error":
      return theme === "none" ? "1" : COLOURS[theme][style];
    case "name0":
    case "name1":
    case "name2":
    case "name3":
    case "name4":
    case "name5":
      return theme === "none" ? "1" : (NAMES[theme][Number(style.slice(4))] ?? "");
  }
}

function paintLine(line: Line, theme: Theme): string {
  return line
    .map(({ text, style }) => {
      const look = attributes(style, theme);
      return look === "" ? text : `\u001b[${look}m${text}\u001b[0m`;
    })
    .join("");
}

export type Painted = { readonly rows: readonly string[]; readonly output: string };

/** `shown`: what {@link Painted.rows} were before; empty to draw everything. */
export function paint(screen: Screen, shown: readonly string[], theme: Theme): Painted {
  const rows = screen.lines.map((line) => paintLine(line, theme));
  const changed = rows.flatMap((row, index) => (row === shown[index] ? [] : [`\u001b[${index + 1};1H${row}`]));
  const { cursor } = screen;
  const place = cursor === undefined ? "" : `\u001b[${cursor.row + 1};${cursor.column + 1}H\u001b[?25h`;
  return { rows, output: `\u001b[?25l${changed.join("")}${place}` };
}

/** Whether a terminal is dark, from its answer to `OSC 11`: `11;rgb:1e1e/1e1e/1e1e`. */
export function themeOf(report: string): Theme | undefined {
  const [, ...colours] = /^11;rgba?:([0-9a-f]{1,4})\/([0-9a-f]{1,4})\/([0-9a-f]{1,4})/i.exec(report) ?? [];
  if (colours.length !== 3) return undefined;
  const [red = 0, green = 0, blue = 0] = colours.map((hex) => Number.parseInt(hex, 16) / (16 ** hex.length - 1));
  return 0.299 * red + 0.587 * green + 0.114 * blue < 0.5 ? "dark" : "light";
}
