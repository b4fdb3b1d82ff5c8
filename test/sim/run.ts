/** One seed from its first event to the verdict. */
import { begin, happen } from "./actions.ts";
import { examine } from "./oracle/examine.ts";
import { examineRuin } from "./oracle/ruin.ts";
import { NOTHING_PLANTED, type Plant } from "./plants/plant.ts";
import { letTimersEnd } from "./aftermath.ts";
import { settle } from "./settle.ts";
import { type Asked, isRuin } from "./world/hardship.ts";
import { World } from "./world/world.ts";

export type Report = {
  readonly seed: number;
  /** The same for the same seed, whatever the machine. */
  readonly digest: string;
  readonly problems: readonly string[];
  readonly steps: number;
  readonly lines: number;
  readonly entries: number;
};

const SIGN_UP_WITHIN_MS = 2_000;
/** So often the first steps happen in a bad world too. */
const HARD_START_CHANCE = 0.2;

/** Everybody signs up, and mostly there is a group and a conversation of two before trouble begins. */
async function beginLives(world: World): Promise<void> {
  const { scheduler, dice } = world;
  if (dice.chance(HARD_START_CHANCE)) world.trouble();
  for (const device of world.devices) device.start(true);
  await scheduler.pass(0);
  for (const device of world.members) {
    scheduler.after(dice.below(SIGN_UP_WITHIN_MS), () => begin(world, device, "sign up"));
  }
  await scheduler.pass(2 * SIGN_UP_WITHIN_MS);
  for (const { devices } of world.people) {
    const [first, second] = devices;
    if (first !== undefined && second !== undefined) scheduler.after(0, () => begin(world, first, "link"));
  }
  for (const deed of ["create group", "write to"]) {
    const device = dice.pick(world.members);
    if (device !== undefined) scheduler.after(0, () => begin(world, device, deed));
  }
  await scheduler.pass(SIGN_UP_WITHIN_MS);
}

type RunOptions = { readonly plant?: Plant; readonly asked?: Asked; readonly print?: (line: string) => void };

export async function runSeed(seed: number, { plant = NOTHING_PLANTED, asked, print }: RunOptions = {}): Promise<Report> {
  const world = new World(seed, { plant, asked, print });
  const { scheduler, dice, profile, trace, server } = world;
  trace.note("world", `seed ${seed} ${JSON.stringify(profile)}`);
  await beginLives(world);
  world.trouble();
  for (let i = 0; i < profile.actions; i++) {
    await scheduler.pass(dice.below(profile.pauseMs));
    scheduler.after(0, () => void happen(world));
  }
  await scheduler.pass(dice.below(profile.pauseMs));
  world.heal();
  server.start();
  for (const device of world.devices) device.start(true);
  const isQuiet = (await settle(world)) && (!world.hardship.isHard || (await letTimersEnd(world)));
  const entries = isQuiet ? await (isRuin(world.hardship) ? examineRuin(world) : examine(world)) : 0;
  return { seed, digest: trace.digest(), problems: world.problems, steps: scheduler.steps, lines: trace.lines, entries };
}
