/** Notices that a connection is dead although nobody has closed it: nothing at all came on it, not even the server's pings. */
import type { Socket } from "node:net";
import type { WebSocket } from "ws";

/** A server pings every 30 s (spec/log.md §Connections). */
const SILENCE_MS = 75_000;

/** Counts bytes, not messages: a large one on a slow line takes longer than this. */
export function watchSilence(socket: WebSocket, onSilent: () => void): void {
  let carrier: Socket | undefined;
  let read = 0;
  const timer = setInterval(() => {
    if (carrier === undefined) return;
    if (carrier.bytesRead === read) onSilent();
    read = carrier.bytesRead;
  }, SILENCE_MS);
  socket.on("upgrade", (response) => {
    carrier = response.socket;
  });
  socket.on("close", () => clearInterval(timer));
}
