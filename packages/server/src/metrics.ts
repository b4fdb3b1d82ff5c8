/** Numbers for Prometheus (spec/server.md §Metrics). No label names a person, a log, a blob or an address. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export type Metrics = ReturnType<typeof createMetrics>;

export type Gauges = {
  readonly connections: () => { readonly account: number; readonly anonymous: number };
  readonly subscriptions: () => number;
};

/** Looking a counter up by its labels takes longer than counting: each pair is looked up once. */
function counterOf(counter: Counter<"operation" | "code">): (operation: string, code: string) => void {
  const known = new Map<string, Counter.Internal>();
  return (operation, code) => {
    const key = `${operation} ${code}`;
    const found = known.get(key) ?? counter.labels({ operation, code });
    known.set(key, found);
    found.inc();
  };
}

export function createMetrics(gauges: Gauges) {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  const connections = new Gauge({
    name: "sotto_connections",
    help: "Open WebSockets",
    labelNames: ["kind"] as const,
    registers,
    collect() {
      const { account, anonymous } = gauges.connections();
      this.set({ kind: "account" }, account);
      this.set({ kind: "anonymous" }, anonymous);
    },
  });
  const subscriptions = new Gauge({
    name: "sotto_log_subscriptions",
    help: "Subscriptions to logs",
    registers,
    collect() {
      this.set(gauges.subscriptions());
    },
  });
  return {
    registry,
    connections,
    subscriptions,
    countAnswer: counterOf(
      new Counter({ name: "sotto_answers_total", help: "Answered requests", labelNames: ["operation", "code"] as const, registers }),
    ),
    entries: new Counter({ name: "sotto_entries_total", help: "Entries stored", registers }),
    deliveries: new Counter({ name: "sotto_deliveries_total", help: "Entries pushed to subscribers", registers }),
    storedBytes: new Counter({ name: "sotto_stored_bytes_total", help: "Bytes of segments written", registers }),
    commitSeconds: new Histogram({
      name: "sotto_commit_seconds",
      help: "Time of one durable commit of logs",
      buckets: [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5],
      registers,
    }),
    commitEntries: new Histogram({
      name: "sotto_commit_entries",
      help: "Entries in one commit of logs",
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
      registers,
    }),
  };
}
