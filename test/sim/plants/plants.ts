/** The planted faults, each a durability write that is skipped. */
import type { Plant } from "./plant.ts";

export const PLANTS: readonly Plant[] = [];
