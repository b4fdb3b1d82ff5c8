/** The tables and targets of a run. */
import { align } from "../lib/align.ts";
import { type Target, targetTable } from "../lib/targets.ts";
import { CASES, HELD_CONNECTIONS, IDLE_CONNECTIONS } from "./cases.ts";
import type { CaseResult, ServerRun } from "./measure.ts";

const MESSAGES_RATIO = 15;
const ROOM_100_RATIO = 5;
const ROOM_500_RATIO = 8;
const APPEND_RATIO = 2;
const IDLE_KIB = 12;
/** What counts as flat: growth in an hour that a day would not notice. */
const FLAT_MIB_PER_HOUR = 10;

const count = (value: number): string => Math.round(value).toLocaleString("en");
const ms = (value: number): string => `${value.toFixed(value < 10 ? 2 : 0)} ms`;

export type Names = { readonly own: string; readonly ownPlain: string; readonly peer: string };

function caseTable(run: ServerRun): string {
  const blocks = CASES.flatMap(({ id, title }) => {
    const rows = run.cases.filter((result) => result.id === id);
    if (rows.length === 0) return [];
    const header = [title, "messages/s", "deliveries/s", "p50", "p99", "server µs/delivery", "generator"];
    const lines = rows.map((row) => [
      row.system,
      count(row.messagesPerSecond),
      count(row.deliveriesPerSecond),
      ms(row.p50),
      ms(row.p99),
      row.cpuMicrosPerDelivery.toFixed(1),
      `${(row.generatorShare * 100).toFixed(0)} %`,
    ]);
    return [align([header, ...lines])];
  });
  return blocks.join("\n\n");
}

function otherTables({ single, memory, soak }: ServerRun): string[] {
  const parts: string[] = [];
  if (single !== undefined) {
    const rows = [
      ["one durable append", "median"],
      ["fdatasync of 1 KiB", ms(single.rawMs)],
      ["sotto, over TLS until the answer", ms(single.appendMs)],
    ];
    parts.push(align(rows));
  }
  if (memory.length > 0) {
    const rows = memory.map(({ system, connections, bytesPerConnection }) => [
      system,
      count(connections),
      `${(bytesPerConnection / 1024).toFixed(1)} KiB`,
    ]);
    parts.push(align([["silent connections", "connections", "server, each"], ...rows]));
  }
  if (soak !== undefined) {
    const row = (name: string, [first, middle, last]: readonly [number, number, number], slope: number): string[] => [
      name,
      ...[first, middle, last].map((mib) => mib.toFixed(0)),
      `${slope >= 0 ? "+" : ""}${slope.toFixed(1)} MiB/h`,
    ];
    const title = `memory under ${count(soak.messages)} messages in ${soak.minutes} minutes, MiB`;
    const rows = [row("server", soak.server, soak.serverPerHour), row("load generator", soak.generator, soak.generatorPerHour)];
    parts.push(`${align([[title, "after a tenth", "half-way", "at the end", "slope of the second half"], ...rows])}\np99 ${ms(soak.p99)}`);
  }
  return parts;
}

function ratioTarget(
  run: ServerRun,
  names: Names,
  of: { readonly id: string; readonly name: string; readonly least: number; readonly value: (result: CaseResult) => number },
): Target {
  const find = (system: string): CaseResult | undefined => run.cases.find((result) => result.id === of.id && result.system === system);
  const [own, peer] = [find(names.own), find(names.peer)];
  const ratio = own && peer && of.value(own) / of.value(peer);
  return { name: of.name, reached: ratio === undefined ? undefined : `x${ratio.toFixed(1)}`, isReached: (ratio ?? 0) >= of.least };
}

export function targetsOf(run: ServerRun, names: Names): Target[] {
  const idle = (system: string): number | undefined =>
    run.memory.find((row) => row.system === system && row.connections === IDLE_CONNECTIONS)?.bytesPerConnection;
  const idleTarget = (system: string, how: string): Target => {
    const kib = (idle(system) ?? Number.NaN) / 1024;
    return {
      name: `a silent connection ${how}: ${IDLE_KIB} KiB or less`,
      reached: Number.isNaN(kib) ? undefined : `${kib.toFixed(1)} KiB`,
      isReached: kib <= IDLE_KIB,
    };
  };
  const calm = (system: string): number | undefined => run.cases.find(({ id, system: name }) => id === "calm" && name === system)?.p99;
  const [ownP99, peerP99] = [calm(names.own), calm(names.peer)];
  const { single, soak } = run;
  const append = single && single.appendMs / single.rawMs;
  const held = run.held.find(({ system }) => system === names.own);
  const deliveries = (result: CaseResult): number => result.deliveriesPerSecond;
  return [
    ratioTarget(run, names, {
      id: "one-to-one",
      name: `one to one: ${MESSAGES_RATIO} times the messages of ${names.peer}`,
      least: MESSAGES_RATIO,
      value: deliveries,
    }),
    ratioTarget(run, names, {
      id: "room-500",
      name: `500 members: ${ROOM_500_RATIO} times its deliveries`,
      least: ROOM_500_RATIO,
      value: deliveries,
    }),
    ratioTarget(run, names, {
      id: "room-100",
      name: `100 members: ${ROOM_100_RATIO} times its deliveries`,
      least: ROOM_100_RATIO,
      value: deliveries,
    }),
    {
      name: "p99 at 300 messages a second no worse than its",
      reached: ownP99 === undefined || peerP99 === undefined ? undefined : `${ms(ownP99)}, ${ms(peerP99)}`,
      isReached: (ownP99 ?? 0) <= (peerP99 ?? 0),
    },
    {
      name: `a durable append in ${APPEND_RATIO} times the bare disk or less`,
      reached: append === undefined ? undefined : `x${append.toFixed(2)}`,
      isReached: (append ?? 9) <= APPEND_RATIO,
    },
    idleTarget(names.ownPlain, "behind a proxy that speaks TLS"),
    idleTarget(names.own, "with TLS in the server"),
    {
      name: `${count(HELD_CONNECTIONS)} connections held, with TLS`,
      reached: held === undefined ? undefined : count(held.connections),
      isReached: held !== undefined,
    },
    {
      name: `server memory flat: less than ${FLAT_MIB_PER_HOUR} MiB an hour`,
      reached: soak === undefined ? undefined : `${soak.serverPerHour.toFixed(1)} MiB/h in ${soak.minutes} minutes`,
      isReached: (soak?.serverPerHour ?? 99) < FLAT_MIB_PER_HOUR,
    },
  ];
}

export function report(run: ServerRun, names: Names): string {
  const notes = run.notes.join("\n");
  return [notes, caseTable(run), ...otherTables(run), targetTable(targetsOf(run, names))].filter((part) => part !== "").join("\n\n");
}
