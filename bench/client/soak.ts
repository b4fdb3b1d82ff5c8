/** Memory of clients under a load that lasts: two people in one process, who write to each other without pause. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { slopePerHour } from "../lib/slope.ts";
import type { Party, Subjects } from "./measure.ts";
import { settle } from "./measure.ts";

const SAMPLE_MS = 30_000;
const MIB = 1024 * 1024;

/** MiB after a tenth of the time, half-way, and at the end. */
type Course = { readonly mib: readonly [number, number, number]; readonly mibPerHour: number };

export type ClientSoak = {
  readonly minutes: number;
  readonly messages: number;
  /** The process as the system sees it, and what lives in it: objects and buffers of JavaScript. Both after a collection of garbage. */
  readonly process: Course;
  readonly live: Course;
};

type Sample = readonly [seconds: number, mib: number];

function courseOf(samples: readonly Sample[]): Course {
  const at = (share: number): number => samples[Math.floor((samples.length - 1) * share)]?.[1] ?? Number.NaN;
  return { mib: [at(0.1), at(0.5), at(1)], mibPerHour: slopePerHour(samples) };
}

function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  return () => {
    if (typeof collect === "function") collect();
  };
}

export async function soakClients(subjects: Subjects, minutes: number): Promise<ClientSoak> {
  const [ada, bob] = [await subjects.party("ada2"), await subjects.party("bob2")];
  const log = await ada.client.direct(await ada.client.findPerson("@bob2"));
  await ada.client.sendText(log, "hello");
  await settle(ada);
  await settle(bob);
  const [answering] = await bob.client.conversations();
  if (answering === undefined) throw new Error("nobody to answer");
  const collect = garbageCollector();
  const [whole, live]: [Sample[], Sample[]] = [[], []];
  const started = performance.now();
  const seconds = (): number => (performance.now() - started) / 1000;
  const timer = setInterval(() => {
    collect();
    const { rss, heapUsed, external } = process.memoryUsage();
    whole.push([seconds(), rss / MIB]);
    live.push([seconds(), (heapUsed + external) / MIB]);
  }, SAMPLE_MS);
  let messages = 0;
  const talk = async ({ client }: Party, where: typeof log): Promise<void> => {
    while (seconds() < minutes * 60) {
      await client.sendText(where, subjects.text());
      messages++;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.all([talk(ada, log), talk(bob, answering.log)]);
  clearInterval(timer);
  for (const { client } of [ada, bob]) await client.close();
  return { minutes, messages, process: courseOf(whole), live: courseOf(live) };
}
