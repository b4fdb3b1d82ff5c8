/** A member who was removed reads nothing that is sent after the removal: not at the server's door, and not with all its keys. */
import { describe, expect, test } from "vitest";
import { epochTokens, isActive, openEntry, tokenHashes } from "@sotto/core";
import { codeOf, must } from "./support/provider.ts";
import { addressOf, catchUp, commit, Person, say, type Seat, wordsAt, World } from "./support/people.ts";

describe("a removed member", () => {
  const world = new World();
  const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve")];
  const seats = ada.phone.start("group", [ada.laptop, bob.phone, bob.laptop, eve.phone, eve.laptop], "Lake people");
  const [adaPhone, , bobPhone, bobLaptop, evePhone, eveLaptop] = seats as [Seat, Seat, Seat, Seat, Seat, Seat];

  say(evePhone, "before");
  wordsAt(eveLaptop);
  const kept = { conversation: eveLaptop.conversation, tokens: must(epochTokens(eveLaptop.conversation, eveLaptop.device.context)) };
  const { log } = adaPhone.conversation;
  commit(adaPhone, { removes: eve.devices.map(addressOf) });
  const firstAfter = world.server.head(log) + 1;
  say(adaPhone, "after");
  say(bobLaptop, "she is gone");

  test("is out on both devices, by the same commit", () => {
    catchUp(evePhone);
    catchUp(eveLaptop);
    for (const seat of [evePhone, eveLaptop]) {
      expect(isActive(seat.conversation)).toBe(false);
      expect(seat.heard.at(-1)).toMatchObject({ kind: "commit", change: { isOut: true, by: { account: ada.account } } });
    }
    expect(wordsAt(bobPhone)).toEqual(["before", "after", "she is gone"]);
  });

  test("is turned away by the server: its tokens read up to the removal, and have other hashes", () => {
    const { epoch, read, write } = kept.tokens;
    const entries = world.server.read(log, { epoch, token: read, from: 1 });
    expect(entries === "capability_invalid" ? [] : entries.map(({ seq }) => seq)).toEqual([1, 2]);
    expect(world.server.read(log, { epoch: epoch + 1, token: read, from: 1 })).toBe("capability_invalid");
    expect(world.server.read(log, { epoch: epoch + 1, token: write, from: 1 })).toBe("capability_invalid");
    const now = must(epochTokens(bobPhone.conversation, bobPhone.device.context));
    expect(tokenHashes(log, now)).not.toEqual(tokenHashes(log, kept.tokens));
    expect(codeOf(epochTokens(evePhone.conversation, evePhone.device.context))).toBe("group_inactive");
  });

  test("opens nothing even when a server hands it every entry, with the state of before and of after", () => {
    for (let seq = firstAfter; seq <= world.server.head(log); seq++) {
      const entry = world.server.entry(log, seq);
      for (const conversation of [kept.conversation, evePhone.conversation, eveLaptop.conversation]) {
        expect(codeOf(openEntry(conversation, entry, evePhone.device.context))).not.toBe("ok");
        const relabelled = { ...entry, epoch: kept.tokens.epoch };
        expect(codeOf(openEntry(conversation, relabelled, evePhone.device.context))).toBe("epoch_ahead");
      }
    }
  });

  test("learns nothing from the entry that removed it: the next tokens cannot be derived from what it holds", () => {
    const removal = world.server.entry(log, firstAfter - 1);
    const seen = must(openEntry(kept.conversation, removal, eveLaptop.device.context));
    expect(seen).toMatchObject({ kind: "commit", change: { isOut: true } });
    expect(codeOf(epochTokens(seen.conversation, eveLaptop.device.context))).toBe("group_inactive");
  });
});
