/** Typing and the like, and what own devices tell one another. */
import { describe, expect, test } from "vitest";
import { openEphemeral, readSelfItem, sealContent, sealEphemeral, selfItemDraft } from "@sotto/core";
import { plainContent } from "@sotto/protocol";
import { send } from "./support/forging.ts";
import { codeOf, must } from "./support/provider.ts";
import { addressOf, catchUp, commit, Person, type Seat, World } from "./support/people.ts";

const world = new World();
const [ada, bob] = [new Person(world, "ada"), new Person(world, "bob", 1)];
const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("a short-lived signal", () => {
  const [adaPhone, bobPhone] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
  const { salt: _, ...draft } = plainContent(new Uint8Array(16), { kind: "typing", isTyping: true });
  const acting = { conversation: adaPhone.conversation, self: ada.phone.own };
  const signal = must(sealEphemeral(acting, draft, ada.phone.context));

  test("reaches those who listen, uses up no message key, and tells who sent it", () => {
    const opened = must(openEphemeral(bobPhone.conversation, signal, bob.phone.context));
    expect(opened).toMatchObject({ sender: addressOf(ada.phone), content: { body: { kind: "typing", isTyping: true } } });
    expect(signal.body.length).toBeLessThan(700);
  });

  test("that was changed, or is from another epoch, is ignored", () => {
    for (let at = 0; at < signal.body.length; at += 11) {
      const changed = { ...signal, body: flipped(signal.body, at) };
      expect(codeOf(openEphemeral(bobPhone.conversation, changed, bob.phone.context))).toBe("ephemeral_invalid");
    }
    commit(adaPhone, {});
    catchUp(bobPhone);
    expect(codeOf(openEphemeral(bobPhone.conversation, signal, bob.phone.context))).toBe("ephemeral_invalid");
    const again = { ...signal, epoch: signal.epoch + 1 };
    expect(codeOf(openEphemeral(bobPhone.conversation, again, bob.phone.context))).toBe("ephemeral_invalid");
  });

  test("cannot be sent in another member's name", () => {
    const asBob = { ...adaPhone.conversation, mls: { ...adaPhone.conversation.mls, ownLeafIndex: bobPhone.conversation.mls.ownLeafIndex } };
    const forged = must(sealEphemeral({ conversation: asBob, self: ada.phone.own }, draft, ada.phone.context));
    expect(codeOf(openEphemeral(bobPhone.conversation, forged, bob.phone.context))).toBe("ephemeral_invalid");
  });
});

test("own devices share items in the self group", () => {
  const [phone, laptop] = ada.phone.start("self", [ada.laptop]) as [Seat, Seat];
  const item = { contentType: "application/vnd.sotto.settings+cbor", bytes: Uint8Array.of(1, 2, 3) };
  const sealed = must(sealContent({ conversation: phone.conversation, self: ada.phone.own }, selfItemDraft(item), ada.phone.context));
  send(phone, sealed.request);
  const [opened] = catchUp(laptop);
  if (opened?.kind !== "message") throw new Error("no message");
  expect(readSelfItem(opened.content)).toEqual(item);
});
