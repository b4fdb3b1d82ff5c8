/** The simulated server has no HTTP: files are tested with processes of their own (apps/cli/test). */
import { createHash } from "node:crypto";
import type { Ports } from "@sotto/client";

export const NO_FILES: Pick<Ports, "http" | "createSha256"> = {
  http: { send: () => ({ answer: Promise.reject(new Error("no HTTP here")), abort: () => undefined }) },
  createSha256: () => {
    const hash = createHash("sha256");
    return { update: (bytes) => void hash.update(bytes), digest: () => new Uint8Array(hash.digest()) };
  },
};
