/** What kind of life a seed tells: how many people, how much happens, and how bad the world is to them. */
import { Dice } from "../dice.ts";

export type Faults = {
  /** Least and most milliseconds that a frame travels. */
  readonly delay: readonly [number, number];
  /** For each frame: the connection breaks; the frame gets lost although the connection goes on; it comes twice; it comes damaged. */
  readonly cut: number;
  readonly lose: number;
  readonly twice: number;
  readonly garble: number;
  /** Pushes of different logs overtake one another. */
  readonly reorders: boolean;
  /** For each write to a store: the process dies, before or after it took effect. */
  readonly clientDies: number;
  readonly serverDies: number;
  /** Most milliseconds by which a clock jumps, forth or back. */
  readonly clockJumpMs: number;
};

export type Profile = {
  readonly people: number;
  /** How many of them have a second device. */
  readonly seconds: number;
  readonly actions: number;
  /** Most milliseconds between two actions. */
  readonly pauseMs: number;
  readonly isPostQuantum: boolean;
  readonly faults: Faults;
};

/** A world in which everything arrives. */
export const NO_FAULTS: Faults = {
  delay: [1, 5],
  cut: 0,
  lose: 0,
  twice: 0,
  garble: 0,
  reorders: false,
  clientDies: 0,
  serverDies: 0,
  clockJumpMs: 0,
};

const DELAYS: readonly (readonly [number, number])[] = [
  [1, 20],
  [5, 200],
  [5, 200],
  [50, 3_000],
];
export const LONGEST_DELAY_MS = Math.max(...DELAYS.map(([, most]) => most));
const MINUTE_MS = 60_000;

/** So often somebody has a second device: it costs half as much again. */
const SECONDS_CHANCE = 0.3;

export function profileOf(seed: number): Profile {
  const dice = new Dice(seed, "profile");
  const rate = (most: number): number => (dice.chance(0.5) ? 0 : (most * dice.u32()) / 0x1_0000_0000);
  const more = new Dice(seed, "devices");
  return {
    people: dice.between(2, 4),
    seconds: more.chance(SECONDS_CHANCE) ? more.between(1, 2) : 0,
    actions: dice.between(30, 90),
    pauseMs: dice.pick([50, 500, 500, 3_000, 20_000]) ?? 0,
    isPostQuantum: seed % 8 === 0,
    faults: {
      delay: dice.pick(DELAYS) ?? [1, 20],
      cut: rate(0.02),
      lose: rate(0.01),
      twice: rate(0.1),
      garble: rate(0.01),
      reorders: dice.chance(0.5),
      clientDies: rate(0.03),
      serverDies: rate(0.03),
      clockJumpMs: dice.pick([0, 0, 40 * MINUTE_MS, 3 * 24 * 60 * MINUTE_MS]) ?? 0,
    },
  };
}
