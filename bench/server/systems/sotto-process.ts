/** The server as a process of its own. Arguments: data folder, certificate, key. Prints its address; collects garbage on SIGUSR2. */
import { startServer } from "@sotto/server";
import { pino } from "pino";

const [dataFolder = "", certificateFile = "", keyFile = ""] = process.argv.slice(2);
const much = { perSecond: 1e9, burst: 1e9 };
const rates = {
  cheap: much,
  write: much,
  expensive: much,
  log: much,
  address: much,
  account: much,
  newLogsAtAddress: much,
  bytesAtAddress: much,
  strangersAtAddress: much,
  strangersToAccount: much,
};
const server = await startServer({
  dataFolder,
  port: 0,
  ...(certificateFile === "" ? {} : { tls: { certificateFile, keyFile } }),
  logger: pino({ level: "silent" }),
  limits: { ...rates, connectionsPerAddressMax: 20_000 },
});
process.stdout.write(`${server.address}\n`);
process.on("SIGUSR2", () => {
  for (let round = 0; round < 3; round++) globalThis.gc?.();
});
process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));
