/** What Meta tells a conversation apart by. */
import { fileNameOf } from "../../input/safe-path.ts";

/** The number at the end of a folder's name stays when people rename themselves. */
export function threadKey(folder: string): string {
  const name = fileNameOf(folder);
  return /_(\d{5,})$/.exec(name)?.[1] ?? name;
}
