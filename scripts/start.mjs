/** `npm start`: installs what is missing, then runs `sotto serve`. Arguments go to it: `npm start -- --port 9000 --data DIR`. Runs on Node 20. */
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { pinnedNode, ROOT } from "./runtime.mjs";

const setUp = spawnSync(process.execPath, [join(ROOT, "scripts", "set-up.mjs"), "--no-browser"], { stdio: "inherit" });
if (setUp.status === 0) {
  const sotto = join(ROOT, "apps", "cli", "bin", "sotto.mjs");
  // Its help loads everything, so that what is kept of that is there before a server starts: it then needs less memory (bin/sotto.mjs).
  spawnSync(pinnedNode(), [sotto, "help"], { stdio: "ignore" });
  const server = spawn(pinnedNode(), [sotto, "serve", ...process.argv.slice(2)], { stdio: "inherit" });
  for (const signal of /** @type {const} */ (["SIGINT", "SIGTERM"])) process.on(signal, () => server.kill(signal));
  server.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} else {
  process.exitCode = 1;
}
