/** RFC 9420 §5.1.1, §7.2, §7.3: what a leaf node must be, wherever it comes from. */
import { describe, expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  createProposal,
  type Extension,
  exportGroupInfo,
  type LeafNode,
  type Proposal,
  requiredCapabilitiesExtension,
} from "../../src/index.ts";
import type { LeafNodeContent } from "../../src/structs/leaf-node.ts";
import { codeOf, must, NOW, type Seat, text } from "../support/clients.ts";
import { accepted, at, cast, type Cast, forger, hand, stranger, suiteIn, under, verdict } from "./cast.ts";
import { byValue, flip, forgeProposal } from "./forge.ts";
import { type CommitForgery, forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage, type KeyPackageForgery } from "./forge-key-package.ts";
import { forgeGroupInfo, forgeWelcome, joinWith, type Stage, stageOf, withJoiner } from "./forge-welcome.ts";

const CUSTOM = 0xff01;
type Change = (leaf: LeafNodeContent) => LeafNodeContent;

const withCapabilities =
  (change: Partial<LeafNodeContent["capabilities"]>): Change =>
  (leaf) => ({ ...leaf, capabilities: { ...leaf.capabilities, ...change } });

/** A seat that has taken a pending proposal without looking at it: what a commit that refers to it meets then. */
function pending(
  seat: Seat,
  ...listed: readonly { proposal: Proposal; sender: { kind: "member"; leafIndex: number }; reference: Uint8Array }[]
): Seat {
  return { ...seat, state: { ...seat.state, proposals: [...seat.state.proposals, ...listed] } };
}

type Places = Record<"addMessage" | "addByValue" | "updateMessage" | "updateByReference" | "path" | "tree", string>;

/** The same change to a leaf in every place where a leaf can stand; what the receiver says to each. */
function everywhere(
  { crypto, ada, bob, cyn }: Cast,
  change: { readonly leaf?: Change; readonly signedLeaf?: (leaf: LeafNode) => LeafNode },
): Places {
  const by = forger(ada);
  const add = forgeAdd(stranger(crypto), change);
  const update = forgeProposal(by, forgeUpdate(by, change));
  const sent = {
    proposal: update.listed.proposal,
    sender: { kind: "member" as const, leafIndex: 0 },
    reference: update.listed.reference ?? new Uint8Array(0),
  };
  const suite = suiteIn(crypto);
  const odd = forgeOwnKeyPackage(stranger(crypto, "odd"), change);
  const own = forgeOwnKeyPackage(stranger(crypto, "fay"));
  const stage: Stage = withJoiner(withJoiner(stageOf(ada, suite), odd), own);
  return {
    addMessage: verdict(bob, forgeProposal(by, add).message),
    addByValue: verdict(bob, forgeCommit(by, { list: byValue(by, add) })),
    updateMessage: verdict(bob, update.message),
    updateByReference: verdict(pending(bob, sent), forgeCommit(forger(cyn), { list: [update.listed] })),
    path: verdict(bob, forgeCommit(by, change)),
    tree: codeOf(joinWith(forgeWelcome(stage, own), own, { context: bob.client.context })),
  };
}

function all(code: string): Places {
  return { addMessage: code, addByValue: code, updateMessage: code, updateByReference: code, path: code, tree: code };
}

describe("§7.3 every leaf", () => {
  test("is good when nothing is wrong", async () => {
    expect(everywhere(await cast(), {})).toEqual(all("ok"));
  });
  test("has an encryption key of the suite", async () => {
    const scene = await cast();
    expect(everywhere(scene, { leaf: (leaf) => ({ ...leaf, encryptionKey: leaf.encryptionKey.subarray(1) }) })).toEqual(all("invalid_key"));
    expect(everywhere(scene, { leaf: (leaf) => ({ ...leaf, encryptionKey: new Uint8Array(32) }) })).toEqual(all("invalid_key"));
  });
  test("has a signature key of the suite", async () => {
    const scene = await cast();
    expect(everywhere(scene, { leaf: (leaf) => ({ ...leaf, signatureKey: new Uint8Array(65).fill(4) }) })).toEqual(all("invalid_key"));
    expect(everywhere(scene, { leaf: (leaf) => ({ ...leaf, signatureKey: new Uint8Array(0) }) })).toEqual(all("invalid_key"));
  });
  test("carries a signature by its own key over all its content", async () => {
    const scene = await cast();
    expect(everywhere(scene, { signedLeaf: (leaf) => ({ ...leaf, signature: flip(leaf.signature) }) })).toEqual(all("invalid_signature"));
    const relabel = (leaf: LeafNode): LeafNode => ({ ...leaf, credential: { kind: "basic", identity: text("somebody else") } });
    expect(everywhere(scene, { signedLeaf: relabel })).toEqual(all("invalid_signature"));
  });
  test("supports MLS 1.0 and the group's suite", async () => {
    const scene = await cast();
    expect(everywhere(scene, { leaf: withCapabilities({ versions: [2] }) })).toEqual(all("invalid_leaf"));
    expect(everywhere(scene, { leaf: withCapabilities({ suites: [2, 3] }) })).toEqual(all("invalid_leaf"));
  });
  test("lists the type of its own credential", async () => {
    expect(everywhere(await cast(), { leaf: withCapabilities({ credentials: [2] }) })).toEqual(all("invalid_leaf"));
  });
  test("lists the types of its own extensions, default ones apart", async () => {
    const scene = await cast();
    const withExtension =
      (type: number): Change =>
      (leaf) => ({ ...leaf, extensions: [{ type, data: text("x") }] });
    expect(everywhere(scene, { leaf: withExtension(CUSTOM) })).toEqual(all("invalid_leaf"));
    expect(everywhere(scene, { leaf: withExtension(1) })).toEqual(all("ok"));
    const listed: Change = (leaf) => withCapabilities({ extensions: [CUSTOM] })(withExtension(CUSTOM)(leaf));
    expect(everywhere(scene, { leaf: listed })).toEqual(all("ok"));
  });
  test("supports every credential type in use, and every member its own", async () => {
    const scene = await cast();
    const custom: Change = (leaf) => ({
      ...withCapabilities({ credentials: [1, CUSTOM] })(leaf),
      credential: { kind: "custom", type: CUSTOM, data: text("x") },
    });
    const alone: Change = (leaf) => withCapabilities({ credentials: [CUSTOM] })(custom(leaf));
    for (const leaf of [custom, alone]) {
      const seen = everywhere(scene, { leaf });
      expect([seen.addByValue, seen.updateByReference, seen.path, seen.tree]).toEqual(
        Array.from({ length: 4 }, () => "unsupported_capability"),
      );
    }
  });
  test("has no extension type twice", async () => {
    const twice = [1, 1].map((type): Extension => ({ type, data: text("x") }));
    const { updateByReference: _, ...seen } = everywhere(await cast(), { leaf: (leaf) => ({ ...leaf, extensions: twice }) });
    expect(new Set(Object.values(seen))).toEqual(new Set(["decode_invalid"]));
  });
});

describe("§7.2, §13.5 unknown values", () => {
  test("in capabilities are ignored", async () => {
    const odd = [0x0a0a, 0xdada, 0xeeee];
    const change: Change = (leaf) => {
      const { versions, suites, extensions, proposals, credentials } = leaf.capabilities;
      return withCapabilities({
        versions: [...versions, ...odd],
        suites: [...suites, ...odd],
        extensions: [...extensions, ...odd],
        proposals: [...proposals, ...odd],
        credentials: [...credentials, ...odd],
      })(leaf);
    };
    expect(everywhere(await cast(), { leaf: change })).toEqual(all("ok"));
  });
});

describe("§7.3 required capabilities", () => {
  const needs = [
    { extensions: [CUSTOM], proposals: [], credentials: [] },
    { extensions: [], proposals: [CUSTOM], credentials: [] },
    { extensions: [], proposals: [], credentials: [CUSTOM] },
  ];
  const able = { extensions: [CUSTOM, 6], proposals: [CUSTOM, 10], credentials: [1, CUSTOM] };

  test("are listed by every leaf that comes in", async () => {
    for (const required of needs) {
      const scene = await cast({ group: { capabilities: able } });
      const { crypto, ada, bob, cyn } = scene;
      const groupExtensions = [requiredCapabilitiesExtension(required)];
      for (const seat of [ada, bob, cyn]) seat.state = { ...seat.state, context: { ...seat.state.context, extensions: groupExtensions } };
      const by = forger(ada);
      const poor = forgeAdd(stranger(crypto));
      expect(verdict(bob, forgeCommit(by, { list: byValue(by, poor) }))).toBe("unsupported_capability");
    }
  });
  test("are listed by an updated leaf, by reference and in a path", async () => {
    const { ada, bob, cyn } = await requiring(able);
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { leaf: withCapabilities({ proposals: [] }) }))).toBe("unsupported_capability");
    const update = forgeProposal(by, forgeUpdate(by, { leaf: withCapabilities({ extensions: [] }) }));
    hand(bob, update.message);
    expect(verdict(bob, forgeCommit(forger(cyn), { list: [update.listed] }))).toBe("unsupported_capability");
  });
  test("are listed by every leaf of the tree that a joiner gets", async () => {
    const { crypto, ada, bob } = await cast();
    const own = forgeOwnKeyPackage(stranger(crypto));
    const suite = suiteIn(crypto);
    for (const required of needs) {
      const extensions = [requiredCapabilitiesExtension(required)];
      const welcome = forgeWelcome(withJoiner(stageOf(ada, suite), own), own, { groupContext: { extensions } });
      expect(codeOf(joinWith(welcome, own, { context: bob.client.context }))).toBe("unsupported_capability");
    }
  });

  async function requiring(capabilities: typeof able): Promise<Cast> {
    const scene = await cast();
    const { ada, bob, cyn } = scene;
    for (const seat of scene.seats) {
      const result = must(
        createCommit(seat.state, { leaf: { capabilities: { versions: [1], suites: [1], ...capabilities } } }, seat.client.context),
      );
      seat.state = result.next;
      for (const other of scene.seats) if (other !== seat) other.state = accepted(other, result.message);
    }
    const extensions = [requiredCapabilitiesExtension({ extensions: [CUSTOM], proposals: [CUSTOM], credentials: [CUSTOM] })];
    const change = must(createCommit(ada.state, { proposals: [{ kind: "groupContextExtensions", extensions }] }, ada.client.context));
    ada.state = change.next;
    for (const seat of [bob, cyn]) seat.state = accepted(seat, change.message);
    return scene;
  }
});

describe("§7.3 source", () => {
  const source =
    (kind: "keyPackage" | "update" | "commit"): Change =>
    (leaf) => ({
      ...leaf,
      source:
        kind === "keyPackage"
          ? { kind, lifetime: { notBefore: 0n, notAfter: 1n << 40n } }
          : kind === "commit"
            ? { kind, parentHash: new Uint8Array(0) }
            : { kind },
    });
  const leafPosition = { groupId: text("group"), leafIndex: 3 };

  test("of a key package's leaf is key_package", async () => {
    const { crypto, ada, bob } = await cast();
    const by = forger(ada);
    for (const kind of ["update", "commit"] as const) {
      const add = forgeAdd(stranger(crypto), { leaf: source(kind), leafPosition });
      expect(verdict(bob, forgeProposal(by, add).message)).toBe("invalid_key_package");
      expect(verdict(bob, forgeCommit(by, { list: byValue(by, add) }))).toBe("invalid_key_package");
    }
  });
  test("of an Update's leaf is update", async () => {
    const { ada, bob } = await cast();
    for (const kind of ["keyPackage", "commit"] as const) {
      expect(verdict(bob, forgeProposal(forger(ada), forgeUpdate(forger(ada), { leaf: source(kind) })).message)).toBe("invalid_leaf");
    }
  });
  test("of a path's leaf is commit", async () => {
    const { ada, bob } = await cast();
    for (const kind of ["keyPackage", "update"] as const) {
      expect(verdict(bob, forgeCommit(forger(ada), { leaf: source(kind) }))).toBe("invalid_leaf");
    }
  });
  test("update or commit: the signature covers group and place", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    for (const position of [{ groupId: text("other") }, { leafIndex: 2 }]) {
      expect(verdict(bob, forgeProposal(by, forgeUpdate(by, { leafPosition: position })).message)).toBe("invalid_signature");
      expect(verdict(bob, forgeCommit(by, { leafPosition: position }))).toBe("invalid_signature");
    }
  });
});

describe("§7.3, §16.7 keys are unique", () => {
  const reuse = (scene: Cast, key: "encryptionKey" | "signatureKey", from: Seat): Change => {
    const taken = scene.ada.state.tree.leaf(from.state.ownLeafIndex);
    return (leaf) => ({ ...leaf, [key]: taken?.[key] ?? leaf[key] });
  };
  test("an encryption key stands in one leaf", async () => {
    const scene = await cast();
    const seen = everywhere(scene, { leaf: reuse(scene, "encryptionKey", scene.cyn) });
    expect([seen.addByValue, seen.path, seen.tree]).toEqual(["duplicate_key", "duplicate_key", "duplicate_key"]);
    const update = forgeProposal(forger(scene.ada), forgeUpdate(forger(scene.ada), { leaf: reuse(scene, "encryptionKey", scene.bob) }));
    hand(scene.bob, update.message);
    expect(verdict(scene.bob, forgeCommit(forger(scene.cyn), { list: [update.listed] }))).toBe("duplicate_key");
  });
  test("a signature key stands in one leaf", async () => {
    const scene = await cast();
    const { ada, bob, cyn, crypto } = scene;
    const by = forger(ada);
    const asCyn: KeyPackageForgery = { leaf: reuse(scene, "signatureKey", cyn) };
    const eve = {
      ...stranger(crypto),
      identity: { ...stranger(crypto).identity, signatureKeys: { ...cyn.client.identity.signatureKeys } },
    };
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, forgeAdd(eve, asCyn)) }))).toBe("duplicate_key");
    const path: CommitForgery = { leaf: reuse(scene, "signatureKey", cyn), leafSignWith: cyn.state.signaturePrivateKey };
    expect(verdict(bob, forgeCommit(by, path))).toBe("duplicate_key");
  });
  test("an encryption key does not stand in a parent as well", async () => {
    const scene = await cast({ full: true });
    const top = scene.ada.state.tree.encryptionKey(scene.ada.state.tree.root);
    if (top === undefined) throw new Error("blank root");
    const by = forger(scene.ada);
    const add = forgeAdd(stranger(scene.crypto), { leaf: (leaf) => ({ ...leaf, encryptionKey: top }) });
    expect(verdict(scene.bob, forgeCommit(by, { list: byValue(by, add), pathless: true }))).toBe("duplicate_key");
  });
  test("an Update brings another encryption key than the leaf had", async () => {
    const scene = await cast();
    const by = forger(scene.ada);
    const same = reuse(scene, "encryptionKey", scene.ada);
    expect(verdict(scene.bob, forgeProposal(by, forgeUpdate(by, { leaf: same })).message)).toBe("invalid_leaf");
    expect(verdict(scene.bob, forgeCommit(by, { leaf: same }))).toBe("invalid_leaf");
  });
});

describe("§7.2, §7.3 lifetime", () => {
  const span = (notBefore: number, notAfter: number) => ({ notBefore: BigInt(notBefore), notAfter: BigInt(notAfter) });
  const past = span(NOW - 20, NOW - 10);
  const future = span(NOW + 10, NOW + 20);

  test("what this client adds is valid now", async () => {
    const { crypto, ada } = await cast();
    for (const lifetime of [past, future]) {
      const { keyPackage } = forgeOwnKeyPackage(stranger(crypto), { options: { lifetime } });
      const proposal = { kind: "add" as const, keyPackage };
      expect(codeOf(createCommit(ada.state, { proposals: [proposal] }, ada.client.context))).toBe("lifetime");
      expect(codeOf(createProposal(ada.state, { proposal }, ada.client.context))).toBe("lifetime");
    }
  });
  test("what others add is checked where the policy says so", async () => {
    const { crypto, ada, bob } = await cast();
    const by = forger(ada);
    for (const lifetime of [past, future]) {
      const add = forgeAdd(stranger(crypto), { options: { lifetime } });
      const messages = [forgeProposal(by, add).message, forgeCommit(by, { list: byValue(by, add) })];
      expect(messages.map((message) => verdict(bob, message))).toEqual(["ok", "ok"]);
      expect(messages.map((message) => verdict(bob, message, { checkReceivedLifetimes: true }))).toEqual(["lifetime", "lifetime"]);
    }
  });
  test("a leaf that is valid for longer than the policy allows is refused", async () => {
    const { crypto, ada, bob } = await cast();
    const by = forger(ada);
    const policy = { lifetimeSecondsMax: 1_000 };
    const long = forgeAdd(stranger(crypto), { options: { lifetime: span(NOW, NOW + 1_001) } });
    const short = forgeAdd(stranger(crypto), { options: { lifetime: span(NOW, NOW + 1_000) } });
    expect(verdict(bob, forgeProposal(by, long).message, policy)).toBe("lifetime");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, long) }), policy)).toBe("lifetime");
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, short) }), policy)).toBe("ok");
    expect(codeOf(createCommit(bob.state, { proposals: [long] }, under(bob.client, policy)))).toBe("lifetime");
  });
  test("a tree with a leaf that is valid for too long is refused", async () => {
    const { crypto, ada, bob } = await cast();
    const suite = suiteIn(crypto);
    const own = forgeOwnKeyPackage(stranger(crypto), { options: { lifetime: span(NOW, NOW + 10) } });
    const stage = withJoiner(stageOf(ada, suite), own);
    const policy = { lifetimeSecondsMax: 1_000 };
    expect(codeOf(joinWith(forgeWelcome(stage, own), own, { context: under(bob.client, policy) }))).toBe("lifetime");
    const options = { groupInfo: forgeGroupInfo(stage), identity: bob.client.identity };
    expect(codeOf(createExternalCommit(options, under(bob.client, policy)))).toBe("lifetime");
    expect(
      codeOf(
        createExternalCommit(
          { ...options, groupInfo: must(exportGroupInfo(at([ada], 0).state, {}, ada.client.context)) },
          under(bob.client, policy),
        ),
      ),
    ).toBe("lifetime");
  });
});
