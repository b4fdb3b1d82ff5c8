/**
 * Why a conversation cannot go on as it is (spec/groups.md §Repair), and what helps:
 *
 *   commit      a handshake of the present epoch that does not count here. If it can count for nobody: another log. If others may see it
 *               differently: ask to be let in again
 *   refused     the server does not let this device read at its cursor
 *   shorter     the server's log is not the one that this device has read: it was set back. Read again, and send again what it lost
 *   forgotten   the log has an entry of this device that the device does not know: its store is older than what it has sent. New keys
 */
export type Fault =
  | { readonly kind: "commit"; readonly code: string }
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "shorter" }
  | { readonly kind: "forgotten"; readonly seq: number };

const PERSONAL: ReadonlySet<string> = new Set(["unreadable_path", "own_message", "account_unknown", "lifetime"]);

/** Whether a commit may be good for others: its secret for this device is broken, or a chain looks different from here. */
export function isPersonal(code: string): boolean {
  return PERSONAL.has(code) || code.startsWith("chain_");
}
