/** Successors, branches, and groups that are joined twice. */
import { describe, expect, test } from "vitest";
import {
  basicCredential,
  createBranch,
  createCommit,
  createExternalCommit,
  createIdentity,
  createSuccessor,
  exportGroupInfo,
  type GroupState,
  joinGroup,
  type KeyPackage,
  type OwnKeyPackage,
  SUITE,
} from "../../src/index.ts";
import { type Client, codeOf, commitAndDeliver, groupOf, keyPackageOf, must, text } from "../support/clients.ts";
import { cast, type Cast, stranger, under } from "../rules/cast.ts";

const REINIT = { kind: "reinit" as const, groupId: text("next"), version: 1, suiteId: SUITE.x25519Aes128, extensions: [] };

/** Everybody's group, closed. */
async function closed(): Promise<Cast> {
  const scene = await cast();
  commitAndDeliver(scene.ada, [scene.bob, scene.cyn], { proposals: [REINIT] });
  return scene;
}

const packagesOf = (owns: readonly OwnKeyPackage[]): KeyPackage[] => owns.map(({ keyPackage }) => keyPackage);

function joins(person: Client, options: { welcome: Uint8Array | undefined; own: OwnKeyPackage; resumes?: GroupState }): string {
  const { welcome = text(""), own, ...rest } = options;
  return codeOf(joinGroup({ welcome, keyPackages: [own], ...rest }, person.context));
}

describe("one who expects a successor", () => {
  test("is not led into a group that anybody made under its id", async () => {
    const { crypto, bob } = await closed();
    const evil = stranger(crypto);
    const own = keyPackageOf(bob.client);
    const state = groupOf(evil, { groupId: REINIT.groupId });
    const { welcome } = must(createCommit(state, { proposals: [{ kind: "add", keyPackage: own.keyPackage }] }, evil.context));
    expect(joins(bob.client, { welcome, own, resumes: bob.state })).toBe("invalid_welcome");
    expect(joins(bob.client, { welcome, own })).toBe("ok");
  });

  test("is not led into a branch of the closed group", async () => {
    const { ada, bob } = await cast();
    const own = keyPackageOf(bob.client);
    const options = { identity: ada.client.identity, keyPackages: [own.keyPackage], groupId: text("aside") };
    const { welcome } = must(createBranch(ada.state, options, ada.client.context));
    expect(joins(bob.client, { welcome, own, resumes: bob.state })).toBe("ok");
    const resumes: GroupState = { ...bob.state, status: "closed", reinit: REINIT };
    expect(joins(bob.client, { welcome, own, resumes })).toBe("invalid_welcome");
  });

  test("finds everybody in it, and may find somebody new", async () => {
    const { crypto, ada, bob, cyn } = await closed();
    const [bobs, cyns, eves] = [bob.client, cyn.client, stranger(crypto)].map((person) => keyPackageOf(person));
    if (bobs === undefined || cyns === undefined || eves === undefined) throw new Error("three");
    const { identity, context } = ada.client;
    expect(codeOf(createSuccessor(ada.state, { identity, keyPackages: packagesOf([bobs]) }, context))).toBe("usage");
    const careless = under(ada.client, { sameClient: () => true });
    const fewer = must(createSuccessor(ada.state, { identity, keyPackages: packagesOf([bobs]) }, careless));
    expect(joins(bob.client, { welcome: fewer.welcome, own: bobs, resumes: bob.state })).toBe("invalid_welcome");
    const more = must(createSuccessor(ada.state, { identity, keyPackages: packagesOf([bobs, cyns, eves]) }, context));
    expect(joins(bob.client, { welcome: more.welcome, own: bobs, resumes: bob.state })).toBe("ok");
  });

  test("knows a client with a renewed credential by the application's word", async () => {
    const { ada, bob, cyn } = await closed();
    const renewed = must(
      createIdentity({ suiteId: bob.client.suiteId, credential: basicCredential(text("cyn, renewed")) }, cyn.client.context),
    );
    const [bobs, cyns] = [keyPackageOf(bob.client), keyPackageOf(cyn.client, { identity: renewed })];
    const sameClient = (a: { readonly kind: string }, b: { readonly kind: string }): boolean => nameOf(a) === nameOf(b);
    const options = { identity: ada.client.identity, keyPackages: packagesOf([bobs, cyns]) };
    expect(codeOf(createSuccessor(ada.state, options, ada.client.context))).toBe("usage");
    const { welcome } = must(createSuccessor(ada.state, options, under(ada.client, { sameClient })));
    const bobAs = { ...bob.client, context: under(bob.client, { sameClient }) };
    expect(joins(bob.client, { welcome, own: bobs, resumes: bob.state })).toBe("invalid_welcome");
    expect(joins(bobAs, { welcome, own: bobs, resumes: bob.state })).toBe("ok");
  });
});

function nameOf(credential: object): string {
  const { identity } = credential as { readonly identity: Uint8Array };
  return new TextDecoder().decode(identity).replace(", renewed", "");
}

test("a branch with somebody from outside is not made", async () => {
  const { crypto, ada, bob } = await cast();
  const keyPackages = packagesOf([keyPackageOf(bob.client), keyPackageOf(stranger(crypto))]);
  const options = { identity: ada.client.identity, keyPackages, groupId: text("aside") };
  expect(codeOf(createBranch(ada.state, options, ada.client.context))).toBe("usage");
});

describe("the caller's duties", () => {
  test("a group is not joined twice when the policy knows the groups of this client", async () => {
    const { crypto, ada } = await cast();
    const eve = stranger(crypto);
    const own = keyPackageOf(eve);
    const { welcome, next } = must(
      createCommit(ada.state, { proposals: [{ kind: "add", keyPackage: own.keyPackage }] }, ada.client.context),
    );
    const inIt = { ...eve, context: under(eve, { isInGroup: () => true }) };
    expect(joins(inIt, { welcome, own })).toBe("invalid_welcome");
    expect(joins(eve, { welcome, own })).toBe("ok");
    const groupInfo = must(exportGroupInfo(next, {}, ada.client.context));
    expect(codeOf(createExternalCommit({ groupInfo, identity: stranger(crypto, "eve at home").identity }, inIt.context))).toBe(
      "invalid_group_info",
    );
  });

  test("the Welcome of a commit that lost leads into an epoch that nobody else is in", async () => {
    const { crypto, ada, bob, cyn } = await cast();
    const eve = stranger(crypto);
    const own = keyPackageOf(eve);
    const lost = must(createCommit(ada.state, { proposals: [{ kind: "add", keyPackage: own.keyPackage }] }, ada.client.context));
    commitAndDeliver(bob, [ada, cyn]);
    const { state } = must(joinGroup({ welcome: lost.welcome ?? text(""), keyPackages: [own] }, eve.context));
    expect(state.context.epoch).toBe(ada.state.context.epoch);
    expect(state.secrets.epochAuthenticator).not.toEqual(ada.state.secrets.epochAuthenticator);
  });
});
