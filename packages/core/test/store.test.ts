/** What is stored: a conversation comes back from its records after every step, and a message writes little. */
import { describe, expect, test } from "vitest";
import {
  type Conversation,
  conversationDelta,
  conversationFromRecords,
  decodeConversation,
  decodeStoredKeyPackage,
  encodeConversation,
  encodeStoredKeyPackage,
  makeKeyPackage,
} from "@sotto/core";
import { codeOf, must } from "./support/provider.ts";
import { addressOf, catchUp, commit, Person, say, type Seat, wordsAt, World } from "./support/people.ts";

class Store {
  readonly records = new Map<string, Uint8Array>();
  #kept: Conversation | undefined;

  /** Returns how many bytes were written. */
  write(after: Conversation): number {
    const { put, remove } = conversationDelta(this.#kept, after);
    for (const key of remove) this.records.delete(key);
    for (const [key, value] of put) this.records.set(key, value);
    this.#kept = after;
    return put.reduce((sum, [key, value]) => sum + key.length + value.length, 0);
  }
}

const world = new World();
const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve", 1)];
const seats = ada.phone.start("group", [ada.laptop, bob.phone, bob.laptop, eve.phone], "Lake people");
const [adaPhone, , bobPhone] = seats as [Seat, Seat, Seat, Seat, Seat];

describe("a stored conversation", () => {
  test("goes on after every restart", () => {
    const store = new Store();
    const steps: (() => void)[] = [
      () => say(adaPhone, "one"),
      () => say(bobPhone, "two"),
      () => void commit(adaPhone, { changes: [{ kind: "timer", timerSeconds: 5 }] }),
      () => say(bobPhone, "three"),
      () => void commit(adaPhone, { removes: [addressOf(eve.phone)] }),
      () => say(adaPhone, "four"),
    ];
    for (const step of steps) {
      step();
      catchUp(bobPhone);
      store.write(bobPhone.conversation);
      const restored = must(conversationFromRecords([...store.records]));
      expect(encodeConversation(restored)).toEqual(encodeConversation(bobPhone.conversation));
      expect(encodeConversation(must(decodeConversation(encodeConversation(restored))))).toEqual(encodeConversation(restored));
      bobPhone.conversation = restored;
    }
    say(adaPhone, "five");
    expect(wordsAt(bobPhone)).toEqual(["one", "four", "five"]);
  });

  test("writes less than a kilobyte for a message", () => {
    const store = new Store();
    say(adaPhone, "first");
    store.write(adaPhone.conversation);
    say(adaPhone, "second");
    expect(store.write(adaPhone.conversation)).toBeLessThan(1024);
  });

  test("that is damaged is refused with a code", () => {
    const bytes = encodeConversation(adaPhone.conversation);
    for (let length = 0; length < bytes.length; length += 997) expect(codeOf(decodeConversation(bytes.subarray(0, length)))).not.toBe("ok");
    const store = new Store();
    store.write(adaPhone.conversation);
    const without = [...store.records].filter(([key]) => key !== "conversation");
    expect(codeOf(conversationFromRecords(without))).toBe("conversation_invalid");
    const broken = [...store.records].map(([key, value]) => [key, key === "conversation" ? value.subarray(1) : value] as const);
    expect(codeOf(conversationFromRecords(broken))).toBe("conversation_invalid");
  });
});

describe("a stored key package", () => {
  test("still opens a Welcome, and damage is noticed", () => {
    const made = must(makeKeyPackage(bob.laptop.own, { lastResort: true }, bob.laptop.context));
    const stored = encodeStoredKeyPackage(made);
    const read = must(decodeStoredKeyPackage(stored, bob.laptop.own, bob.laptop.context));
    expect(read).toEqual(made);
    expect(read.isLastResort).toBe(true);
    const damaged = stored.map((byte, i) => (i === stored.length - 3 ? byte ^ 1 : byte));
    expect(codeOf(decodeStoredKeyPackage(damaged, bob.laptop.own, bob.laptop.context))).toBe("device_keys_invalid");
    expect(codeOf(decodeStoredKeyPackage(stored.subarray(1), bob.laptop.own, bob.laptop.context))).toBe("device_keys_invalid");
  });
});
