/** A server as a process of its own, for tests that kill it. Prints its address. Arguments: data folder, port. */
import { pino } from "pino";
import { startServer } from "../src/index.ts";

const [dataFolder = "", port = "0"] = process.argv.slice(2);
const logger = pino({ level: "silent" });
const server = await startServer({ dataFolder, port: Number(port), logger });
process.stdout.write(`${server.address}\n`);
process.on("SIGTERM", () => void server.close().then(() => process.exit(0)));
