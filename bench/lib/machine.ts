/** The line that says where and when something was measured. */
import { cpus, loadavg, release, type } from "node:os";

export function machineLine(): string {
  const [first] = cpus();
  const load = loadavg()
    .map((average) => average.toFixed(1))
    .join(" ");
  const day = new Date().toISOString().slice(0, 16).replace("T", " ");
  return `${day} UTC; ${String(cpus().length)} × ${first?.model ?? "processor"}; ${type()} ${release()}; Node.js ${process.versions.node}; load before ${load}`;
}
