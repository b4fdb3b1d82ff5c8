/** What is due from time to time, in small steps: retention of entries, expiry of blobs, old delivery ids (spec/server.md §Retention). */
import type { InboxStore } from "./accounts/inbox-store.ts";
import type { BlobStore } from "./blobs/blob-store.ts";
import type { LogStore } from "./log/log-store.ts";
import type { Settings } from "./options.ts";

const DAY_MS = 86_400_000;
const ROUND_MS = 10 * 60_000;
const STEP_MS = 50;

export type Janitor = { stop(): void };

export type Kept = { readonly store: LogStore; readonly blobs: BlobStore; readonly inboxes: InboxStore };

/** One step of each; whether there is more to do. */
export async function tidyUp({ store, blobs, inboxes }: Kept, settings: Settings): Promise<boolean> {
  const now = settings.now();
  const moreEntries = await store.trim(now - settings.entryDaysKept * DAY_MS);
  const moreBlobs = await blobs.expire(now);
  await inboxes.forgetIds(Math.floor(now / DAY_MS) - settings.entryDaysKept);
  return moreEntries || moreBlobs;
}

export function startJanitor(kept: Kept, settings: Settings, onFailure: (error: unknown) => void): Janitor {
  let isStopped = false;
  let cancel: () => void;
  const round = async (): Promise<void> => {
    let more = false;
    try {
      more = await tidyUp(kept, settings);
    } catch (error) {
      onFailure(error);
    }
    if (!isStopped) cancel = settings.timers.after(more ? STEP_MS : ROUND_MS, () => void round());
  };
  cancel = settings.timers.after(ROUND_MS / 10, () => void round());
  return {
    stop: () => {
      isStopped = true;
      cancel();
    },
  };
}
