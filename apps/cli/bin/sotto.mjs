#!/usr/bin/env node
/**
 * The command `sotto`. What Node.js makes of the sources is kept beside the other packages, so that each command starts in half the time and with
 * less memory; where that folder may not be written to, it goes without.
 */
import { enableCompileCache } from "node:module";
import { join } from "node:path";

enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "sotto"));
const { main } = await import("../src/main.ts");
process.exitCode = await main(process.argv.slice(2));
