/** What happens in lives of ruin: the server is set back to a copy of its disk, and logs are trimmed under devices that are away. */
import type { World } from "../world/world.ts";

const COPY_CHANCE = 0.04;
const SET_BACK_CHANCE = 0.03;
const TRIM_CHANCE = 0.03;
const SET_BACKS_MAX = 2;

/** Whether it did, in the place of something else. */
export async function ruin({ dice, server, hardship }: World): Promise<boolean> {
  if (hardship.isSetBack && dice.chance(COPY_CHANCE)) {
    server.copy();
    return true;
  }
  if (hardship.isSetBack && dice.chance(SET_BACK_CHANCE) && server.timesSetBack < SET_BACKS_MAX) {
    server.setBack();
    return true;
  }
  if (hardship.isTrimmed && dice.chance(TRIM_CHANCE)) {
    await server.trim();
    return true;
  }
  return false;
}
