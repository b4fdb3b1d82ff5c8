/** Which of Meta's services an export is of: both write the same forms. */
import type { ArchiveService } from "@sotto/protocol";
import type { ExportFile } from "../../input/export-file.ts";
import type { FileTree } from "../../input/file-tree.ts";

const INSTAGRAM = /your_instagram_activity|instagram_profile_information|followers_and_following|instagram-/i;
const FACEBOOK =
  /your_facebook_activity|your_activity_across_facebook|friends_and_followers|messages\/stickers_used|facebook-|e2ee_cutover/i;

/** By the file's own path, then by its container, then by everything that was handed in. */
export function createServiceFinder(tree: FileTree): (file: ExportFile) => ArchiveService {
  const marks = new Map<number, ArchiveService>();
  const markOf = (text: string): ArchiveService | undefined =>
    INSTAGRAM.test(text) ? "instagram" : FACEBOOK.test(text) ? "messenger" : undefined;
  for (const { container, place } of tree.files) {
    if (marks.has(container)) continue;
    const mark = markOf(place);
    if (mark !== undefined) marks.set(container, mark);
  }
  const all = new Set(marks.values());
  const only = all.size === 1 ? [...all][0] : undefined;
  return (file) => markOf(file.place) ?? marks.get(file.container) ?? only ?? "messenger";
}
