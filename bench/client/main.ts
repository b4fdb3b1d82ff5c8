/** The client benchmark: `npm run bench -- client [--quick] [--json] [--minutes N]`. The method is in bench/README.md. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { SUITE } from "@sotto/mls";
import { createNodeProvider } from "@sotto/mls/node";
import { align } from "../lib/align.ts";
import { machineLine } from "../lib/machine.ts";
import { medianOf } from "../lib/median.ts";
import { type Target, targetTable } from "../lib/targets.ts";
import { measure, quick, thorough } from "../mls/lib/measure.ts";
import { isMeasured } from "../mls/lib/table.ts";
import { ownContender } from "../mls/ours.ts";
import { sottoPlain } from "../server/systems/sotto.ts";
import { type GroupResult, settle, Subjects, type Way } from "./measure.ts";
import { type ClientSoak, soakClients } from "./soak.ts";

const PATH_RATIO = 0.5;
const STORE_KIB = 16;
const LARGE = 1_000;
const SMALL = 10;
const TIME_RATIO = 1.5;
const KIB = 1024;
/** What counts as flat: growth in an hour that a day would not notice. */
const FLAT_MIB_PER_HOUR = 10;

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    only: { type: "string", multiple: true, default: [] },
    minutes: { type: "string", default: "0" },
  },
});
const isWanted = (id: string): boolean => values.only.length === 0 || values.only.some((part) => id.includes(part));
const rounds = values.quick ? 2 : 5;
const count = values.quick ? 512 : 1_536;
const where = machineLine();
const say = (progress: string): void => void process.stderr.write(`${progress}\n`);

/** Messages a second of the bare engine, with the suite of conversations and 1 KiB. */
async function bareRates(): Promise<{ readonly encrypt: number; readonly decrypt: number }> {
  const provider = await createNodeProvider();
  const contenders = [ownContender({ name: "mls", provider, suiteId: SUITE.mlkem768X25519Aes128 })];
  const rate = async (operation: "encrypt1KiB" | "decrypt1KiB"): Promise<number> => {
    const [result] = await measure({ operation, n: 2, contenders, slow: false }, values.quick ? quick : thorough);
    return isMeasured(result) ? 1000 / result.median : Number.NaN;
  };
  return { encrypt: await rate("encrypt1KiB"), decrypt: await rate("decrypt1KiB") };
}

const median = (ways: readonly Way[], of: (way: Way) => number): number => medianOf(ways.map(of));

type PathResult = {
  readonly encrypt: number;
  readonly decrypt: number;
  readonly sends: readonly Way[];
  readonly receives: readonly Way[];
  readonly oneByOneMs: number;
};

async function measurePath(subjects: Subjects): Promise<PathResult> {
  const [ada, bob] = [await subjects.party("ada"), await subjects.party("bob")];
  const log = await ada.client.direct(await ada.client.findPerson("@bob"));
  await ada.client.sendText(log, "hello");
  await settle(ada);
  await settle(bob);
  const bare: { readonly encrypt: number; readonly decrypt: number }[] = [];
  const [sends, receives]: [Way[], Way[]] = [[], []];
  let oneByOneMs = Number.NaN;
  for (let round = 0; round < rounds; round++) {
    say(`two people, round ${round + 1}`);
    bare.push(await bareRates());
    for (const { client } of [ada, bob]) client.disconnect();
    oneByOneMs = await subjects.sendOneByOne(ada, log, 100);
    sends.push(await subjects.send(ada, log, count));
    ada.client.connect();
    await settle(ada);
    ada.client.disconnect();
    receives.push(await subjects.receive(bob, count + 100));
    await settle(bob);
  }
  for (const { client } of [ada, bob]) await client.close();
  return {
    encrypt: medianOf(bare.map(({ encrypt }) => encrypt)),
    decrypt: medianOf(bare.map(({ decrypt }) => decrypt)),
    sends,
    receives,
    oneByOneMs,
  };
}

async function measureGroups(subjects: Subjects): Promise<GroupResult[]> {
  say(`making ${LARGE - 1} people`);
  const members = await subjects.members(LARGE - 1);
  const writer = await subjects.party("writer");
  const groups: { readonly devices: number; readonly log: Parameters<Subjects["send"]>[1] }[] = [];
  for (const devices of [SMALL, LARGE]) {
    say(`making a group of ${devices}`);
    groups.push({ devices, log: await writer.client.createGroup(`group of ${devices}`, members.slice(0, devices - 1)) });
  }
  writer.client.disconnect();
  const results = new Map<number, { readonly ways: Way[]; readonly singles: number[] }>();
  for (let round = 0; round < rounds; round++) {
    for (const { devices, log } of groups) {
      say(`sending in a group of ${devices}, round ${round + 1}`);
      const found = results.get(devices) ?? { ways: [], singles: [] };
      results.set(devices, found);
      found.singles.push(await subjects.sendOneByOne(writer, log, 64));
      found.ways.push(await subjects.send(writer, log, values.quick ? 128 : 512));
    }
  }
  await writer.client.close();
  return [...results].map(([devices, { ways, singles }]) => ({ devices, together: middle(ways), oneByOneMs: medianOf(singles) }));
}

function middle(ways: readonly Way[]): Way {
  return {
    perSecond: median(ways, (way) => way.perSecond),
    cpuMicros: median(ways, (way) => way.cpuMicros),
    transactions: median(ways, (way) => way.transactions),
    storeBytes: median(ways, (way) => way.storeBytes),
    diskBytes: median(ways, (way) => way.diskBytes),
  };
}

const rate = (perSecond: number): string => `${Math.round(perSecond).toLocaleString("en")}/s`;
const size = (bytes: number): string => (Number.isNaN(bytes) ? "-" : `${(bytes / KIB).toFixed(1)} KiB`);

function wayRow(name: string, way: Way, bare: number | undefined): string[] {
  const ratio = bare === undefined ? "" : `x${(way.perSecond / bare).toFixed(2)}`;
  return [name, rate(way.perSecond), ratio, `${way.cpuMicros.toFixed(0)} µs`, size(way.storeBytes), size(way.diskBytes)];
}

function report(
  path: PathResult | undefined,
  groups: readonly GroupResult[],
  soak: ClientSoak | undefined,
): { readonly text: string; readonly targets: readonly Target[] } {
  const parts: string[] = [];
  const targets: Target[] = [];
  const head = ["messages", "of bare MLS", "processor", "to the store", "to the disk"];
  if (path !== undefined) {
    const [send, receive] = [middle(path.sends), middle(path.receives)];
    const rows = [
      ["bare MLS: encrypt 1 KiB", rate(path.encrypt)],
      wayRow("send: seal, store, 64 at once", send, path.encrypt),
      ["send one by one, the disk each time", rate(1000 / path.oneByOneMs), `x${(1000 / path.oneByOneMs / path.encrypt).toFixed(2)}`],
      ["bare MLS: decrypt 1 KiB", rate(path.decrypt)],
      wayRow("receive: read, open, apply", receive, path.decrypt),
    ];
    parts.push(align([["two people", ...head], ...rows]));
    for (const [name, way, bare] of [
      ["send", send, path.encrypt],
      ["receive", receive, path.decrypt],
    ] as const) {
      const ratio = way.perSecond / bare;
      targets.push({
        name: `${name} at ${PATH_RATIO} times the rate of bare MLS or more`,
        reached: `x${ratio.toFixed(2)}`,
        isReached: ratio >= PATH_RATIO,
      });
    }
  }
  const [small, large] = [SMALL, LARGE].map((devices) => groups.find((group) => group.devices === devices));
  if (small !== undefined && large !== undefined) {
    const rows = [small, large].map(({ devices, together, oneByOneMs }) => [
      ...wayRow(`a group of ${devices}`, together, undefined),
      `${oneByOneMs.toFixed(2)} ms`,
    ]);
    parts.push(align([["sending", ...head, "one by one"], ...rows]));
    const ratio = small.together.perSecond / large.together.perSecond;
    const single = large.oneByOneMs / small.oneByOneMs;
    const kib = large.together.storeBytes / KIB;
    targets.push(
      {
        name: `a message in a group of ${LARGE} writes less than ${STORE_KIB} KiB to the store`,
        reached: `${kib.toFixed(1)} KiB`,
        isReached: kib < STORE_KIB,
      },
      {
        name: `it takes less than ${TIME_RATIO} times that of a group of ${SMALL}, many at once`,
        reached: `x${ratio.toFixed(2)}`,
        isReached: ratio < TIME_RATIO,
      },
      { name: `and one by one`, reached: `x${single.toFixed(2)}`, isReached: single < TIME_RATIO },
    );
  }
  if (soak !== undefined) {
    const title = `memory of two clients, ${soak.messages.toLocaleString("en")} messages in ${soak.minutes} minutes, MiB`;
    const growth = ({ mibPerHour }: typeof soak.process): string => `${mibPerHour >= 0 ? "+" : ""}${mibPerHour.toFixed(1)} MiB/h`;
    const row = (name: string, course: typeof soak.process): string[] => [name, ...course.mib.map((mib) => mib.toFixed(0)), growth(course)];
    const heading = [title, "after a tenth", "half-way", "at the end", "slope of the second half"];
    parts.push(align([heading, row("the process", soak.process), row("alive in JavaScript", soak.live)]));
    targets.push({
      name: `client memory flat: less than ${FLAT_MIB_PER_HOUR} MiB an hour`,
      reached: `${growth(soak.process)} in ${soak.minutes} minutes`,
      isReached: soak.process.mibPerHour < FLAT_MIB_PER_HOUR,
    });
  }
  return { text: parts.join("\n\n"), targets };
}

const folder = mkdtempSync(join(tmpdir(), "sotto-bench-client-"));
const tls = { certificateFile: "", keyFile: "" };
const serverFolder = join(folder, "server");
mkdirSync(serverFolder);
const server = await sottoPlain.start({ folder: serverFolder, core: undefined, accounts: 0, tls });
try {
  const subjects = new Subjects(folder, `http://127.0.0.1:${server.access.port}`);
  const path = isWanted("path") ? await measurePath(subjects) : undefined;
  const groups = isWanted("group") ? await measureGroups(subjects) : [];
  const minutes = Number(values.minutes);
  if (minutes > 0) say(`two people write to each other for ${minutes} minutes`);
  const soak = minutes > 0 ? await soakClients(subjects, minutes) : undefined;
  const { text, targets } = report(path, groups, soak);
  console.log(
    values.json ? JSON.stringify({ where, path, groups, soak, targets }, null, 2) : `${where}\n\n${text}\n\n${targetTable(targets)}`,
  );
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
process.exit(0);
