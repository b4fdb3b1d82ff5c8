/** The load generator: a process of its own. Its plan comes as a message from its parent, and its reports go back that way. */
import { Driver, type Party } from "./driver.ts";
import type { Line } from "./line.ts";
import type { Plan, Report } from "./plan.ts";
import { openSotto } from "./sotto-line.ts";
import { openXmpp } from "./xmpp-line.ts";

const OPEN_AT_ONCE = 32;
/** Silent connections are subscribed to one of these. */
const IDLE_LOGS = 100;

const tell = (report: Report): void => void process.send?.(report);

/** Which log or peer a line belongs to: in pairs, line i and line i + half. */
function open({ access, shape, connections, name, firstIndex = 0 }: Plan, at: number): Promise<Line> {
  const index = firstIndex + at;
  const half = connections / 2;
  if (access.system === "sotto") {
    const log = shape === "pairs" ? `${name} ${index % half}` : shape === "idle" ? `${name} ${index % IDLE_LOGS}` : name;
    const isFirst = index < (shape === "idle" ? IDLE_LOGS : shape === "pairs" ? half : 1);
    return openSotto({ ...access, index, name: log, isFirst });
  }
  if (shape === "room") return openXmpp(access, { index, room: name });
  return openXmpp(access, { index, peer: index + half });
}

async function openAll(plan: Plan): Promise<Line[]> {
  const lines: Line[] = [];
  const first = await open(plan, 0);
  for (let from = 0; from < plan.connections; from += OPEN_AT_ONCE) {
    const indices = Array.from({ length: Math.min(OPEN_AT_ONCE, plan.connections - from) }, (_, i) => from + i);
    const opening = indices.map((index) => (index === 0 ? Promise.resolve(first) : open(plan, index)));
    lines.push(...(await Promise.all(opening)));
  }
  return lines;
}

function partiesOf({ shape, senders }: Plan, lines: readonly Line[]): Party[] {
  if (shape === "room") return lines.slice(0, senders).map((sender) => ({ sender, receivers: lines }));
  const half = lines.length / 2;
  return lines.slice(0, half).map((sender, i) => ({ sender, receivers: lines.slice(i + half, i + half + 1) }));
}

async function work(plan: Plan): Promise<void> {
  const lines = await openAll(plan);
  tell({ event: "ready" });
  if (plan.shape === "idle") return;
  const memory = setInterval(() => tell({ event: "memory", rss: process.memoryUsage.rss() }), 10_000);
  const measured = await new Driver(plan, partiesOf(plan, lines)).run(() => tell({ event: "begin" }));
  clearInterval(memory);
  tell({ event: "end", measured });
}

process.once("message", (plan) => {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the parent is run-load.ts
  work(plan as Plan).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on("disconnect", () => process.exit(0));
