/** The loads, the same for each system. */
import type { Plan } from "./load/plan.ts";

export type LoadCase = {
  readonly id: string;
  readonly title: string;
  readonly plan: Omit<Plan, "access" | "name" | "seconds" | "warmSeconds">;
};

/** 50 people write to 50 others, each with 8 messages on their way. */
const ONE_TO_ONE: LoadCase = {
  id: "one-to-one",
  title: "one to one, 50 → 50, 8 on their way each",
  plan: { shape: "pairs", connections: 100, senders: 50, window: 8 },
};

/** As a server mostly is. */
const CALM: LoadCase = {
  id: "calm",
  title: "one to one, 300 messages a second on a clock",
  plan: { shape: "pairs", connections: 100, senders: 50, rate: 300 },
};

/** Five members write without pause, each the next message when all have the last one. */
const room = (members: number): LoadCase => ({
  id: `room-${members}`,
  title: `one room of ${members}, 5 of whom write`,
  plan: { shape: "room", connections: members, senders: 5, window: 1 },
});

export const SINGLE: LoadCase = {
  id: "single",
  title: "one message after the other, one connection",
  plan: { shape: "room", connections: 1, senders: 1, window: 1 },
};

export const IDLE_CONNECTIONS = 5_000;
export const HELD_CONNECTIONS = 10_000;
export const CASES: readonly LoadCase[] = [ONE_TO_ONE, CALM, room(100), room(500)];
