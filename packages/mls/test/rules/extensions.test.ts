/** RFC 9420 §13.4, §13.5 and draft-ietf-mls-extensions: what is ignored, what is not, and GREASE. */
import { describe, expect, test } from "vitest";
import {
  appDataDictionaryExtension,
  COMPONENT,
  createCommit,
  createKeyPackage,
  decodeSafeAad,
  encodeSafeAad,
  type Extension,
  isLastResort,
  type Proposal,
  requiredCapabilitiesExtension,
} from "../../src/index.ts";
import { codeOf, keyPackageOf, must, text } from "../support/clients.ts";
import { accepted, cast, type Cast, forger, stranger, verdict } from "./cast.ts";
import { byValue, forgeApplication } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage } from "./forge-key-package.ts";

const GREASE = 0x3a3a;

/** A group in which everybody lists the same GREASE value, as may happen by chance. */
async function greasy(): Promise<Cast> {
  const scene = await cast();
  const capabilities = { versions: [1], suites: [1, GREASE], extensions: [6, GREASE], proposals: [10, GREASE], credentials: [1, GREASE] };
  for (const seat of scene.seats) {
    const made = must(createCommit(seat.state, { leaf: { capabilities } }, seat.client.context));
    seat.state = made.next;
    for (const other of scene.seats) if (other !== seat) other.state = accepted(other, made.message);
  }
  return scene;
}

describe("§13.5 GREASE", () => {
  test("counts for nothing when support is asked for", async () => {
    const { ada, bob } = await greasy();
    const by = forger(ada);
    const none = { extensions: [], proposals: [], credentials: [] };
    const inGroup = (...extensions: readonly Extension[]): Proposal => ({ kind: "groupContextExtensions", extensions });
    const lists: readonly Proposal[] = [
      inGroup({ type: GREASE, data: text("x") }),
      inGroup(requiredCapabilitiesExtension({ ...none, extensions: [GREASE] })),
      inGroup(requiredCapabilitiesExtension({ ...none, proposals: [GREASE] })),
      inGroup(requiredCapabilitiesExtension({ ...none, credentials: [GREASE] })),
      { kind: "custom", type: GREASE, data: text("x") },
    ];
    for (const proposal of lists) expect(verdict(bob, forgeCommit(by, { list: byValue(by, proposal) }))).toBe("unsupported_capability");
  });
  test("is no credential type", async () => {
    const { ada, bob } = await greasy();
    const credential = { kind: "custom" as const, type: GREASE, data: text("x") };
    expect(verdict(bob, forgeCommit(forger(ada), { leaf: (leaf) => ({ ...leaf, credential }) }))).toBe("unsupported_capability");
  });
  test("in leaves and key packages is ignored", async () => {
    const { crypto, ada, bob } = await cast();
    const eve = stranger(crypto);
    const grease = { type: GREASE, data: text("x") };
    const own = must(createKeyPackage({ suiteId: 1, identity: eve.identity, grease: true, extensions: [grease] }, eve.context));
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, { kind: "add", keyPackage: own.keyPackage }) }))).toBe("ok");
    const listed = forgeAdd(eve, {
      leaf: (leaf) => ({ ...leaf, extensions: [grease], capabilities: { ...leaf.capabilities, extensions: [GREASE] } }),
    });
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, listed) }))).toBe("ok");
  });
});

describe("§13.4 extensions of the group", () => {
  test("are supported by who is added", async () => {
    const groupExtensions = [appDataDictionaryExtension([])];
    const { crypto, ada, bob } = await cast({ group: { groupExtensions } });
    const by = forger(ada);
    const poor = forgeAdd(stranger(crypto), { options: { capabilities: { extensions: [] } } });
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, poor) }))).toBe("unsupported_capability");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, forgeAdd(stranger(crypto))) }))).toBe("ok");
  });
});

describe("application data (draft-ietf-mls-extensions)", () => {
  test("an AppDataDictionary is sorted and has each component once", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const unsorted = Uint8Array.of(6, 0, 4, 0, 0, 3, 0);
    const double = Uint8Array.of(6, 0, 4, 0, 0, 4, 0);
    for (const data of [unsorted, double]) {
      const change: Proposal = { kind: "groupContextExtensions", extensions: [{ type: 6, data }] };
      expect(verdict(bob, forgeCommit(by, { list: byValue(by, change) }))).toBe("decode_invalid");
    }
  });
  test("where the group uses Safe AAD, authenticated data is framed", async () => {
    const groupExtensions = [appDataDictionaryExtension([{ componentId: COMPONENT.safeAad, data: Uint8Array.of(0) }])];
    const { ada, bob } = await cast({ group: { groupExtensions } });
    const by = forger(ada);
    const framed = must(encodeSafeAad({ items: [{ componentId: 9, data: text("x") }], rest: text("") }));
    expect(verdict(bob, forgeApplication(by, text("x"), { authenticatedData: framed }))).toBe("ok");
    expect(verdict(bob, forgeApplication(by, text("x"), { authenticatedData: text("x") }))).toBe("invalid_content");
    expect(verdict(bob, forgeApplication(by, text("x")))).toBe("invalid_content");
    expect(verdict(bob, forgeCommit(by, { authenticatedData: text("x") }))).toBe("invalid_content");
  });
  test("Safe AAD items are sorted and each component comes once", () => {
    expect(codeOf(decodeSafeAad(Uint8Array.of(6, 0, 1, 0, 0, 2, 0)))).toBe("ok");
    expect(codeOf(decodeSafeAad(Uint8Array.of(6, 0, 2, 0, 0, 1, 0)))).toBe("decode_invalid");
    expect(codeOf(decodeSafeAad(Uint8Array.of(6, 0, 2, 0, 0, 2, 0)))).toBe("decode_invalid");
  });
  test("a key package of last resort says so", async () => {
    const { crypto } = await cast();
    const eve = stranger(crypto);
    expect(isLastResort(keyPackageOf(eve, { lastResort: true }).keyPackage)).toBe(true);
    expect(isLastResort(keyPackageOf(eve).keyPackage)).toBe(false);
    const broken = forgeOwnKeyPackage(eve, { content: (content) => ({ ...content, extensions: [{ type: 6, data: text("x") }] }) });
    expect(isLastResort(broken.keyPackage)).toBe(false);
  });
});
