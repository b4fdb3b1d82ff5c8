/** What a load generator is told, and what it tells back. Plain data: it crosses between processes. */
type SottoAccess = {
  readonly system: "sotto";
  readonly port: number;
  readonly isPlain: boolean;
};
type XmppAccess = {
  readonly system: "xmpp";
  readonly port: number;
  /** Accounts are `u0`, `u1`, …, all with this password. */
  readonly password: string;
};
export type Access = SottoAccess | XmppAccess;

export type Plan = {
  readonly access: Access;
  /**
   * pairs    half of the connections send, each to one of the other half
   * room     all are in one room; `senders` of them send
   * idle     connections that are logged in or subscribed, and silent
   */
  readonly shape: "pairs" | "room" | "idle";
  readonly connections: number;
  /** The number of the first one, where others hold the lower ones. */
  readonly firstIndex?: number;
  readonly senders: number;
  /** Messages that a sender has on their way, each until everyone has it. Without it, `rate` counts. */
  readonly window?: number;
  /** Messages a second by all senders together, on a clock that waits for nobody. */
  readonly rate?: number;
  readonly warmSeconds: number;
  readonly seconds: number;
  /** Distinguishes rooms and logs of one run from those of others. */
  readonly name: string;
};

export type Measured = {
  readonly seconds: number;
  /** Messages that reached everyone, a second. */
  readonly messagesPerSecond: number;
  readonly deliveriesPerSecond: number;
  /** Milliseconds from sending until the last one has it. */
  readonly p50: number;
  readonly p99: number;
  readonly messages: number;
  /** Messages on their way when the time was over. */
  readonly unfinished: number;
  /** Processor seconds of the load generator in the measured time. */
  readonly cpuSeconds: number;
};

export type Report =
  | { readonly event: "ready" }
  | { readonly event: "begin" }
  | { readonly event: "end"; readonly measured: Measured }
  | { readonly event: "memory"; readonly rss: number };
