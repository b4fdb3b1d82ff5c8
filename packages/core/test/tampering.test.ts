/** Entries that a server or a member changed: refused with a code, and the state stays usable. */
import { describe, expect, test } from "vitest";
import { encodeSafeAad, sealMessage } from "@sotto/mls";
import { openEntry, sealContent } from "@sotto/core";
import { type Entry, encodeContent, expectSuccess, frankingTag, padContent, plainContent } from "@sotto/protocol";
import { forgeEntry, looseContext, send, verdicts } from "./support/forging.ts";
import { codeOf, must } from "./support/provider.ts";
import { Person, say, type Seat, text, wordsAt, World } from "./support/people.ts";

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

function pair() {
  const world = new World();
  const [ada, bob] = [new Person(world, "ada", 1), new Person(world, "bob", 1)];
  const [adaPhone, bobPhone] = ada.phone.start("direct", [bob.phone]) as [Seat, Seat];
  const { salt: _, ...draft } = plainContent(new Uint8Array(16), text("words"));
  const sealed = must(sealContent({ conversation: adaPhone.conversation, self: ada.phone.own }, draft, ada.phone.context));
  adaPhone.conversation = sealed.current;
  const entry = world.server.entry(adaPhone.conversation.log, send(adaPhone, sealed.request));
  adaPhone.cursor = entry.seq + 1;
  return { world, ada, bob, adaPhone, bobPhone, entry };
}

describe("an entry that the server changed", () => {
  const { bobPhone, entry, bob } = pair();
  const open = (changed: Partial<Entry>) => openEntry(bobPhone.conversation, { ...entry, ...changed }, bob.phone.context);

  test("with another tag: opened, so that no key is used twice, and rejected", () => {
    expect(open({ tag: flipped(entry.tag, 0) })).toMatchObject({ ok: true, value: { kind: "rejected", code: "content_tag" } });
  });

  test("in another epoch or of another kind", () => {
    expect(codeOf(open({ epoch: entry.epoch + 1 }))).toBe("log_entry_invalid");
    expect(codeOf(open({ epoch: entry.epoch - 1 }))).toBe("log_entry_invalid");
    expect(codeOf(open({ kind: "handshake" }))).toBe("log_entry_invalid");
  });

  test("in any byte of its body, or cut", () => {
    for (let at = 0; at < entry.body.length; at += 7) expect(codeOf(open({ body: flipped(entry.body, at) }))).not.toBe("ok");
    for (const length of [0, 1, 40, entry.body.length - 1]) expect(codeOf(open({ body: entry.body.subarray(0, length) }))).not.toBe("ok");
  });

  test("leaves the state usable: the entry itself opens afterwards, once", () => {
    const opened = must(open({}));
    expect(opened.kind).toBe("message");
    expect(codeOf(openEntry(opened.conversation, { ...entry, seq: entry.seq + 1 }, bob.phone.context))).toBe("replayed");
  });
});

describe("a sender that lies", () => {
  const content = (words: string): Uint8Array => expectSuccess(encodeContent(plainContent(new Uint8Array(16).fill(3), text(words))));
  const padded = (words: string): Uint8Array => expectSuccess(padContent(content(words)));

  test.each([
    ["about the tag", (tag: Uint8Array) => ({ tag: flipped(tag, 3), data: padded("words") }), "content_tag"],
    ["about the content", (tag: Uint8Array) => ({ tag, data: padded("other words") }), "content_tag"],
    ["by leaving out the padding", (tag: Uint8Array) => ({ tag, data: content("words") }), "content_padding"],
    ["with bytes that are no content", (tag: Uint8Array) => ({ tag, data: expectSuccess(padContent(new Uint8Array(9))) }), "cbor_trailing"],
  ])("%s is rejected with a code", (_name, forge, code) => {
    const { adaPhone, bobPhone } = pair();
    wordsAt(bobPhone);
    const { tag, data } = forge(frankingTag(new Uint8Array(16).fill(3), content("words")));
    const authenticatedData = must(encodeSafeAad({ items: [{ componentId: 0x8000, data: tag }], rest: new Uint8Array(0) }));
    const sealed = must(sealMessage(adaPhone.conversation.mls, { data, authenticatedData }, looseContext(adaPhone)));
    adaPhone.conversation = { ...adaPhone.conversation, mls: sealed.state };
    const seq = forgeEntry(adaPhone, { kind: "message", body: sealed.message, tag, next: null });
    expect(verdicts([bobPhone], seq)).toMatchObject([{ ok: true, value: { kind: "rejected", code } }]);
  });

  test("and what follows a rejected message is read", () => {
    const { adaPhone, bobPhone } = pair();
    say(adaPhone, "next");
    expect(wordsAt(bobPhone)).toEqual(["words", "next"]);
  });
});
