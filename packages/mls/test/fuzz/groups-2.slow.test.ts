/** Random lives of groups, part 2 of 4: a file each, so that every core has one. See driver.ts. */
import { testLives } from "./run.ts";

testLives(1);
