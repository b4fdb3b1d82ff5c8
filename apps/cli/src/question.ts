/** Questions on the terminal; for scripts, a line of the standard input is the answer. */
import { createInterface } from "node:readline";

/** Undefined for an empty answer and at the end of the input: the person gives up. */
export async function askLine(question: string): Promise<string | undefined> {
  const { stdin, stderr } = process;
  if (stdin.isTTY) stderr.write(question);
  const lines = createInterface({ input: stdin, terminal: false });
  try {
    const line = await new Promise<string>((resolve) => {
      lines.once("line", resolve);
      lines.once("close", () => resolve(""));
    });
    return line.trim() === "" ? undefined : line.trim();
  } finally {
    lines.close();
  }
}
