/** Which failures pass by themselves: the same request may be sent again later. All others are final for that request. */
const TRANSIENT: ReadonlySet<string> = new Set([
  "server_unreachable",
  "server_timeout",
  "server_busy",
  "server_read_only",
  "server_disk_full",
  "server_failed",
  "server_stopping",
  "rate_limited",
  "quota_exceeded",
  "answer_invalid",
  "login_required",
]);

export function isTransient(code: string): boolean {
  return TRANSIENT.has(code);
}
