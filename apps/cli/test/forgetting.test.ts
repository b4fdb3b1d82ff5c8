/** A client that stays connected for days forgets what it keeps for some days only. */
import type { Store } from "@sotto/client";
import { afterEach, beforeEach, expect, it } from "vitest";
import { withPorts } from "./support/altered.ts";
import { settleAll, soon, World } from "./support/world.ts";

const HOUR_MS = 3_600_000;
let world: World;

beforeEach(async () => {
  world = new World();
  await world.startServer();
});
afterEach(() => world.end());

it("drops sent entries and asked history after their days, without a new connection", async () => {
  const ada = await world.person("ada");
  const bob = await world.person("bob");
  const log = await ada.client.direct(await ada.client.findPerson("bob"));
  await settleAll(ada, bob);
  let aheadMs = 0;
  let store: Store | undefined;
  const hourly: (() => void)[] = [];
  const count = async (table: string): Promise<number> => (await store?.all(`SELECT 1 FROM ${table}`))?.length ?? -1;
  await withPorts(
    ada,
    (ports) => {
      store = ports.store;
      const after: typeof ports.clock.after = (delayMs, call) => {
        if (delayMs === 6 * HOUR_MS) hourly.push(call);
        return ports.clock.after(delayMs, call);
      };
      return { ...ports, clock: { now: () => ports.clock.now() + aheadMs, after } };
    },
    async (client) => {
      client.connect();
      await client.sendText(log, "Good evening");
      expect(await client.settled(20_000)).toBe(true);
      expect(await count("sent")).toBeGreaterThan(0);
      const gap = "INSERT INTO history_gaps (log, at, members, anchor, cursor, base) VALUES (?, ?, x'80', ?, 1, 0)";
      await store?.write([{ sql: gap, parameters: [log, Date.now(), log] }]);
      aheadMs = 8 * 24 * HOUR_MS;
      hourly.at(-1)?.();
      await soon(async () => {
        expect([await count("sent"), await count("history_gaps")]).toEqual([0, 0]);
      });
    },
  );
});
