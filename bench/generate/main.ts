/**
 * Writes a synthetic export, of any size, from a seed:
 *
 *   node bench/generate/main.ts instagram OUT.zip --conversations 400 --messages 2500 --photo-once 50 --photo-bytes 100000 --seed 1
 *   node bench/generate/main.ts telegram OUT.json --conversations 40 --messages 100000       # one file, of any length, without photos
 */
import { open } from "node:fs/promises";
import { parseArgs } from "node:util";
import { GENERATORS, telegramPieces, writeZip } from "@sotto/archive/testing";

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
const [service = "", out] = positionals;
const generate = GENERATORS[service];
if (generate === undefined || out === undefined) {
  throw new Error(
    `usage: main.ts ${Object.keys(GENERATORS).join("|")} OUT.zip [--conversations N] [--messages N] [--photo-once N] [--seed N]`,
  );
}
const size = {
  seed: Number(values.seed),
  conversations: Number(values.conversations),
  messagesEach: Number(values.messages),
  photoOnce: Number(values["photo-once"]),
  photoBytes: Number(values["photo-bytes"]),
};
if (service === "telegram" && out.endsWith(".json")) {
  const file = await open(out, "w");
  for (const piece of telegramPieces(size)) await file.write(piece);
  await file.close();
} else await writeZip(out, generate(size));
