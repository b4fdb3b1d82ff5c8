/**
 * The terminal itself: raw mode, the alternate screen, pasted text in brackets; and giving it back as it was, at the end, after a crash, and while one is
 * in the shell.
 */
import { type Key, KeyReader } from "./keys.ts";
import { paint, type Theme } from "./paint.ts";
import type { Screen } from "./view/screen.ts";

const ENTER = "\u001b[?1049h\u001b[?2004h\u001b[2J";
const LEAVE = "\u001b[?2004l\u001b[?1049l\u001b[?25h\u001b[0m";
const ASK_BACKGROUND = "\u001b]11;?\u001b\\";
/** An ESC that nothing follows within this time is the key. */
const ESCAPE_MS = 40;
/** Counts only while the process runs. */
const SUSPENDED_MS = 100;

export type TerminalEvents = {
  readonly onKey: (key: Key) => void;
  readonly onResize: (size: { readonly columns: number; readonly rows: number }) => void;
};

export class Terminal {
  readonly #input = process.stdin;
  readonly #output = process.stdout;
  readonly #events: TerminalEvents;
  readonly #keys = new KeyReader();
  #shown: readonly string[] = [];
  #escape: NodeJS.Timeout | undefined;
  #isOpen = false;
  theme: Theme;

  constructor(events: TerminalEvents, theme: Theme) {
    this.#events = events;
    this.theme = theme;
  }

  get size(): { readonly columns: number; readonly rows: number } {
    return { columns: this.#output.columns || 80, rows: this.#output.rows || 24 };
  }

  open(): void {
    this.#enter();
    this.#input.setEncoding("utf8");
    this.#input.on("data", this.#read);
    this.#output.on("resize", this.#resized);
    this.#output.on("error", this.#gone);
    process.on("SIGCONT", this.#continued);
    process.on("exit", this.#leave);
    process.on("uncaughtExceptionMonitor", this.#leave);
    if (this.theme === "plain") this.#output.write(ASK_BACKGROUND);
  }

  close(): void {
    this.#leave();
    clearTimeout(this.#escape);
    this.#input.off("data", this.#read);
    this.#output.off("resize", this.#resized);
    process.off("SIGCONT", this.#continued);
    process.off("exit", this.#leave);
    process.off("uncaughtExceptionMonitor", this.#leave);
    this.#input.pause();
  }

  draw(screen: Screen): void {
    if (!this.#isOpen) return;
    const { rows, output } = paint(screen, this.#shown, this.theme);
    this.#shown = rows;
    this.#output.write(output);
  }

  /** The next drawing starts from nothing. */
  forget(): void {
    this.#shown = [];
    if (this.#isOpen) this.#output.write("\u001b[2J");
  }

  /** To the shell, with all processes of the command, until it says to go on. Without a shell that could, nothing happens. */
  suspend(): void {
    this.#leave();
    try {
      process.kill(0, "SIGTSTP");
    } catch {
      // There is no such signal on this system.
    }
    setTimeout(this.#continued, SUSPENDED_MS);
  }

  bell(): void {
    if (this.#isOpen) this.#output.write("\u0007");
  }

  #enter(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#shown = [];
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(ENTER);
  }

  readonly #leave = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write(LEAVE);
    this.#input.setRawMode(false);
  };

  /** The terminal went away: SIGHUP comes too, and ends the chat. */
  readonly #gone = (): void => {
    this.#isOpen = false;
  };

  readonly #continued = (): void => {
    this.#enter();
    this.#resized();
  };

  readonly #resized = (): void => {
    this.forget();
    this.#events.onResize(this.size);
  };

  readonly #read = (text: string): void => {
    clearTimeout(this.#escape);
    for (const key of this.#keys.read(text)) this.#events.onKey(key);
    if (!this.#keys.isWaiting) return;
    this.#escape = setTimeout(() => {
      for (const key of this.#keys.flush()) this.#events.onKey(key);
    }, ESCAPE_MS);
  };
}
