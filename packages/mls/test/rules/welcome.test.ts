/** RFC 9420 §12.4.3, §12.4.3.1: Welcome and GroupInfo. */
import { beforeAll, describe, expect, test } from "vitest";
import { createCommit, createExternalCommit, EXTENSION, joinGroup, type OwnKeyPackage } from "../../src/index.ts";
import { codeOf, keyPackageOf, must, text } from "../support/clients.ts";
import { cast, type Cast, stranger, suiteIn, under } from "./cast.ts";
import { flip } from "./forge.ts";
import { forgeOwnKeyPackage } from "./forge-key-package.ts";
import { forgeGroupInfo, forgeWelcome, joinWith, type Stage, stageOf, type WelcomeForgery, withJoiner } from "./forge-welcome.ts";

let scene: Cast;
let own: OwnKeyPackage;
let stage: Stage;

beforeAll(async () => {
  scene = await cast();
  own = forgeOwnKeyPackage(stranger(scene.crypto));
  stage = withJoiner(stageOf(scene.ada, suiteIn(scene.crypto)), own);
});

function verdict(forgery: WelcomeForgery, on: Stage = stage): string {
  return codeOf(joinWith(forgeWelcome(on, own, forgery), own, { context: scene.bob.client.context }));
}

function infoVerdict(forgery: WelcomeForgery, on: Stage = stage): string {
  const { context, identity } = stranger(scene.crypto, "late");
  return codeOf(createExternalCommit({ groupInfo: forgeGroupInfo(on, forgery), identity }, context));
}

describe("§12.4.3.1 a Welcome", () => {
  test("is good when nothing is wrong", () => {
    expect(verdict({})).toBe("ok");
    expect(infoVerdict({})).toBe("ok");
  });
  test("is for one of this client's key packages", () => {
    const other = forgeOwnKeyPackage(stranger(scene.crypto, "fay"));
    expect(codeOf(joinWith(forgeWelcome(stage, own), other, { context: scene.bob.client.context }))).toBe("welcome_not_for_us");
    expect(codeOf(joinGroup({ welcome: forgeWelcome(stage, own), keyPackages: [] }, scene.bob.client.context))).toBe("welcome_not_for_us");
    expect(verdict({ welcome: (welcome) => ({ ...welcome, secrets: [] }) })).toBe("welcome_not_for_us");
  });
  test("has the suite of the key package", () => {
    expect(verdict({ welcome: (welcome) => ({ ...welcome, suiteId: 3 }) })).toBe("welcome_not_for_us");
    expect(verdict({ welcome: (welcome) => ({ ...welcome, suiteId: 0x7777 }) })).toBe("unsupported_suite");
  });
  test("has secrets that open with the init key", () => {
    expect(
      verdict({
        welcome: (welcome) => ({
          ...welcome,
          secrets: welcome.secrets.map((entry) => ({
            ...entry,
            encryptedGroupSecrets: { ...entry.encryptedGroupSecrets, ciphertext: flip(entry.encryptedGroupSecrets.ciphertext) },
          })),
        }),
      }),
    ).toBe("decrypt_failed");
    expect(verdict({ welcome: (welcome) => ({ ...welcome, encryptedGroupInfo: flip(welcome.encryptedGroupInfo) }) })).toBe(
      "decrypt_failed",
    );
  });
  test("has a joiner secret of the length of a hash, and the one of the group info", () => {
    expect(verdict({ secrets: (secrets) => ({ ...secrets, joinerSecret: secrets.joinerSecret.subarray(1) }) })).toBe("invalid_welcome");
    expect(verdict({ secrets: (secrets) => ({ ...secrets, joinerSecret: flip(secrets.joinerSecret) }) })).toBe("decrypt_failed");
  });
  test("has PSKs that are known, with nonces of the right length", () => {
    const psk = { kind: "external" as const, id: text("psk"), nonce: new Uint8Array(32) };
    expect(verdict({ psks: [psk] })).toBe("unknown_psk");
    expect(verdict({ psks: [{ ...psk, nonce: new Uint8Array(31) }] })).toBe("invalid_psk");
    const context = under(scene.bob.client, { psk: () => new Uint8Array(32) });
    expect(codeOf(joinWith(forgeWelcome(stage, own, { psks: [psk] }), own, { context }))).toBe("ok");
    expect(codeOf(joinWith(forgeWelcome(stage, own, { psks: [{ ...psk, nonce: new Uint8Array(31) }] }), own, { context }))).toBe(
      "invalid_psk",
    );
  });
  test("has this client's leaf in the tree, the same in every byte", () => {
    const bare = stageOf(scene.ada, stage.suite);
    expect(verdict({}, bare)).toBe("invalid_welcome");
    const { client } = scene.cyn;
    const twin = keyPackageOf({
      ...client,
      identity: { ...client.identity, signatureKeys: stranger(scene.crypto).identity.signatureKeys },
    });
    expect(verdict({}, withJoiner(bare, twin))).toBe("invalid_welcome");
  });
  test("does not enter a group that this client is in", () => {
    const context = under(scene.bob.client, { isInGroup: (groupId) => groupId.length === 5 });
    expect(codeOf(joinWith(forgeWelcome(stage, own), own, { context }))).toBe("invalid_welcome");
    const options = { groupInfo: forgeGroupInfo(stage), identity: stranger(scene.crypto, "late").identity };
    expect(codeOf(createExternalCommit(options, context))).toBe("invalid_group_info");
    expect(codeOf(createExternalCommit({ ...options, resync: 1 }, context))).toBe("ok");
  });
});

describe("§12.4.3 the GroupInfo", () => {
  const both = (forgery: WelcomeForgery, on?: Stage): string[] => [verdict(forgery, on), infoVerdict(forgery, on)];

  test("is signed by the member it names", () => {
    expect(both({ signature: flip })).toEqual(["invalid_signature", "invalid_signature"]);
    expect(both({ signWith: scene.cyn.state.signaturePrivateKey })).toEqual(["invalid_signature", "invalid_signature"]);
    expect(both({}, { ...stage, signer: { ...stage.signer, leafIndex: 1 } })).toEqual(["invalid_signature", "invalid_signature"]);
  });
  test("names a leaf that is not blank", () => {
    const grown = withJoiner(stage, forgeOwnKeyPackage(stranger(scene.crypto, "fay")));
    for (const leafIndex of [5, 9, 0xffffffff]) {
      expect(both({}, { ...grown, signer: { ...stage.signer, leafIndex } })).toEqual(["unknown_sender", "unknown_sender"]);
    }
  });
  test("has the version and suite of the Welcome", () => {
    expect(both({ groupContext: { version: 2 } })).toEqual(["unsupported_version", "unsupported_version"]);
    expect(verdict({ groupContext: { suiteId: 3 } })).toBe("invalid_group_info");
  });
  test("has the right confirmation tag", () => {
    expect(verdict({ confirmationTag: flip })).toBe("invalid_confirmation_tag");
    expect(verdict({ confirmationTag: () => new Uint8Array(0) })).toBe("invalid_confirmation_tag");
  });
  test("may have extensions that nobody knows", () => {
    expect(both({ extensions: [0x1a1a, 0xeeee].map((type) => ({ type, data: text("x") })) })).toEqual(["ok", "ok"]);
  });
  test("has no extension type twice", () => {
    expect(both({ extensions: [7, 7].map((type) => ({ type, data: text("x") })) })).toEqual(["decode_invalid", "decode_invalid"]);
    expect(both({ extensions: [{ type: EXTENSION.ratchetTree, data: text("x") }] })).toEqual(["decode_invalid", "decode_invalid"]);
  });
  test("has a group context that every member and the joiner support", () => {
    const extensions = [{ type: 0xff77, data: text("x") }];
    expect(both({ groupContext: { extensions } })).toEqual(["unsupported_capability", "unsupported_capability"]);
  });
});

describe("§12.4.3.1 the path secret", () => {
  test("gives the keys that stand in the tree", async () => {
    const { crypto, ada, bob } = await cast({ names: ["ada", "bob", "cyn"], full: true });
    const joining = forgeOwnKeyPackage(stranger(crypto));
    const commit = must(createCommit(ada.state, { proposals: [{ kind: "add", keyPackage: joining.keyPackage }] }, ada.client.context));
    const after = stageOf({ ...ada, state: commit.next }, suiteIn(crypto));
    const { context } = bob.client;
    expect(codeOf(joinWith(commit.welcome ?? text(""), joining, { context }))).toBe("ok");
    expect(codeOf(joinWith(forgeWelcome(after, joining), joining, { context }))).toBe("ok");
    for (const pathSecret of [new Uint8Array(32), new Uint8Array(31), new Uint8Array(0)]) {
      expect(codeOf(joinWith(forgeWelcome(after, joining, { pathSecret }), joining, { context }))).toBe("invalid_welcome");
    }
  });
  test("is not there for a signer whose path is blank", () => {
    expect(verdict({ pathSecret: new Uint8Array(32) })).toBe("invalid_welcome");
  });
});
