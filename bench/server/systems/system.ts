/** A server under test. */
import type { Access } from "../load/plan.ts";

export type RunningSystem = {
  readonly access: Access;
  /** Processes that count as the server: its database too. */
  readonly pids: readonly number[];
  /** Asks for what a runtime does by itself sooner or later before memory is read: collect garbage. */
  readonly rest?: () => void;
  stop(): Promise<void>;
};

export type SystemOptions = {
  /** An empty folder that goes away afterwards. */
  readonly folder: string;
  /** The processor that the server and its database run on; any if undefined. */
  readonly core: number | undefined;
  readonly accounts: number;
  readonly tls: { readonly certificateFile: string; readonly keyFile: string };
};

export type System = {
  readonly name: string;
  /** Why it cannot run here, if so. */
  readonly missing: () => string | undefined;
  readonly start: (options: SystemOptions) => Promise<RunningSystem>;
};
