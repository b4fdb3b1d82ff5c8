/** After a hard life: everybody looks at everything, and the time of all that disappears runs out. */
import { type LogId, logId, toId } from "@sotto/protocol";
import { isActive, secretWord } from "./deeds/deed.ts";
import { LONGEST_TIMER_MS } from "./deeds/settings.ts";
import { settle } from "./settle.ts";
import type { World } from "./world/world.ts";

/** A clock that was set back is seen by the next sweep, some minutes later; from then on a message has its time once more. */
const SWEEP_MS = 10 * 60_000;
const SLACK_MS = 60_000;

function logsOf(device: World["devices"][number]): LogId[] {
  const rows = device.disk.rows("SELECT log FROM conversations WHERE kind <> 'self' ORDER BY log");
  return rows.flatMap(({ log }) => (log instanceof Uint8Array ? [toId(logId, log)] : []));
}

async function readAll(world: World): Promise<void> {
  for (const device of world.members) {
    for (const log of logsOf(device)) {
      world.scheduler.after(0, () => {
        device.client?.markRead(log).catch((error: unknown) => world.problem(`${device.name} cannot read: ${String(error)}`));
      });
    }
  }
  await world.scheduler.pass(1_000);
}

/** Everybody says something everywhere, and writes a draft, once all who are to be out are. */
async function sayLastWords(world: World): Promise<void> {
  for (const device of world.members) {
    for (const { log } of ((await device.client?.conversations()) ?? []).filter(isActive)) {
      const word = secretWord(world, "last");
      world.ledger.lastWords.push(word);
      const isDraft = world.dice.chance(0.3);
      const said = isDraft
        ? device.client?.preferences.setDraft(log, { text: word, replyTo: undefined })
        : device.client?.sendText(log, word);
      // Whoever may not post does not.
      said?.catch((error: unknown) => world.trace.note(device.name, `does not say ${word}: ${String(error)}`));
    }
  }
}

/** Whether everything is quiet once more. */
export async function letTimersEnd(world: World): Promise<boolean> {
  await readAll(world);
  if (!(await settle(world))) return false;
  if (world.ledger.revocations.size > 0) {
    await sayLastWords(world);
    if (!(await settle(world))) return false;
  }
  // What came last may have come after the first look.
  await readAll(world);
  await world.scheduler.pass(LONGEST_TIMER_MS + SWEEP_MS + SLACK_MS);
  return settle(world);
}
