/** A group near the limit of devices: who is invited can join, and a message writes little to the store, whatever the size. */
import { beforeAll, describe, expect, test } from "vitest";
import {
  type Conversation,
  conversationDelta,
  createConversation,
  joinConversation,
  memberDevices,
  type NewConversation,
  sealContent,
} from "@sotto/core";
import { plainContent } from "@sotto/protocol";
import { must } from "./support/provider.ts";
import { Person, text, World } from "./support/people.ts";

const PEOPLE = 62;
const DEVICES_EACH = 16;
const WRITTEN_BYTES_MAX = 16 * 1024;

const world = new World();
const ada = new Person(world, "ada", 1);
const people: Person[] = [];
let made: NewConversation;

beforeAll(() => {
  for (let i = 0; i < PEOPLE; i++) people.push(new Person(world, `person${i}`, DEVICES_EACH));
  const invitees = people.flatMap(({ devices }) => devices.map((device) => device.invitee()));
  made = must(createConversation(ada.phone.own, { kind: "group", name: "All of us", invitees }, ada.phone.context));
}, 300_000);

/** Bytes that one message adds to the store, once the ratchets are in use. */
function writtenBySending(start: Conversation): number {
  const { salt: _, ...draft } = plainContent(new Uint8Array(16), text("to everybody"));
  let before = start;
  let bytes = 0;
  for (let i = 0; i < 3; i++) {
    const { current } = must(sealContent({ conversation: before, self: ada.phone.own }, draft, ada.phone.context));
    bytes = conversationDelta(before, current).put.reduce((sum, [, value]) => sum + value.length, 0);
    before = current;
  }
  return bytes;
}

describe("a group of almost a thousand devices", () => {
  test("lets the last one in, with a tree that is too large for an inbox", () => {
    const last = people.at(-1)?.devices.at(-1);
    const invitation = made.invitations.at(-1);
    if (last === undefined || invitation === undefined) throw new Error("nobody");
    expect(made.ratchetTree.length).toBeGreaterThan(128 * 1024);
    const from = { log: made.conversation.log, welcome: invitation.welcome, ratchetTree: made.ratchetTree, keyPackages: last.keyPackages };
    const { conversation } = must(joinConversation(last.own, from, last.context));
    expect(memberDevices(conversation)).toHaveLength(PEOPLE * DEVICES_EACH + 1);
  });

  test("writes little for a message", () => {
    expect(writtenBySending(made.conversation)).toBeLessThan(WRITTEN_BYTES_MAX);
  });
});
