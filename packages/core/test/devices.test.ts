/** A person's devices come and go while conversations go on. */
import { describe, expect, test } from "vitest";
import {
  type ChainLookup,
  createConversation,
  decodeJoinInfo,
  encodeJoinInfo,
  epochOf,
  isActive,
  joinConversation,
  joinExternally,
  makeJoinInfo,
  memberDevices,
  missingDevices,
  revokedMembers,
  stageCommit,
} from "@sotto/core";
import { codeOf, must } from "./support/provider.ts";
import { send } from "./support/forging.ts";
import { add, addressOf, catchUp, commit, Person, say, type Seat, seatOf, wordsAt, World } from "./support/people.ts";

const holds = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(part));

describe("a second device", () => {
  const world = new World();
  const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob")];
  const [adaPhone, bobPhone] = ada.phone.start("direct", [bob.phone, bob.laptop]) as [Seat, Seat, Seat];
  say(bobPhone, "only the phone");

  let adaLaptop: Seat | undefined;
  let before: ChainLookup = world.lookup;

  test("that is added reads what follows, and not what was before", () => {
    const laptop = ada.addDevice();
    expect(missingDevices(adaPhone.conversation, ada.account, world.lookup)).toEqual([addressOf(laptop)]);
    [adaLaptop] = add(adaPhone, laptop) as [Seat];
    say(bobPhone, "now both");
    expect(wordsAt(adaLaptop)).toEqual(["now both"]);
    expect(wordsAt(adaPhone)).toEqual(["only the phone", "now both"]);
  });

  test("that is revoked is found, removed by the other one, and reads nothing more", () => {
    if (adaLaptop === undefined) throw new Error("no laptop");
    expect(revokedMembers(bobPhone.conversation, world.lookup)).toEqual([]);
    const chain = ada.chain;
    before = (account) => (Buffer.from(account).equals(ada.account) ? { chain, isFresh: true } : world.lookup(account));
    ada.revoke(ada.laptop);
    expect(revokedMembers(bobPhone.conversation, world.lookup)).toMatchObject([addressOf(ada.laptop)]);
    say(adaLaptop, "still in the tree, so still read");
    commit(adaPhone, { removes: [addressOf(ada.laptop)] });
    say(adaPhone, "alone again");
    expect(wordsAt(bobPhone)).toEqual(["still in the tree, so still read", "alone again"]);
    expect(wordsAt(adaLaptop)).toEqual(["now both"]);
    expect(isActive(adaLaptop.conversation)).toBe(false);
    expect(memberDevices(adaPhone.conversation)).toHaveLength(3);
  });

  test("that is revoked cannot start a conversation either", () => {
    const options = { kind: "direct" as const, name: "", invitees: [bob.phone.invitee()] };
    expect(codeOf(createConversation(ada.laptop.own, options, ada.laptop.context))).toBe("chain_refused");
    // A thief's program would go by the chain as it was.
    const asBefore = { ...ada.laptop.context, chains: before };
    const made = must(createConversation(ada.laptop.own, options, asBefore));
    const [invitation] = made.invitations;
    if (invitation === undefined) throw new Error("no invitation");
    const from = { log: made.create.log, welcome: invitation.welcome, ratchetTree: made.ratchetTree, keyPackages: bob.phone.keyPackages };
    expect(codeOf(joinConversation(bob.phone.own, from, bob.phone.context))).toBe("chain_refused");
  });

  test("that is revoked cannot be added again", () => {
    const invitee = ada.laptop.invitee();
    const acting = { conversation: adaPhone.conversation, self: ada.phone.own };
    expect(codeOf(stageCommit(acting, { adds: [invitee] }, ada.phone.context))).toBe("chain_refused");
  });
});

describe("an account whose devices nobody knows yet", () => {
  test("is named, so that its chain can be fetched", () => {
    const world = new World();
    const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob", 1)];
    const seats = ada.phone.start("direct", []) as [Seat];
    const acting = { conversation: seats[0].conversation, self: ada.phone.own };
    const blind = { ...ada.phone.context, chains: () => undefined };
    const outcome = stageCommit(acting, { adds: [bob.phone.invitee()] }, blind);
    expect(outcome).toMatchObject({ ok: false, code: "chain_needed", accounts: [bob.account] });
  });
});

describe("joining from outside", () => {
  const world = new World();
  const [ada, bob, eve] = [new Person(world, "ada", 1), new Person(world, "bob"), new Person(world, "eve", 1)];
  const [adaPhone, bobPhone, bobLaptop] = ada.phone.start("direct", [bob.phone, bob.laptop]) as [Seat, Seat, Seat];

  test("a new device joins by what its account's other device hands it, and the server does not see who", () => {
    const laptop = ada.addDevice();
    const info = must(makeJoinInfo(adaPhone.conversation, { to: addressOf(laptop), nextSeq: adaPhone.cursor }, ada.phone.context));
    expect(must(decodeJoinInfo(encodeJoinInfo(info)))).toEqual(info);
    const joined = must(joinExternally(laptop.own, info, laptop.context));
    const seq = send(adaPhone, joined.request);
    const seat = seatOf(laptop, joined.next, seq + 1);
    expect(holds(joined.request.body, ada.account) || holds(joined.request.body, laptop.own.id)).toBe(false);
    say(bobPhone, "welcome");
    expect(wordsAt(seat)).toEqual(["welcome"]);
    expect(wordsAt(adaPhone)).toEqual(["welcome"]);
    expect(adaPhone.heard[0]).toMatchObject({ kind: "commit", change: { isExternal: true, by: addressOf(laptop) } });
  });

  test("a device that lost its state takes the place of its former leaf", () => {
    catchUp(bobPhone);
    const before = memberDevices(bobPhone.conversation).length;
    const to = addressOf(bob.laptop);
    const info = must(makeJoinInfo(bobPhone.conversation, { to, nextSeq: bobPhone.cursor }, bob.phone.context));
    expect(info.formerLeaf).toBeDefined();
    const joined = must(joinExternally(bob.laptop.own, info, bob.laptop.context));
    const again = seatOf(bob.laptop, joined.next, send(bobPhone, joined.request) + 1);
    say(adaPhone, "are you back?");
    expect(wordsAt(again)).toEqual(["are you back?"]);
    catchUp(bobPhone);
    expect(memberDevices(bobPhone.conversation)).toHaveLength(before);
    catchUp(bobLaptop);
    expect(isActive(bobLaptop.conversation)).toBe(false);
  });

  test("so does the only device of its account", () => {
    const only = new Person(world, "ida", 1);
    const [bobs] = bob.phone.start("direct", [only.phone]) as [Seat, Seat];
    const info = must(makeJoinInfo(bobs.conversation, { to: addressOf(only.phone), nextSeq: bobs.cursor }, bob.phone.context));
    const joined = must(joinExternally(only.phone.own, info, only.phone.context));
    const again = seatOf(only.phone, joined.next, send(bobs, joined.request) + 1);
    say(bobs, "all of you are back");
    expect(wordsAt(again)).toEqual(["all of you are back"]);
  });

  test("somebody else's device is refused, also with stolen join info", () => {
    catchUp(bobPhone);
    const context = bob.phone.context;
    const nextSeq = bobPhone.cursor;
    expect(codeOf(makeJoinInfo(bobPhone.conversation, { to: addressOf(eve.phone), nextSeq }, context))).toBe("group_forbidden");
    const info = must(makeJoinInfo(bobPhone.conversation, { to: addressOf(bob.laptop), nextSeq }, context));
    expect(codeOf(joinExternally(eve.phone.own, { ...info, formerLeaf: undefined }, eve.phone.context))).toBe("group_forbidden");
  });
});

describe("healing", () => {
  test("a commit without content renews a device's keys for everybody", () => {
    const world = new World();
    const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob", 1)];
    const [adaPhone, bobPhone] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
    const leaf = (seat: Seat) => seat.conversation.mls.tree.leaf(0)?.encryptionKey;
    const before = leaf(bobPhone);
    commit(adaPhone, {});
    say(adaPhone, "healed");
    expect(wordsAt(bobPhone)).toEqual(["healed"]);
    expect(leaf(bobPhone)).not.toEqual(before);
    expect(epochOf(bobPhone.conversation)).toBe(2);
  });
});
