/** How devices are reached: sealed notes, invitations that travel in them, and conversations that move to another log. */
import { describe, expect, test } from "vitest";
import {
  createConversation,
  epochOf,
  INLINE_TREE_BYTES_MAX,
  joinConversation,
  openNote,
  readWelcomeNote,
  reanchor,
  sealNote,
  welcomeNote,
} from "@sotto/core";
import { idToText, type InboxNote } from "@sotto/protocol";
import { forgeEntry, verdicts } from "./support/forging.ts";
import { codeOf, must } from "./support/provider.ts";
import { addressOf, catchUp, Person, say, type Seat, seatOf, wordsAt, World } from "./support/people.ts";

const world = new World();
const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve", 1)];
const note: InboxNote = { kind: "contact", contactToken: new Uint8Array(32).fill(1), username: "ada", host: "" };
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a sealed note", () => {
  const body = must(sealNote(ada.phone.own, { to: addressOf(bob.phone), note }, ada.phone.context));

  test("opens at the device it is for, and tells who wrote it", () => {
    expect(must(openNote(bob.phone.own, body, bob.phone.context))).toEqual({ sender: addressOf(ada.phone), note });
  });

  test("opens nowhere else, also not at another device of the same person", () => {
    for (const device of [bob.laptop, eve.phone]) expect(codeOf(openNote(device.own, body, device.context))).toBe("inbox_item_invalid");
  });

  test("shows nothing of sender, kind or length", () => {
    const long: InboxNote = { kind: "rejoin", log: new Uint8Array(16) as never, groupId: new Uint8Array(200), epoch: 1, cursor: 1 };
    expect(must(sealNote(ada.phone.own, { to: addressOf(bob.phone), note: long }, ada.phone.context))).toHaveLength(body.length);
    for (const part of [ada.account, ada.phone.own.id, Buffer.from("ada")])
      expect(Buffer.from(body).includes(Buffer.from(part))).toBe(false);
  });

  test("that was changed is refused", () => {
    for (let at = 0; at < body.length; at += 101)
      expect(codeOf(openNote(bob.phone.own, flipped(body, at), bob.phone.context))).toBe("inbox_item_invalid");
  });

  test("waits until the sender's chain is known, and is refused once the device was revoked", () => {
    const blind = { ...bob.phone.context, chains: () => undefined };
    expect(openNote(bob.phone.own, body, blind)).toMatchObject({ ok: false, code: "chain_needed", accounts: [ada.account] });
    const other = new Person(world, "zoe");
    const fromLaptop = must(sealNote(other.laptop.own, { to: addressOf(bob.phone), note }, other.laptop.context));
    expect(codeOf(openNote(bob.phone.own, fromLaptop, bob.phone.context))).toBe("ok");
    other.revoke(other.laptop);
    expect(codeOf(openNote(bob.phone.own, fromLaptop, bob.phone.context))).toBe("inbox_item_invalid");
    expect(codeOf(sealNote(bob.phone.own, { to: addressOf(other.laptop), note }, bob.phone.context))).toBe("device_unknown");
  });
});

describe("an invitation", () => {
  test("travels in a sealed note, and brings the device into the conversation", () => {
    const options = { kind: "group" as const, name: "Lake people", invitees: [bob.phone.invitee(), bob.laptop.invitee()] };
    const made = must(createConversation(ada.phone.own, options, ada.phone.context));
    world.server.create(made.create);
    const adaPhone = seatOf(ada.phone, made.conversation, 1);
    const greeting = { senderName: "Ada", text: "Hi Bob" };
    const seats = made.invitations.map((invitation, i) => {
      const device = [bob.phone, bob.laptop][i] ?? bob.phone;
      const welcome = must(welcomeNote(invitation, { log: made.create.log, firstSeq: 1, tree: made.ratchetTree, greeting }));
      const body = must(sealNote(ada.phone.own, { to: invitation.to, note: welcome }, ada.phone.context));
      const opened = must(openNote(device.own, body, device.context));
      if (opened.note.kind !== "welcome") throw new Error("no welcome");
      expect(opened.note).toMatchObject({ senderName: "Ada", greeting: "Hi Bob" });
      const from = { ...must(readWelcomeNote(opened.note)), keyPackages: device.keyPackages };
      const joined = must(joinConversation(device.own, from, device.context));
      expect(joined.inviter).toEqual(addressOf(ada.phone));
      expect(device.keyPackages).toContain(joined.keyPackage);
      return seatOf(device, joined.conversation, opened.note.firstSeq);
    });
    say(adaPhone, "hello all");
    expect(seats.map(wordsAt)).toEqual([["hello all"], ["hello all"]]);
    expect(seats[0]?.conversation.group.name).toBe("Lake people");
  });

  test("for one device does not open with another's key package", () => {
    const options = { kind: "direct" as const, name: "", invitees: [bob.phone.invitee(), bob.laptop.invitee()] };
    const made = must(createConversation(ada.phone.own, options, ada.phone.context));
    const [toPhone] = made.invitations;
    if (toPhone === undefined) throw new Error("no invitation");
    const from = { log: made.create.log, welcome: toPhone.welcome, ratchetTree: made.ratchetTree, keyPackages: bob.laptop.keyPackages };
    expect(codeOf(joinConversation(bob.laptop.own, from, bob.laptop.context))).toBe("welcome_not_for_us");
  });

  test("with a tree that is too large for an inbox needs a blob", () => {
    const [invitation] = must(
      createConversation(ada.phone.own, { kind: "direct", name: "", invitees: [bob.phone.invitee()] }, ada.phone.context),
    ).invitations;
    if (invitation === undefined) throw new Error("no invitation");
    const tree = new Uint8Array(INLINE_TREE_BYTES_MAX + 1);
    const facts = { log: new Uint8Array(16) as never, firstSeq: 1, tree, greeting: { senderName: "", text: "" } };
    expect(codeOf(welcomeNote(invitation, facts))).toBe("content_too_large");
  });
});

describe("a log that a member broke", () => {
  test("is left for another one by everybody, without losing a word", () => {
    const seats = ada.phone.start("group", [bob.phone, eve.phone]);
    const [adaPhone, bobPhone, evePhone] = seats as [Seat, Seat, Seat];
    say(adaPhone, "before");
    for (const seat of seats) catchUp(seat);
    const bogus = { read: new Uint8Array(32).fill(1), write: new Uint8Array(32).fill(2) };
    const seq = forgeEntry(evePhone, { kind: "handshake", body: new Uint8Array(100).fill(9), tag: new Uint8Array(32), next: bogus });
    for (const verdict of verdicts(seats, seq)) expect(verdict.ok).toBe(false);

    for (const seat of seats) {
      const made = must(reanchor(seat.conversation, 0, seat.device.context));
      world.server.create(made.create);
      expect(made.create.epoch).toBe(epochOf(seat.conversation));
      seat.conversation = made.conversation;
      seat.cursor = 1;
    }
    expect(new Set(seats.map(({ conversation }) => idToText(conversation.log))).size).toBe(1);
    say(bobPhone, "after");
    expect(wordsAt(evePhone)).toEqual(["before", "after"]);
    expect(wordsAt(adaPhone)).toEqual(["after"]);
  });

  test("has one successor for each attempt, epoch and log", () => {
    const [{ conversation }, bobs] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
    const at = (from: typeof conversation, attempt: number): string =>
      idToText(must(reanchor(from, attempt, ada.phone.context)).note.newLog);
    const elsewhere = must(reanchor(conversation, 0, ada.phone.context)).conversation;
    expect(at(bobs.conversation, 0)).toBe(at(conversation, 0));
    expect(new Set([at(conversation, 0), at(conversation, 1), at(elsewhere, 0)]).size).toBe(3);
  });
});
