/** As much of a terminal as the chat uses: what is sent to it, as the text that stands on its rows. */
import stringWidth from "string-width";

const ESC = "\u001b";
// eslint-disable-next-line no-control-regex -- what it reads
const CONTROL = new RegExp(String.raw`${ESC}(?:\[([?0-9;]*)([A-Za-z])|\][^\u0007${ESC}]*(?:\u0007|${ESC}\\))|[\u0000-\u001f]`, "y");
const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });

export class FakeTerminal {
  readonly columns: number;
  readonly rows: number;
  #cells: string[][] = [];
  #row = 0;
  #column = 0;
  isAlternate = false;

  constructor(columns: number, rows: number) {
    this.columns = columns;
    this.rows = rows;
    this.#clear();
  }

  get text(): string {
    return this.#cells.map((cells) => cells.join("").trimEnd()).join("\n");
  }

  write(output: string): void {
    let at = 0;
    while (at < output.length) {
      CONTROL.lastIndex = at;
      const found = CONTROL.exec(output);
      if (found === null) {
        const end = this.#nextControl(output, at);
        for (const { segment } of segmenter.segment(output.slice(at, end))) this.#put(segment);
        at = end;
        continue;
      }
      at += found[0].length;
      this.#obey(found[1] ?? "", found[2] ?? found[0]);
    }
  }

  #nextControl(output: string, at: number): number {
    for (let end = at + 1; end < output.length; end++) if (output.charCodeAt(end) < 32) return end;
    return output.length;
  }

  #obey(parameters: string, final: string): void {
    const [first = 1, second = 1] = parameters.split(";").map((number) => Number(number) || 1);
    if (final === "H") [this.#row, this.#column] = [first - 1, second - 1];
    if (final === "J") this.#clear();
    if (parameters === "?1049") this.isAlternate = final === "h";
    if (final === "\r") this.#column = 0;
    if (final === "\n") this.#row = Math.min(this.rows - 1, this.#row + 1);
  }

  #put(segment: string): void {
    const cells = this.#cells[this.#row];
    if (cells === undefined || this.#column >= this.columns) return;
    const width = stringWidth(segment);
    cells[this.#column] = segment;
    for (let i = 1; i < width; i++) cells[this.#column + i] = "";
    this.#column += width;
  }

  #clear(): void {
    this.#cells = Array.from({ length: this.rows }, () => Array.from({ length: this.columns }, () => " "));
  }
}
