/** What the engine tells its owner: something changed, read it again. */
import type { LogId } from "@sotto/protocol";
import type { ClientErrorCode } from "./client-error.ts";

export type ClientEvent =
  /** A conversation came, or its members, title or status changed. */
  | { readonly kind: "conversation"; readonly log: LogId }
  /** A row of the timeline came or changed; `localId` names it. */
  | { readonly kind: "message"; readonly log: LogId; readonly localId: Uint8Array; readonly isNew: boolean }
  /** Another own device shared something: settings, read marks, what contacts are called. */
  | { readonly kind: "own" }
  /** Names of people were learned. */
  | { readonly kind: "people" }
  /** Somebody began or ceased to type. */
  | { readonly kind: "typing"; readonly log: LogId }
  /** A device came to the account that its owner was not told of. */
  | { readonly kind: "devices" }
  | { readonly kind: "connection"; readonly isOnline: boolean }
  /** Something failed that nobody asked for: a full disk, mostly. It is tried again when the connection comes back or the engine is opened. */
  | { readonly kind: "failure"; readonly code: ClientErrorCode; readonly cause: unknown };
