/** Many lives, part 1 of 4: a file each, so that every core has one. See seeds.ts. */
import { testSeeds } from "./seeds.ts";

testSeeds(0);
