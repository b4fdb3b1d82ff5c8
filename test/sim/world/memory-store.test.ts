import { describe } from "vitest";
import { testStore } from "@sotto/client/testing";
import { Disk, openMemoryStore } from "./memory-store.ts";

describe("the store in memory", () => {
  const disk = new Disk();
  testStore(() => Promise.resolve(openMemoryStore(disk)));
});
