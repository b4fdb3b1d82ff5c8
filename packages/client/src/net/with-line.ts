/** A connection for a few requests of a device that has no account yet. */
import { ClientError } from "../client-error.ts";
import type { Ports } from "../ports.ts";
import { Line } from "./line.ts";

const READY_MS = 20_000;

/** Throws `server_unreachable` if there is no connection in time. The line comes back by itself as long as `use` runs. */
export async function withLine<T>(ports: Ports, kind: "account" | "anonymous", use: (line: Line) => Promise<T>): Promise<T> {
  let ready: () => void = () => undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const line = new Line(ports, kind, {
    onHello: () => Promise.resolve(true),
    onReady: () => ready(),
    onPush: () => undefined,
    onLost: () => undefined,
  });
  line.start();
  let cancel: () => void = () => undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    cancel = ports.clock.after(READY_MS, () => reject(new ClientError("server_unreachable")));
  });
  try {
    await Promise.race([isReady, tooLate]);
    cancel();
    return await use(line);
  } finally {
    cancel();
    line.stop();
  }
}
