/** What an operator sets, with the defaults, and the server's own limits (spec/server.md §Limits). */
import { LIMITS } from "@sotto/protocol";
import type { Logger } from "pino";
import { runtimeTimers, type Timers } from "./timers.ts";

const KIB = 1024;
const MIB = 1024 * KIB;

/** Tokens per second, and how many may be saved up. */
export type Rate = { readonly perSecond: number; readonly burst: number };

export type ServerLimits = {
  readonly [Name in keyof typeof DEFAULT_LIMITS]: (typeof DEFAULT_LIMITS)[Name] extends number ? number : Rate;
};

export const DEFAULT_LIMITS = {
  connectionsMax: 20_000,
  connectionsPerAddressMax: 1_000,
  /** Bytes that wait for a reader before its subscriptions end; at four times as many the connection ends. */
  slowConsumerBytes: 4 * MIB,
  pingEveryMs: 30_000,
  httpHeadersMs: 10_000,
  /** Silence in the middle of an upload. */
  uploadIdleMs: 30_000,
  loginNonceMs: 60_000,
  cheap: { perSecond: 2_000, burst: 8_000 } as Rate,
  write: { perSecond: 2_000, burst: 8_000 } as Rate,
  expensive: { perSecond: 50, burst: 500 } as Rate,
  /** All devices of an account together. */
  account: { perSecond: 500, burst: 4_000 } as Rate,
  /** Appends to one log, by whomever. */
  log: { perSecond: 500, burst: 2_000 } as Rate,
  /** New accounts and logins from one address; the address is kept in memory only. */
  address: { perSecond: 20, burst: 400 } as Rate,
  /** New logs from one address; the saved ones are one for each connection that it may have. */
  newLogsAtAddress: { perSecond: 1, burst: 1_000 } as Rate,
  /** Bytes of entries from one address, since nobody else stands for them. */
  bytesAtAddress: { perSecond: 256 * KIB, burst: 64 * MIB } as Rate,
  /** Devices that strangers at one address claim key packages of or deliver to; the saved ones are a group of 1,000 devices. */
  strangersAtAddress: { perSecond: 5, burst: 2_000 } as Rate,
  /** The same for one account, from wherever: more would not fit into its inboxes, or keep a device that is there busy. */
  strangersToAccount: { perSecond: 1, burst: 300 } as Rate,
  /** Wrong gate codes of one account. */
  gate: { perSecond: 0.05, burst: 20 } as Rate,
  /** Free disk below which nothing is written. */
  diskFreeBytesMin: 256 * MIB,
  diskCheckMs: 2_000,
  keyPackagesLow: 20,
} as const;

export type ServerOptions = {
  /** Everything that the server keeps. Made if it does not exist. */
  readonly dataFolder: string;
  readonly host?: string;
  /** 0: any free port. */
  readonly port?: number;
  /** How clients address this server, as in the login signature. Default: the local addresses with the port. */
  readonly origins?: readonly string[];
  /** PEM files. Without them the server speaks plain HTTP, for a proxy in front or for one machine. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** Whether X-Forwarded-For is to be believed, of which the last element counts: there is one proxy in front, always. */
  readonly trustProxy?: boolean;
  readonly inviteRequired?: boolean;
  readonly paymentRequired?: boolean;
  readonly tokensPerDay?: number;
  readonly entryDaysKept?: number;
  readonly blobDaysKept?: number;
  readonly blobBytesMax?: number;
  /** All blobs together. */
  readonly blobBytesTotalMax?: number;
  /** The built web app to serve, if any. */
  readonly webFolder?: string;
  readonly limits?: Partial<ServerLimits>;
  readonly logger?: Logger;
  readonly now?: () => number;
  readonly timers?: Timers;
};

export type Settings = {
  readonly dataFolder: string;
  readonly host: string;
  readonly port: number;
  readonly tls: ServerOptions["tls"];
  readonly trustProxy: boolean;
  readonly inviteRequired: boolean;
  readonly paymentRequired: boolean;
  readonly tokensPerDay: number;
  readonly entryDaysKept: number;
  readonly blobDaysKept: number;
  readonly blobBytesMax: number;
  readonly blobBytesTotalMax: number;
  readonly webFolder: string | undefined;
  readonly limits: ServerLimits;
  readonly now: () => number;
  readonly timers: Timers;
};

export function settingsOf(options: ServerOptions): Settings {
  return {
    dataFolder: options.dataFolder,
    host: options.host ?? "127.0.0.1",
    port: options.port ?? 8420,
    tls: options.tls,
    trustProxy: options.trustProxy ?? false,
    inviteRequired: options.inviteRequired ?? false,
    paymentRequired: options.paymentRequired ?? false,
    tokensPerDay: options.tokensPerDay ?? 1_000,
    entryDaysKept: options.entryDaysKept ?? 30,
    blobDaysKept: options.blobDaysKept ?? 30,
    blobBytesMax: Math.min(options.blobBytesMax ?? LIMITS.blobBytesMax, LIMITS.blobBytesMax),
    blobBytesTotalMax: options.blobBytesTotalMax ?? Number.MAX_SAFE_INTEGER,
    webFolder: options.webFolder,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
    now: options.now ?? Date.now,
    timers: options.timers ?? runtimeTimers,
  };
}
