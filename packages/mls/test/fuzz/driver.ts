/** A whole group's life from one number. */
import { type CryptoProvider, SUITE } from "../../src/index.ts";
import { commitOnce, growQuietly, race, vacateLeft } from "./commits.ts";
import { Dice } from "./dice.ts";
import { checkEpoch, checkKeepsakes, keep } from "./invariants.ts";
import { externalCommit } from "./outside.ts";
import { branch, reinitialise } from "./resume.ts";
import { refuse } from "./refusals.ts";
import { catchUp, chat, everybodyTalks } from "./talk.ts";
import { type Engine, World } from "./world.ts";

export type Life = {
  readonly crypto: CryptoProvider;
  /** Members get these in turn. Default in the tests: one, as it is. */
  readonly engines: readonly Engine[];
};

type Profile = { readonly suiteId: number; readonly sizeMax: number; readonly steps: number };

const SUITES = [
  [86, SUITE.x25519Aes128],
  [3, SUITE.p256Aes128],
  [8, SUITE.x25519ChaCha20],
  [1.5, SUITE.mlkem768X25519Aes128],
  [1.5, SUITE.xwingAes256Sha512],
] as const;

function profileOf(seed: number): Profile {
  const dice = new Dice(`profile of ${seed}`);
  const suiteId = dice.weighted(SUITES);
  const [least, most, steps] = dice.weighted([
    [84, [2, 7, 12]],
    [14, [8, 16, 11]],
    [2, [24, 40, 9]],
  ] as const);
  return { suiteId, sizeMax: dice.between(least, most), steps: dice.between(steps - 3, steps + 3) };
}

const STEPS: readonly (readonly [number, (world: World) => void])[] = [
  [36, commitOnce],
  [12, chat],
  [10, (world) => catchUp(world, world.group.seats)],
  [9, race],
  [4, vacateLeft],
  [6, growQuietly],
  [12, externalCommit],
  [5, refuse],
  [2.5, branch],
  [2.5, (world) => reinitialise(world, world.dice.weighted(SUITES))],
];

function live(world: World, steps: number): void {
  checkEpoch(world);
  for (let step = 0; step < steps; step++) {
    if (world.dice.chance(0.2)) keep(world, `before step ${step}`, world.dice.pick(world.group.seats).state);
    // At the start somebody has to come.
    if (step === 0) commitOnce(world);
    else world.dice.weighted(STEPS)(world);
  }
  catchUp(world, world.group.seats);
  everybodyTalks(world, 8);
  checkKeepsakes(world);
}

/** What a life had in it, to see that lives are as rich as they should be. */
export type Story = { readonly epochs: number; readonly people: number; readonly trace: readonly string[] };

/** Throws an error that names the seed and tells the story so far. */
export function runSeed(seed: number, life: Life): Story {
  const profile = profileOf(seed);
  const world = new World({ seed, ...life, ...profile });
  try {
    live(world, profile.steps);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const story = world.trace.map((line, i) => `  ${i + 1}. ${line}`).join("\n");
    throw new Error(`seed ${seed}: ${reason}\nAlone: FUZZ_SEED=${seed} npx vitest run --project node packages/mls/test/fuzz\n${story}`, {
      cause,
    });
  }
  return { epochs: Number(world.group.seats[0]?.state.context.epoch ?? 0n), people: world.people.length, trace: world.trace };
}
