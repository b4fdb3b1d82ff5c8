/** Which lives are hard ones: more is done in them than in the others, by dice of their own, so that the lives of the other seeds stay as they are. */
import { Dice } from "../dice.ts";

export type Hardship = {
  /** People also set timers, roles and policy, block, mute, archive, vote and write drafts. */
  readonly isHard: boolean;
  /** Somebody has a second device, whatever the profile says: it may be taken out of the account. */
  readonly seconds: number;
  /** The server is set back to copies of its disk. */
  readonly isSetBack: boolean;
  /** Logs are trimmed under devices that are away. */
  readonly isTrimmed: boolean;
};

/** What is asked for, whatever the seed. */
export type Asked = "hard" | "ruin" | undefined;

export const isRuin = ({ isSetBack, isTrimmed }: Hardship): boolean => isSetBack || isTrimmed;

/** From here on seeds may tell hard lives by themselves. */
const FIRST_SEED = 20_001;
const HARD_CHANCE = 0.5;
const SECONDS_CHANCE = 0.3;

export function hardshipOf(seed: number, asked: Asked): Hardship {
  const dice = new Dice(seed, "hard");
  const isChosen = dice.chance(HARD_CHANCE) && seed >= FIRST_SEED;
  const seconds = dice.chance(SECONDS_CHANCE) ? 1 : 0;
  const isHard = asked === "hard" || (isChosen && asked === undefined);
  // Both is the same life with more of it: each alone says better what went wrong.
  const isSetBack = dice.chance(0.5);
  return { isHard, seconds: isHard ? seconds : 0, isSetBack: asked === "ruin" && isSetBack, isTrimmed: asked === "ruin" && !isSetBack };
}
