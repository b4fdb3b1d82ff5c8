/** RFC 9420 §8.4, §8.6, §12.1.4: pre-shared keys. */
import { describe, expect, test } from "vitest";
import { type Proposal, type PskId, resumptionPskId } from "../../src/index.ts";
import { must, text } from "../support/clients.ts";
import { accepted, cast, forger, hand, verdict } from "./cast.ts";
import { byValue, forgeProposal } from "./forge.ts";
import { forgeCommit } from "./forge-commit.ts";

const SECRET = new Uint8Array(32).fill(5);
const POLICY = { psk: (): Uint8Array => SECRET };

function external(nonce: Uint8Array, id = "psk"): PskId {
  return { kind: "external", id: text(id), nonce };
}

function asProposal(...ids: readonly PskId[]): Proposal[] {
  return ids.map((psk) => ({ kind: "psk", psk }));
}

async function both(psk: PskId): Promise<string[]> {
  const { ada, bob } = await cast({ policy: POLICY });
  const by = forger(ada);
  const proposals = asProposal(psk);
  return [
    ...proposals.map((proposal) => verdict(bob, forgeProposal(by, proposal).message)),
    verdict(bob, forgeCommit(by, { list: byValue(by, ...proposals), psk: () => SECRET })),
    verdict(bob, forgeCommit(by, { list: byValue(by, ...proposals), psk: () => SECRET, pathless: true })),
  ];
}

describe("§12.1.4 a PSK proposal", () => {
  test("is good when nothing is wrong", async () => {
    expect(await both(external(new Uint8Array(32)))).toEqual(["ok", "ok", "ok"]);
  });
  test("has a nonce of the length of a hash", async () => {
    for (const length of [0, 31, 33]) {
      expect(await both(external(new Uint8Array(length)))).toEqual(["invalid_psk", "invalid_psk", "invalid_psk"]);
    }
  });
  test("has neither usage reinit nor branch", async () => {
    for (const usage of ["reinit", "branch"] as const) {
      const psk: PskId = { kind: "resumption", usage, groupId: text("group"), epoch: 1n, nonce: new Uint8Array(32) };
      expect(await both(psk)).toEqual(["invalid_psk", "invalid_psk", "invalid_psk"]);
    }
  });
});

describe("§12.4.2 PSKs of a commit", () => {
  test("are known", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(external(new Uint8Array(32)))) }))).toBe("unknown_psk");
    const other: PskId = { kind: "resumption", usage: "application", groupId: text("other"), epoch: 1n, nonce: new Uint8Array(32) };
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(other)) }))).toBe("unknown_psk");
  });
  test("are those of the group's own epochs, where they are kept", async () => {
    const { ada, bob } = await cast();
    const by = forger(ada);
    const id = must(resumptionPskId(ada.state, ada.client.context));
    const psk = (): Uint8Array => ada.state.secrets.resumptionPsk;
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(id)), psk }))).toBe("ok");
    const gone: PskId = { kind: "resumption", usage: "application", groupId: text("group"), epoch: 0n, nonce: new Uint8Array(32) };
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(gone)), psk }))).toBe("unknown_psk");
  });
  test("enter the key schedule in the order of the list", async () => {
    const { ada, bob } = await cast({ policy: { psk: (id) => (id.kind === "external" ? id.id : undefined) } });
    const by = forger(ada);
    const ids = [external(new Uint8Array(32), "one"), external(new Uint8Array(32), "two")];
    const psk = (id: PskId): Uint8Array => (id.kind === "external" ? id.id : new Uint8Array(0));
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(...ids)), psk }))).toBe("ok");
    const swapped = (id: PskId): Uint8Array => (psk(id)[0] === 0x6f ? text("two") : text("one"));
    expect(verdict(bob, forgeCommit(by, { list: byValue(by, ...asProposal(...ids)), psk: swapped }))).toBe("invalid_confirmation_tag");
  });
  test("with the wrong secret give another confirmation tag", async () => {
    const { ada, bob } = await cast({ policy: POLICY });
    const by = forger(ada);
    const list = byValue(by, ...asProposal(external(new Uint8Array(32))));
    expect(verdict(bob, forgeCommit(by, { list, psk: () => new Uint8Array(32) }))).toBe("invalid_confirmation_tag");
  });
  test("by reference are held to the same rules", async () => {
    const { ada, bob } = await cast({ policy: POLICY });
    const by = forger(ada);
    const sent = forgeProposal(by, { kind: "psk", psk: external(new Uint8Array(32)) });
    hand(bob, sent.message);
    expect(verdict(bob, forgeCommit(by, { list: [sent.listed], psk: () => SECRET }))).toBe("ok");
    expect(verdict(bob, forgeCommit(by, { list: [sent.listed], psk: () => SECRET }), { psk: () => undefined })).toBe("unknown_psk");
    expect(accepted(bob, forgeCommit(by, { list: [sent.listed], psk: () => SECRET })).context.epoch).toBe(by.state.context.epoch + 1n);
  });
});
