/** Which lives are hard ones: more is done in them than in the others, by dice of their own, so that the lives of the other seeds stay as they are. */
import { Dice } from "../dice.ts";

export type Hardship = {
  /** People also set timers, roles and policy, block, mute, archive, vote and write drafts. */
  readonly isHard: boolean;
  /** Somebody has a second device, whatever the profile says: it may be taken out of the account. */
  readonly seconds: number;
};

/** From here on seeds may tell hard lives by themselves. */
const FIRST_SEED = 20_001;
const HARD_CHANCE = 0.5;
const SECONDS_CHANCE = 0.3;

/** `isForced`: a hard life whatever the seed. */
export function hardshipOf(seed: number, isForced: boolean): Hardship {
  const dice = new Dice(seed, "hard");
  const isChosen = dice.chance(HARD_CHANCE) && seed >= FIRST_SEED;
  const seconds = dice.chance(SECONDS_CHANCE) ? 1 : 0;
  const isHard = isForced || isChosen;
  return { isHard, seconds: isHard ? seconds : 0 };
}
