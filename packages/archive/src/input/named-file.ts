/** Finding the file that a record names: exports give paths relative to their root, to a folder inside, or a bare name. */
import type { ExportFile } from "./export-file.ts";
import type { FileTree } from "./file-tree.ts";
import { fileNameOf, folderOf, resolvePath } from "./safe-path.ts";

/** Looks at the root, then below each folder above `from`, then for a file of this name anywhere. */
export function findNamed(tree: FileTree, uri: string, from: ExportFile): ExportFile | undefined {
  for (let folder = ""; ;) {
    const path = resolvePath(folder, uri);
    const found = path === undefined ? undefined : tree.find(path, from);
    if (found !== undefined) return found;
    const rest = folderOf(from.path).slice(folder === "" ? 0 : folder.length + 1);
    if (rest === "") break;
    const next = rest.split("/")[0] ?? "";
    folder = folder === "" ? next : `${folder}/${next}`;
  }
  return tree.findByName(fileNameOf(uri));
}
