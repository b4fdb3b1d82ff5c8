/** The quiet phase: everybody is connected, nothing goes wrong, and what is on its way arrives. It ends, or the run fails. */
import { bytesToHex } from "@sotto/protocol";
import { begin } from "./actions.ts";
import type { Device } from "./world/device.ts";
import { LONGEST_DELAY_MS } from "./world/profile.ts";
import type { World } from "./world/world.ts";

const ROUNDS_MAX = 12;
const ROUND_MS = 60_000;
const STEPS_MAX = 40_000;

/** What would change if anything still happened. */
function stateOf(world: World): string {
  const cursors = world.devices.map(({ disk }) => disk.rows("SELECT hex(log) AS log, cursor, status FROM conversations ORDER BY log"));
  return JSON.stringify(cursors);
}

async function settleOnce(world: World): Promise<boolean> {
  const revocations = [...world.ledger.revocations.values()];
  for (const { by, isDone } of revocations) if (!isDone) begin(world, by, "revoke");
  const waiting = new Set<Device>(world.members);
  let isAllSettled = true;
  for (const device of waiting) {
    const { client } = device;
    if (client === undefined) return false;
    if (client.whoAmI()?.isRegistered !== true) begin(world, device, "sign up");
    else client.connect();
    const finished = (isSettled: boolean): void => {
      waiting.delete(device);
      isAllSettled &&= isSettled;
      if (!isSettled) world.trace.note(device.name, "has not settled");
    };
    void client.settled(ROUND_MS).then(finished);
  }
  const endsAt = world.scheduler.now + 2 * ROUND_MS;
  while (waiting.size > 0 && world.scheduler.now < endsAt && world.scheduler.steps < STEPS_MAX) await world.scheduler.step();
  return waiting.size === 0 && isAllSettled;
}

export async function settle(world: World): Promise<boolean> {
  let before = "";
  // Until then somebody may not know that their connection is gone.
  await world.scheduler.pass(LONGEST_DELAY_MS);
  for (let round = 0; round < ROUNDS_MAX && world.scheduler.steps < STEPS_MAX; round++) {
    const isSettled = await settleOnce(world);
    const state = stateOf(world);
    world.trace.note("world", isSettled ? "has settled" : "has not settled");
    if (isSettled && state === before && world.members.every(isSignedUp) && isAllDone(world)) return true;
    before = state;
    await world.scheduler.pass(1_000);
  }
  const outboxes = world.devices.map(({ name, disk }) => {
    const rows = disk.rows("SELECT kind, log, is_accepted, request IS NULL AS is_unmade FROM outbox");
    return `${name}: ${rows.map(({ kind, log, is_accepted: is, is_unmade: un }) => `${String(kind)} ${log instanceof Uint8Array ? bytesToHex(log).slice(0, 6) : ""} ${String(is)}${String(un)}`).join(", ")}`;
  });
  world.problem(`does not settle: ${outboxes.join("; ")} after ${world.scheduler.steps} steps`);
  return false;
}

function isAllDone({ ledger }: World): boolean {
  return [...ledger.revocations.values()].every(({ isDone }) => isDone);
}

function isSignedUp({ client }: Device): boolean {
  return client?.whoAmI()?.isRegistered === true;
}
