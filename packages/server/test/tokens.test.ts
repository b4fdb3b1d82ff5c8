/** Anonymous tokens: issued to an account, spent by nobody in particular, once. */
import { randomBytes } from "node:crypto";
import { ristretto255_oprf } from "@noble/curves/ed25519.js";
import type { AnonymousToken } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { createBlob, newBlob, problemOf, statusOf } from "./support/blobs.ts";
import { connect, type TestConnection } from "./support/connection.ts";
import { hashesOf, newLogId } from "./support/logs.ts";
import { TestPerson } from "./support/people.ts";
import { started } from "./support/started.ts";

const { voprf } = ristretto255_oprf;

/** What a client does (RFC 9497 §3.3.2). */
async function fetchTokens(account: TestConnection, count: number): Promise<AnonymousToken[]> {
  const { key, publicKey } = await account.request("tokens.key", {});
  const blinds = Array.from({ length: count }, () => {
    const nonce = new Uint8Array(randomBytes(32));
    return { nonce, ...voprf.blind(nonce) };
  });
  const { evaluated, proof } = await account.request("tokens.issue", { key, blinded: blinds.map(({ blinded }) => blinded) });
  const items = blinds.map(({ nonce, blind, blinded }, index) => ({ input: nonce, blind, blinded, evaluated: evaluated[index] ?? nonce }));
  const outputs = voprf.finalizeBatch(items, publicKey, proof);
  return blinds.map(({ nonce }, index) => ({ key, nonce, output: outputs[index] ?? nonce }));
}

describe("anonymous tokens", () => {
  test("pay for one log each, and for the same request again", async () => {
    const { address } = await started({ paymentRequired: true });
    const account = await new TestPerson().register(address);
    const [one, two] = await fetchTokens(account, 2);
    if (one === undefined || two === undefined) throw new Error("two were asked for");
    const { connection, hello } = await connect(address, "anonymous");
    expect(hello.paymentRequired).toBe(true);
    const create = (log = newLogId(), payment: AnonymousToken[] = []) => ({ log, epoch: 0, hashes: hashesOf(log, 0), payment });
    expect(await connection.refusal("log.create", create())).toBe("payment_required");
    const first = create(undefined, [one]);
    expect(await connection.request("log.create", first)).toEqual({ outcome: "created" });
    expect(await connection.request("log.create", first)).toEqual({ outcome: "exists" });
    expect(await connection.refusal("log.create", create(undefined, [one]))).toBe("payment_spent");
    expect(await connection.refusal("log.create", create(undefined, [{ ...two, output: one.output }]))).toBe("payment_invalid");
    expect(await connection.refusal("log.create", create(undefined, [{ ...two, key: new Uint8Array(8) }]))).toBe("payment_invalid");
    const large = { ...newBlob(Buffer.alloc(1)).form, size: 20 * 1024 * 1024 };
    expect(await problemOf(await createBlob(address, { ...large, payment: [two] }))).toEqual({ status: 402, code: "payment_required" });
    expect(await problemOf(await createBlob(address, { ...large, payment: [two, two] }))).toMatchObject({ code: "payment_invalid" });
    expect(await statusOf(await createBlob(address, { ...large, size: 1_000, payment: [two] }))).toMatchObject({ offset: 0 });
  });

  test("are counted by day", async () => {
    let now = Date.parse("2026-03-01T12:00:00Z");
    const { address } = await started({ paymentRequired: true, tokensPerDay: 3, now: () => now });
    const account = await new TestPerson().register(address);
    expect(await fetchTokens(account, 3)).toHaveLength(3);
    await expect(fetchTokens(account, 1)).rejects.toThrow("quota_exceeded");
    expect(await account.request("account.quotas", {})).toMatchObject({ tokens: 0, tokensNextAt: Date.parse("2026-03-02T00:00:00Z") });
    now += 86_400_000;
    expect(await fetchTokens(account, 1)).toHaveLength(1);
  });

  test("an input that is no element of the group is refused", async () => {
    const { address } = await started();
    const account = await new TestPerson().register(address);
    const { key } = await account.request("tokens.key", {});
    expect(await account.refusal("tokens.issue", { key, blinded: [new Uint8Array(32).fill(0xff)] })).toBe("payment_invalid");
    expect(await account.refusal("tokens.issue", { key, blinded: [new Uint8Array(32)] })).toBe("payment_invalid");
  });
});
