/** RFC 9420 §11.2, §11.3: groups that resume another one. */
import { describe, expect, test } from "vitest";
import {
  createCommit,
  createSuccessor,
  type GroupContext,
  type GroupState,
  joinGroup,
  type OwnKeyPackage,
  type PskId,
  SUITE,
} from "../../src/index.ts";
import { resumptionSecret } from "../../src/group/state.ts";
import { codeOf, keyPackageOf, must, type Seat, text } from "../support/clients.ts";
import { accepted, cast, type Cast, stranger, suiteIn, verdict } from "./cast.ts";
import { RatchetTree } from "../../src/tree/ratchet-tree.ts";
import { forgeWelcome, type Stage, type WelcomeForgery } from "./forge-welcome.ts";
import { forgeApplication } from "./forge.ts";

const EXTENSIONS = [{ type: 1, data: text("new") }];
const REINIT = { kind: "reinit" as const, groupId: text("next"), version: 1, suiteId: SUITE.x25519Aes128, extensions: EXTENSIONS };

type Old = Cast & { readonly packages: readonly OwnKeyPackage[]; readonly stage: Stage };

/** A group of three, closed by a ReInit, and Ada's stage for the new group with fresh leaves of everybody. */
async function closed(): Promise<Old> {
  const scene = await cast();
  const { ada, bob, cyn } = scene;
  const commit = must(createCommit(ada.state, { proposals: [REINIT] }, ada.client.context));
  ada.state = commit.next;
  for (const seat of [bob, cyn]) seat.state = accepted(seat, commit.message);
  return { ...scene, ...fresh(scene, [ada, bob, cyn]) };
}

function fresh(scene: Cast, seats: readonly Pick<Seat, "client">[]): Pick<Old, "packages" | "stage"> {
  const packages = seats.map(({ client }) => keyPackageOf(client));
  const [first, ...rest] = packages;
  if (first === undefined) throw new Error("nobody");
  const tree = new RatchetTree([{ kind: "leaf", leaf: first.keyPackage.leafNode }]);
  for (const { keyPackage } of rest) tree.add(keyPackage.leafNode);
  const { context, identity } = (seats[0] as Seat).client;
  return {
    packages,
    stage: { suite: suiteIn(scene.crypto), context, tree, signer: { leafIndex: 0, privateKey: identity.signatureKeys.privateKey } },
  };
}

function resuming(state: GroupState, usage: "reinit" | "branch", change: Partial<Extract<PskId, { kind: "resumption" }>> = {}): PskId {
  return { kind: "resumption", usage, groupId: state.context.groupId, epoch: state.context.epoch, nonce: new Uint8Array(32), ...change };
}

/** What Bob says to a Welcome that resumes his group. */
function bobSays(
  old: Old,
  forgery: WelcomeForgery & { readonly psks: readonly PskId[] },
  resumes: GroupState | undefined = old.bob.state,
): string {
  const psk = (id: PskId): Uint8Array =>
    (id.kind === "resumption" ? resumptionSecret(old.bob.state, id.epoch) : undefined) ?? new Uint8Array(32);
  const welcome = forgeWelcome(old.stage, old.packages[1] as OwnKeyPackage, { psk, ...forgery });
  const options = { welcome, keyPackages: old.packages.slice(1, 2), ...(resumes && { resumes }) };
  return codeOf(joinGroup(options, old.bob.client.context));
}

const announced: Partial<GroupContext> = { groupId: text("next"), extensions: EXTENSIONS };

describe("§11.2 after a ReInit", () => {
  test("the successor is good when nothing is wrong", async () => {
    const old = await closed();
    const psks = [resuming(old.bob.state, "reinit")];
    expect(bobSays(old, { psks, groupContext: announced })).toBe("ok");
    const made = must(
      createSuccessor(
        old.cyn.state,
        { identity: old.cyn.client.identity, keyPackages: old.packages.slice(0, 2).map(({ keyPackage }) => keyPackage) },
        old.cyn.client.context,
      ),
    );
    expect(
      codeOf(
        joinGroup(
          { welcome: made.welcome ?? text(""), keyPackages: old.packages.slice(1, 2), resumes: old.bob.state },
          old.bob.client.context,
        ),
      ),
    ).toBe("ok");
  });
  test("the group id, suite and extensions are those of the ReInit", async () => {
    const old = await closed();
    const psks = [resuming(old.bob.state, "reinit")];
    expect(bobSays(old, { psks, groupContext: { ...announced, groupId: text("other") } })).toBe("invalid_welcome");
    expect(bobSays(old, { psks, groupContext: { ...announced, extensions: [] } })).toBe("invalid_welcome");
    const other = { ...old.bob.state, reinit: { ...REINIT, suiteId: SUITE.x25519ChaCha20 } };
    expect(bobSays(old, { psks, groupContext: announced }, other)).toBe("invalid_welcome");
    const later = { ...old.bob.state, reinit: { ...REINIT, version: 2 } };
    expect(bobSays(old, { psks, groupContext: announced }, later)).toBe("invalid_welcome");
  });
  test("the epoch is 1", async () => {
    const old = await closed();
    const psks = [resuming(old.bob.state, "reinit")];
    for (const epoch of [0n, 2n]) expect(bobSays(old, { psks, groupContext: { ...announced, epoch } })).toBe("invalid_welcome");
  });
  test("the PSK is of the epoch after the ReInit, and of the old group", async () => {
    const old = await closed();
    const { epoch } = old.bob.state.context;
    expect(bobSays(old, { psks: [resuming(old.bob.state, "reinit", { epoch: epoch - 1n })], groupContext: announced })).toBe(
      "invalid_welcome",
    );
    const elsewhere = resuming(old.bob.state, "reinit", { groupId: text("elsewhere") });
    expect(bobSays(old, { psks: [elsewhere], groupContext: announced })).toBe("unknown_psk");
  });
  test("the Welcome names the PSK", async () => {
    expect(bobSays(await closed(), { psks: [], groupContext: announced })).toBe("invalid_welcome");
  });
  test("the PSK is the only one of its kind", async () => {
    const old = await closed();
    const one = resuming(old.bob.state, "reinit");
    expect(bobSays(old, { psks: [one, { ...one, nonce: new Uint8Array(32).fill(1) }], groupContext: announced })).toBe("invalid_welcome");
    expect(bobSays(old, { psks: [one, resuming(old.bob.state, "branch")], groupContext: announced })).toBe("invalid_welcome");
  });
  test("the last commit of the old group was a ReInit", async () => {
    const scene = await cast();
    const old = { ...scene, ...fresh(scene, scene.seats) };
    expect(bobSays(old, { psks: [resuming(old.bob.state, "reinit")], groupContext: announced })).toBe("invalid_welcome");
  });
  test("all members of the old group are in the new one", async () => {
    const old = await closed();
    const fewer = { ...old, ...fresh(old, [old.ada, old.bob]) };
    expect(bobSays(fewer, { psks: [resuming(old.bob.state, "reinit")], groupContext: announced })).toBe("invalid_welcome");
  });
  test("who does not know the old group does not join", async () => {
    const old = await closed();
    const psks = [resuming(old.bob.state, "reinit")];
    const welcome = forgeWelcome(old.stage, old.packages[1] as OwnKeyPackage, { psks, groupContext: announced });
    expect(codeOf(joinGroup({ welcome, keyPackages: old.packages }, old.bob.client.context))).toBe("unknown_psk");
  });
  test("the old group takes no handshake message any more", async () => {
    const old = await closed();
    expect(codeOf(createCommit(old.bob.state, {}, old.bob.client.context))).toBe("group_inactive");
    const by = { state: old.ada.state, context: old.ada.client.context };
    expect(verdict(old.bob, forgeApplication(by, text("late")))).toBe("ok");
  });
});

describe("§11.3 a branch", () => {
  async function branched(seats?: (scene: Cast) => readonly Pick<Seat, "client">[]): Promise<Old> {
    const scene = await cast();
    return { ...scene, ...fresh(scene, seats?.(scene) ?? [scene.ada, scene.bob]) };
  }
  const groupContext = { groupId: text("branch") };

  test("is good when nothing is wrong", async () => {
    const old = await branched();
    expect(bobSays(old, { psks: [resuming(old.bob.state, "branch")], groupContext })).toBe("ok");
  });
  test("has epoch 1", async () => {
    const old = await branched();
    expect(bobSays(old, { psks: [resuming(old.bob.state, "branch")], groupContext: { ...groupContext, epoch: 2n } })).toBe(
      "invalid_welcome",
    );
  });
  test("has the suite and version of its parent", async () => {
    const old = await branched();
    const { context } = old.bob.state;
    for (const change of [{ suiteId: SUITE.x25519ChaCha20 }, { version: 2 }]) {
      const parent = { ...old.bob.state, context: { ...context, ...change } };
      expect(bobSays(old, { psks: [resuming(old.bob.state, "branch")], groupContext }, parent)).toBe("invalid_welcome");
    }
  });
  test("has members of its parent only", async () => {
    const old = await branched(({ ada, bob, crypto }) => [ada, bob, { client: stranger(crypto) }]);
    expect(bobSays(old, { psks: [resuming(old.bob.state, "branch")], groupContext })).toBe("invalid_welcome");
  });
  test("names the group it branches from", async () => {
    const old = await branched();
    expect(bobSays(old, { psks: [], groupContext })).toBe("invalid_welcome");
    const psks = [resuming(old.bob.state, "branch")];
    const elsewhere = { ...old.bob.state, context: { ...old.bob.state.context, groupId: text("elsewhere") } };
    expect(bobSays(old, { psks }, elsewhere)).toBe("unknown_psk");
  });
});
