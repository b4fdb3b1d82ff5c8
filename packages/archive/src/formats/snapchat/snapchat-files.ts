/**
 * Files of `chat_media`: `2023-05-01_b~EiQSFW….mp4`, whose end is the id that the message names, or `2023-05-01_media~UUID.jpg`, which no message names. What was
 * drawn over a picture is a file of its own, with the same id: `….-overlay.png`, `2023-05-01_overlay~UUID.png`.
 */
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";
import { fileNameOf } from "../../input/safe-path.ts";

const DATED = /^(\d{4}-\d\d-\d\d)[_-](.+)$/;
const PART = /-(main|overlay)$/;
const BESIDE = /^(overlay|thumbnail)~/;

export class SnapchatFiles {
  readonly #byId = new Map<string, ExportFile[]>();
  readonly #byDay = new Map<string, ExportFile[]>();
  readonly #taken = new Set<ExportFile>();
  readonly #wanted = new Map<string, number>();

  constructor(tree: FileTree) {
    for (const file of tree.files) {
      const [, day, rest = ""] = DATED.exec(fileNameOf(file.path)) ?? [];
      if (day === undefined) continue;
      const id = rest.replace(/\.[^.]*$/, "").replace(PART, "");
      this.#add(this.#byId, id, file);
      if (!BESIDE.test(rest)) this.#add(this.#byDay, day, file);
    }
  }

  #add(map: Map<string, ExportFile[]>, key: string, file: ExportFile): void {
    const known = map.get(key);
    if (known === undefined) map.set(key, [file]);
    else known.push(file);
  }

  /** The picture first, then what was drawn over it. */
  byId(id: string): readonly ExportFile[] {
    const found = this.#byId.get(id) ?? [];
    return found.toSorted((a, b) => Number(/-overlay\./.test(a.path)) - Number(/-overlay\./.test(b.path)));
  }

  /** First look at every message: which files have an owner, and on which day one is wanted that no id leads to. */
  prepare(ids: readonly string[], day: string | undefined): void {
    let isFound = false;
    for (const file of ids.flatMap((id) => this.byId(id))) {
      this.#taken.add(file);
      isFound = true;
    }
    if (!isFound && day !== undefined) this.#wanted.set(day, (this.#wanted.get(day) ?? 0) + 1);
  }

  /** The file of a day on which one message wants a file and one file has no message. */
  ofDay(day: string): ExportFile | undefined {
    const free = (this.#byDay.get(day) ?? []).filter((file) => !this.#taken.has(file));
    return free.length === 1 && this.#wanted.get(day) === 1 ? free[0] : undefined;
  }
}
