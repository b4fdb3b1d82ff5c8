/** People leave: with all their devices, by their own wish, and what becomes of the group. */
import { describe, expect, test } from "vitest";
import { isActive, isCommitDue, leaveConversation, memberAccounts, memberDevices, sealContent } from "@sotto/core";
import { idToText, plainContent, roleOf } from "@sotto/protocol";
import { codeOf, must } from "./support/provider.ts";
import { send } from "./support/forging.ts";
import { addressOf, catchUp, commit, Person, say, type Seat, text, wordsAt, World } from "./support/people.ts";

/** Both steps of leaving, at one device. */
function leave(seat: Seat): void {
  for (;;) {
    catchUp(seat);
    const step = must(leaveConversation({ conversation: seat.conversation, self: seat.device.own }, seat.device.context));
    seat.conversation = step.current;
    seat.own.set(idToText(step.request.entryId), step.step === "commit" ? step.next : step.current);
    send(seat, step.request);
    catchUp(seat);
    if (step.step === "proposal") return;
  }
}

const draftOf = (words: string) => {
  const { salt: _, ...draft } = plainContent(new Uint8Array(16), text(words));
  return draft;
};

describe("leaving a group", () => {
  const world = new World();
  const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve", 1)];
  const seats = ada.phone.start("group", [ada.laptop, bob.phone, bob.laptop, eve.phone]);
  const [adaPhone, adaLaptop, bobPhone, , evePhone] = seats as [Seat, Seat, Seat, Seat, Seat];

  test("takes the other devices out first, then asks to be taken out", () => {
    leave(adaPhone);
    catchUp(bobPhone);
    expect(bobPhone.heard).toMatchObject([
      { kind: "commit", change: { by: addressOf(ada.phone), removed: [addressOf(ada.laptop)] } },
      { kind: "leaving", sender: addressOf(ada.phone) },
    ]);
    catchUp(adaLaptop);
    expect(isActive(adaLaptop.conversation)).toBe(false);
  });

  test("stops everybody from sending until somebody has committed it", () => {
    expect(isCommitDue(bobPhone.conversation)).toBe(true);
    const acting = { conversation: bobPhone.conversation, self: bob.phone.own };
    expect(codeOf(sealContent(acting, draftOf("too early"), bob.phone.context))).toBe("proposals_pending");
    say(bobPhone, "bye Ada");
    expect(wordsAt(evePhone)).toEqual(["bye Ada"]);
    catchUp(adaPhone);
    expect(isActive(adaPhone.conversation)).toBe(false);
    expect(adaPhone.heard.at(-1)).toMatchObject({ kind: "commit", change: { isOut: true, left: [addressOf(ada.phone)] } });
  });

  test("leaves the group an owner, the same for all", () => {
    const owners = [bobPhone, evePhone].map((seat) => {
      catchUp(seat);
      return memberAccounts(seat.conversation).filter((account) => roleOf(seat.conversation.group, account) === "owner");
    });
    expect(owners[0]).toHaveLength(1);
    expect(owners[1]).toEqual(owners[0]);
    expect(memberDevices(evePhone.conversation)).toHaveLength(3);
  });

  test("the new owner can do what owners do", () => {
    const owner = [bobPhone, evePhone].find((seat) => roleOf(seat.conversation.group, seat.device.own.account) === "owner");
    if (owner === undefined) throw new Error("no owner");
    commit(owner, { changes: [{ kind: "name", name: "What is left" }] });
    for (const seat of [bobPhone, evePhone]) {
      catchUp(seat);
      expect(seat.conversation.group.name).toBe("What is left");
    }
  });
});

test("a wish to leave that came too late for an epoch is made again in the next", () => {
  const world = new World();
  const [ada, bob, eve] = [new Person(world, "ada", 1), new Person(world, "bob", 1), new Person(world, "eve", 1)];
  const [adaPhone, bobPhone, evePhone] = ada.phone.start("group", [bob.phone, eve.phone]) as [Seat, Seat, Seat];
  catchUp(adaPhone);
  const early = must(leaveConversation({ conversation: evePhone.conversation, self: eve.phone.own }, eve.phone.context));
  commit(adaPhone, {});
  const result = world.server.append(early.request);
  expect(result).toMatchObject({ outcome: "conflict" });
  leave(evePhone);
  say(bobPhone, "she left");
  expect(wordsAt(adaPhone)).toEqual(["she left"]);
  expect(memberAccounts(adaPhone.conversation)).toHaveLength(2);
});
