/** RFC 9420 §5.3.1: every credential that comes into a group goes to the application first. */
import { describe, expect, test } from "vitest";
import {
  basicCredential,
  createCommit,
  createExternalCommit,
  type CredentialCheck,
  exportGroupInfo,
  externalSendersExtension,
  receiveMessage,
} from "../../src/index.ts";
import { type Client, codeOf, must, type Seat, text } from "../support/clients.ts";
import { cast, forger, stranger, suiteIn, under, verdict } from "./cast.ts";
import { byValue, forgeProposal } from "./forge.ts";
import { forgeCommit, forgeUpdate } from "./forge-commit.ts";
import { forgeAdd, forgeOwnKeyPackage } from "./forge-key-package.ts";
import { forgeWelcome, joinWith, stageOf, withJoiner } from "./forge-welcome.ts";

/** What the application is asked while a message is processed, as "purpose name (was name)". */
function asked(seat: Seat, message: Uint8Array): string[] {
  const seen: string[] = [];
  const authenticate = (request: CredentialCheck): "accept" => {
    seen.push(described(request));
    return "accept";
  };
  expect(verdict(seat, message, { authenticate })).toBe("ok");
  expect(verdict(seat, message, { authenticate: () => "reject" })).toBe("credential_rejected");
  const deferred = receiveMessage(seat.state, message, under(seat.client, { authenticate: () => "defer" }));
  expect([codeOf(deferred), deferred.ok ? [] : deferred.deferred?.map(described)]).toEqual(["credential_deferred", seen]);
  return seen;
}

function nameOf(credential: CredentialCheck["credential"] | undefined): string {
  return credential?.kind === "basic" ? new TextDecoder().decode(credential.identity) : "nobody";
}

function described({ credential, purpose, replaces }: CredentialCheck): string {
  return `${purpose} ${nameOf(credential)}${replaces === undefined ? "" : ` was ${nameOf(replaces)}`}`;
}

function renamed<T extends { readonly credential: CredentialCheck["credential"] }>(leaf: T): T {
  return { ...leaf, credential: basicCredential(text("bet")) };
}

describe("§5.3.1 the application is asked about", () => {
  test("a key package in an Add, alone and in a commit", async () => {
    const { crypto, ada, bob } = await cast();
    const by = forger(ada);
    const add = forgeAdd(stranger(crypto));
    expect(asked(bob, forgeProposal(by, add).message)).toEqual(["keyPackage eve"]);
    expect(asked(bob, forgeCommit(by, { list: byValue(by, add), pathless: true }))).toEqual(["keyPackage eve"]);
  });
  test("one who wants in, by name of its own", async () => {
    const { crypto, ada, bob } = await cast();
    const eve: Client = stranger(crypto);
    const framing = { sender: { kind: "newMemberProposal" as const }, signWith: eve.identity.signatureKeys.privateKey };
    expect(asked(bob, forgeProposal(forger(ada), forgeAdd(eve), framing).message)).toEqual(["newMember eve"]);
  });
  test("an Update, with the credential it replaces", async () => {
    const { ada, bob } = await cast();
    expect(asked(bob, forgeProposal(forger(ada), forgeUpdate(forger(ada), { leaf: renamed })).message)).toEqual(["update bet was ada"]);
  });
  test("a path, with the credential it replaces", async () => {
    const { ada, bob } = await cast();
    expect(asked(bob, forgeCommit(forger(ada), { leaf: renamed }))).toEqual(["commit bet was ada"]);
  });
  test("new external senders", async () => {
    const { crypto, ada, bob } = await cast();
    const { signatureKeys } = stranger(crypto).identity;
    const extensions = [externalSendersExtension([{ signatureKey: signatureKeys.publicKey, credential: basicCredential(text("eve")) }])];
    const by = forger(ada);
    const change = { kind: "groupContextExtensions" as const, extensions };
    expect(asked(bob, forgeProposal(by, change).message)).toEqual(["externalSender eve"]);
    expect(asked(bob, forgeCommit(by, { list: byValue(by, change) }))).toEqual(["externalSender eve", "commit ada was ada"]);
  });
  test("every member and external sender of a group that is joined", async () => {
    const { crypto, ada, bob } = await cast();
    const own = forgeOwnKeyPackage(stranger(crypto));
    const credential = basicCredential(text("sue"));
    const extensions = [externalSendersExtension([{ signatureKey: own.keyPackage.leafNode.signatureKey, credential }])];
    const welcome = forgeWelcome(withJoiner(stageOf(ada, suiteIn(crypto)), own), own, { groupContext: { extensions } });
    const seen: string[] = [];
    const context = under(bob.client, { authenticate: (request) => (seen.push(described(request)), "accept") });
    expect(codeOf(joinWith(welcome, own, { context }))).toBe("ok");
    expect(seen).toEqual(["member ada", "member bob", "member cyn", "member eve", "externalSender sue"]);
    expect(codeOf(joinWith(welcome, own, { context: under(bob.client, { authenticate: () => "reject" }) }))).toBe("credential_rejected");
  });
  test("every member of a group that is joined by an external commit", async () => {
    const { crypto, ada } = await cast();
    const seen: string[] = [];
    const eve = stranger(crypto);
    const context = under(eve, { authenticate: (request) => (seen.push(described(request)), "accept") });
    const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
    expect(codeOf(createExternalCommit({ groupInfo, identity: eve.identity }, context))).toBe("ok");
    expect(seen.slice(0, 3)).toEqual(["member ada", "member bob", "member cyn"]);
  });
  test("key packages that this client adds", async () => {
    const { crypto, ada } = await cast();
    const proposals = [forgeAdd(stranger(crypto))];
    expect(codeOf(createCommit(ada.state, { proposals }, under(ada.client, { authenticate: () => "reject" })))).toBe("credential_rejected");
  });
  test("and without an answer nobody is let in", async () => {
    const { crypto, ada, bob } = await cast();
    const message = forgeProposal(forger(ada), forgeAdd(stranger(crypto))).message;
    const { policy: _, ...bare } = bob.client.context;
    expect(codeOf(receiveMessage(bob.state, message, bare))).toBe("credential_rejected");
  });
});
