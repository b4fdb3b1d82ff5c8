/**
 * Writes a synthetic export, of any size, from a seed:
 *
 *   node bench/generate/main.ts instagram OUT.zip --conversations 400 --messages 2500 --photo-once 50 --photo-bytes 100000 --seed 1
 */
import { parseArgs } from "node:util";
import { generateInstagram, writeZip } from "@sotto/archive/testing";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    conversations: { type: "string", default: "10" },
    messages: { type: "string", default: "1000" },
    "photo-once": { type: "string", default: "0" },
    "photo-bytes": { type: "string", default: "2000" },
  },
});
const [service, out] = positionals;
if (service !== "instagram" || out === undefined) throw new Error("usage: main.ts instagram OUT.zip [options]");
await writeZip(
  out,
  generateInstagram({
    seed: Number(values.seed),
    conversations: Number(values.conversations),
    messagesEach: Number(values.messages),
    photoOnce: Number(values["photo-once"]),
    photoBytes: Number(values["photo-bytes"]),
  }),
);
