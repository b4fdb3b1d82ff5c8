/** Two people with two devices each write to one another, through a server that only orders bytes. */
import { describe, expect, test } from "vitest";
import { epochTokens, memberAccounts, memberDevices } from "@sotto/core";
import { encodeUtf8 } from "@sotto/protocol";
import { must } from "./support/provider.ts";
import { catchUp, Person, say, wordsAt, World } from "./support/people.ts";

const holds = (bytes: Uint8Array, part: Uint8Array): boolean => Buffer.from(bytes).includes(Buffer.from(part));

describe("two people talk", () => {
  const world = new World();
  const [ada, bob] = [new Person(world, "ada"), new Person(world, "bob")];
  const seats = ada.phone.start("direct", [ada.laptop, bob.phone, bob.laptop]);
  const [adaPhone, adaLaptop, bobPhone, bobLaptop] = seats as [(typeof seats)[0], (typeof seats)[0], (typeof seats)[0], (typeof seats)[0]];

  test("all four devices are in, and agree on the tokens", () => {
    expect(memberDevices(adaPhone.conversation)).toHaveLength(4);
    expect(memberAccounts(bobLaptop.conversation)).toHaveLength(2);
    const tokens = seats.map((seat) => must(epochTokens(seat.conversation, seat.device.context)));
    for (const other of tokens) expect(other).toEqual(tokens[0]);
  });

  test("every device reads what the others write, in the same order", () => {
    say(adaPhone, "Have you seen it?");
    say(bobLaptop, "Not yet");
    say(adaLaptop, "Look now");
    expect(wordsAt(bobPhone)).toEqual(["Have you seen it?", "Not yet", "Look now"]);
    expect(wordsAt(adaPhone)).toEqual(["Not yet", "Look now"]);
    expect(wordsAt(adaLaptop)).toEqual(["Have you seen it?", "Not yet"]);
    expect(wordsAt(bobLaptop)).toEqual(["Have you seen it?", "Look now"]);
  });

  test("a message tells its sender and has the same id everywhere", () => {
    const [first] = bobPhone.heard;
    const [same] = adaLaptop.heard;
    if (first?.kind !== "message" || same?.kind !== "message") throw new Error("no message");
    expect(first.sender).toEqual({ account: ada.account, device: ada.phone.own.id });
    expect(first.messageId).toEqual(same.messageId);
    expect(first.evidence.seq).toBe(1);
  });

  test("the server saw no word, no account and no device", () => {
    catchUp(adaPhone);
    for (const body of world.server.seen) {
      expect(holds(body, encodeUtf8("Look now"))).toBe(false);
      for (const person of [ada, bob]) {
        expect(holds(body, person.account)).toBe(false);
        for (const { own } of person.devices) expect(holds(body, own.id) || holds(body, own.signatureKeys.publicKey)).toBe(false);
      }
    }
  });
});
