/** What every AccountStore has to do. An adapter calls {@link describeAccountStore} in a test file of its own. */
import { type AccountId, accountId, toId, type Username } from "@sotto/protocol";
import { describe, expect, test } from "vitest";
import { inviteHash } from "../src/admin/invite.ts";
import type { AccountStore, DevicePlace } from "../src/accounts/account-store.ts";
import { newDevice, TestPerson } from "./support/people.ts";

type AccountOpening = {
  readonly store: AccountStore;
  /** Closes the store and opens it again on what it kept. */
  readonly reopen: () => Promise<AccountStore>;
  /** Makes an invitation, as the operator does. */
  readonly invite: (code: string, uses: number) => void;
};

type Open = () => Promise<AccountOpening>;

const failed = (code: string) => expect.objectContaining({ ok: false, code });
const done = { ok: true, value: null };
const name = (text: string): Username => text as Username;
const nobody: AccountId = toId(accountId, new Uint8Array(32).fill(9));

async function registered(store: AccountStore, username: string | null = null): Promise<DevicePlace & { readonly genesis: Uint8Array }> {
  const person = new TestPerson();
  const genesis = person.entries[0] ?? new Uint8Array();
  const { account } = person;
  expect(await store.register({ account, genesis, username: username === null ? null : name(username), invite: undefined })).toEqual(done);
  return { account, device: person.first.id, genesis };
}

export function describeAccountStore(adapter: string, open: Open): void {
  describe(`account store: ${adapter}`, () => {
    describeRegistration(open);
    describeChains(open);
    describeKeyPackages(open);
    describeSettings(open);
  });
}

function describeRegistration(open: Open): void {
  test("registers an account once, and keeps it", async () => {
    const { store, reopen } = await open();
    const { account, genesis } = await registered(store, "alice");
    expect(await store.register({ account, genesis, username: null, invite: undefined })).toEqual(failed("account_exists"));
    const again = await reopen();
    expect(await again.chain(account, { from: 0, count: 10 })).toEqual({ entries: [genesis], length: 1 });
    expect(await again.lookUp(name("alice"))).toEqual({ account, gated: false });
    expect(await again.nameOf(account)).toBe("alice");
    expect(await again.nameOf(nobody)).toBeUndefined();
    expect(await again.chain(nobody, { from: 0, count: 10 })).toBeUndefined();
  });

  test("gives a username to one account, and registers nothing where it is taken", async () => {
    const { store } = await open();
    const alice = await registered(store, "alice");
    const other = new TestPerson();
    const genesis = other.entries[0] ?? new Uint8Array();
    const wanted = { account: other.account, genesis, username: name("alice"), invite: undefined };
    expect(await store.register(wanted)).toEqual(failed("username_taken"));
    expect(await store.chain(other.account, { from: 0, count: 1 })).toBeUndefined();
    expect(await store.register({ ...wanted, username: null })).toEqual(done);
    expect(await store.setUsername(other.account, name("alice"))).toEqual(failed("username_taken"));
    expect(await store.setUsername(alice.account, name("alicia"))).toEqual(done);
    expect(await store.setUsername(other.account, name("alice"))).toEqual(done);
    expect(await store.lookUp(name("alice"))).toMatchObject({ account: other.account });
    expect(await store.setUsername(other.account, null)).toEqual(done);
    expect(await store.lookUp(name("alice"))).toBeUndefined();
  });

  test("takes an invitation as often as it says, and only for who is registered by it", async () => {
    const { store, invite } = await open();
    invite("letmein", 2);
    await registered(store, "taken");
    const wanted = (username: string) => {
      const person = new TestPerson();
      const genesis = person.entries[0] ?? new Uint8Array();
      return store.register({ account: person.account, genesis, username: name(username), invite: inviteHash("letmein") });
    };
    expect(await wanted("taken")).toEqual(failed("username_taken"));
    expect([await wanted("first"), await wanted("second"), await wanted("third")]).toEqual([done, done, failed("invite_invalid")]);
  });
}

function describeChains(open: Open): void {
  test("appends behind the length that the caller saw, one of two at once", async () => {
    const { store, reopen } = await open();
    const { account, genesis } = await registered(store);
    const append = (entry: number, index: number) => store.appendChain({ account, entry: Uint8Array.of(entry), index, removed: [] });
    expect(await Promise.all([append(1, 1), append(2, 1)])).toEqual(["appended", "conflict"]);
    expect(await append(3, 2)).toBe("appended");
    const again = await reopen();
    expect(await again.chain(account, { from: 1, count: 1 })).toEqual({ entries: [Uint8Array.of(1)], length: 3 });
    expect((await again.chain(account, { from: 0, count: 9 }))?.entries).toEqual([genesis, Uint8Array.of(1), Uint8Array.of(3)]);
  });
}

function describeKeyPackages(open: Open): void {
  const packageOf = (fill: number): Uint8Array => new Uint8Array(20).fill(fill);

  test("hands out each key package once, oldest first, then the last resort again and again", async () => {
    const { store, reopen } = await open();
    const place = await registered(store);
    expect(
      await store.addKeyPackages(place, { packages: [packageOf(1), packageOf(2)], lastResort: packageOf(9), replacesAll: false }),
    ).toBe(2);
    const claim = async (from: AccountStore) => (await from.claimKeyPackages(place.account, [place.device]))[0];
    expect(await claim(store)).toMatchObject({ keyPackage: packageOf(1), isLastResort: false, left: 1 });
    const again = await reopen();
    expect(await claim(again)).toMatchObject({ keyPackage: packageOf(2), isLastResort: false, left: 0 });
    for (let i = 0; i < 2; i++) expect(await claim(again)).toMatchObject({ keyPackage: packageOf(9), isLastResort: true, left: 0 });
    expect(await again.addKeyPackages(place, { packages: [], lastResort: packageOf(8), replacesAll: false })).toBe(0);
    expect(await claim(again)).toMatchObject({ keyPackage: packageOf(8), isLastResort: true });
    expect(await again.countKeyPackages(place)).toEqual({ single: 0, hasLastResort: true });
  });

  test("gives the same one to no two, and nothing for devices without", async () => {
    const { store } = await open();
    const place = await registered(store);
    await store.addKeyPackages(place, {
      packages: Array.from({ length: 8 }, (_, at) => packageOf(at)),
      lastResort: null,
      replacesAll: false,
    });
    const claims = await Promise.all(Array.from({ length: 8 }, () => store.claimKeyPackages(place.account, [place.device])));
    expect(new Set(claims.map(([claimed]) => claimed?.keyPackage?.[0])).size).toBe(8);
    const [none, other] = await store.claimKeyPackages(place.account, [place.device, newDevice().id]);
    expect([none?.keyPackage, other?.keyPackage]).toEqual([null, null]);
  });

  test("takes none when they would be too many, and forgets those of a removed device", async () => {
    const { store } = await open();
    const place = await registered(store);
    const many = Array.from({ length: 150 }, () => packageOf(1));
    expect(await store.addKeyPackages(place, { packages: many, lastResort: packageOf(9), replacesAll: false })).toBe(150);
    expect(await store.addKeyPackages(place, { packages: many, lastResort: packageOf(8), replacesAll: false })).toBeUndefined();
    expect(await store.countKeyPackages(place)).toEqual({ single: 150, hasLastResort: true });
    expect(await store.addKeyPackages(place, { packages: [packageOf(2)], lastResort: null, replacesAll: true })).toBe(1);
    expect(await store.claimKeyPackages(place.account, [place.device])).toMatchObject([
      { keyPackage: packageOf(2), isLastResort: false, left: 0 },
    ]);
    expect(await store.countKeyPackages(place)).toEqual({ single: 0, hasLastResort: true });
    await store.appendChain({ account: place.account, entry: Uint8Array.of(1), index: 1, removed: [place.device] });
    expect(await store.countKeyPackages(place)).toEqual({ single: 0, hasLastResort: false });
  });
}

function describeSettings(open: Open): void {
  test("keeps who may write to the inbox, and what the owner gave it to keep", async () => {
    const { store, reopen } = await open();
    const { account } = await registered(store, "alice");
    expect(await store.access(account)).toEqual({ contact: null, gate: null, strangers: true });
    expect(await store.kept(account)).toBeUndefined();
    const access = { contact: new Uint8Array(32).fill(1), gate: new Uint8Array(32).fill(2), strangers: false };
    await store.setAccess(account, access);
    for (const fill of [1, 2]) await store.keep(account, new Uint8Array(100).fill(fill));
    const again = await reopen();
    expect(await again.access(account)).toEqual(access);
    expect(await again.lookUp(name("alice"))).toEqual({ account, gated: true });
    expect(await again.kept(account)).toEqual(new Uint8Array(100).fill(2));
    expect(await again.access(nobody)).toBeUndefined();
  });

  test("grants tokens up to a number a day, all or none", async () => {
    const { store, reopen } = await open();
    const { account } = await registered(store);
    const grant = (to: AccountStore, count: number, day: number) => to.grantTokens({ account, count, day, perDay: 10 });
    expect([await grant(store, 7, 1), await grant(store, 4, 1), await grant(store, 3, 1)]).toEqual([true, false, true]);
    const again = await reopen();
    expect([await again.tokensUsed(account, 1), await grant(again, 1, 1), await grant(again, 10, 2)]).toEqual([10, false, true]);
    expect([await again.tokensUsed(account, 2), await again.tokensUsed(account, 3)]).toEqual([10, 0]);
  });
}
