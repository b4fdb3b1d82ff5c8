import type { MediaFiles } from "../archive/media-files.ts";

/** `vault`: where its own files lie. `media`: those of imported history, for what is moved. */
export type VaultFiles = { readonly vault: MediaFiles; readonly media: MediaFiles };
