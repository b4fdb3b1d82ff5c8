/** One file of what was handed in, wherever it lies: in a folder, in a ZIP, in a ZIP in a ZIP. */
export type ExportFile = {
  /** Inside its container: what the exporting service called it. */
  readonly path: string;
  /** With the container in front, for reports: "export.zip/messages/inbox/…". */
  readonly place: string;
  readonly bytes: number;
  /** Files of one container share this number. */
  readonly container: number;
  /** Throws {@link FileDamage}. */
  open(): AsyncIterable<Uint8Array>;
};

export type FileDamageCode = "zip_damaged" | "zip_encrypted" | "zip_ratio" | "zip_size" | "file_too_large" | "input_unreadable";

/** The file cannot be read to its end. */
export class FileDamage extends Error {
  override readonly name = "FileDamage";
  readonly code: FileDamageCode;
  constructor(code: FileDamageCode, options?: { readonly cause?: unknown }) {
    super(code, options);
    this.code = code;
  }
}

/** The first bytes, at most `length`. Fewer, or none, if the file cannot be read. */
export async function headOf(file: ExportFile, length: number): Promise<Uint8Array> {
  const head = new Uint8Array(Math.min(length, file.bytes));
  let filled = 0;
  try {
    for await (const chunk of file.open()) {
      const part = chunk.subarray(0, head.length - filled);
      head.set(part, filled);
      filled += part.length;
      if (filled >= head.length) break;
    }
  } catch (error) {
    if (!(error instanceof FileDamage)) throw error;
  }
  return head.subarray(0, filled);
}

/** The whole file, or a {@link FileDamage} if it is longer than `max`. */
export async function wholeOf(file: ExportFile, max: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of file.open()) {
    length += chunk.length;
    if (length > max) throw new FileDamage("file_too_large");
    parts.push(chunk);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
