/** Every importer. A file goes to the first one that knows its form. */
import type { Importer } from "./format.ts";
import { metaImporter } from "./meta/meta-importer.ts";

export const IMPORTERS: readonly Importer[] = [metaImporter];
