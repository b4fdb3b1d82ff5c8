/** A second device is linked by a code that a person types, over a log that the server cannot read. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  composeEntry,
  createLinkCode,
  createDeviceKeys,
  devicePublic,
  finishEntry,
  LINK_STEPS,
  linkCodeToText,
  linkDigits,
  linkHashes,
  linkKeys,
  type LinkMessage,
  openGrantedKey,
  openLinkMessage,
  parseLinkCode,
  proveDevice,
  sealGrantedKey,
  sealLinkMessage,
  verifyChain,
} from "@sotto/core";
import { type AccountId, idToText } from "@sotto/protocol";
import { codeOf, contextFor, crypto, must } from "./support/provider.ts";
import { Person, World } from "./support/people.ts";

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));

describe("linking", () => {
  const world = new World();
  const ada = new Person(world, "ada", 1);
  const [old, young] = [ada.phone.context, contextFor("young")];

  test("goes in four messages, and the new device ends in the chain with the master key", () => {
    const code = createLinkCode(old.random);
    const typed = must(parseLinkCode(linkCodeToText(code).toUpperCase()));
    const [here, there] = [linkKeys(code, { crypto }), linkKeys(typed, { crypto })];
    expect(there).toEqual(here);
    expect(linkHashes(here).read).not.toEqual(here.read);
    const carry = <S extends LinkMessage["step"]>(message: LinkMessage, awaited: S) => {
      const body = must(sealLinkMessage(message, here, old));
      const opened = must(openLinkMessage(body, { keys: there, awaited }, { crypto }));
      if (opened.step !== awaited) throw new Error("refused");
      return opened as Extract<LinkMessage, { step: S }>;
    };

    const keys = createDeviceKeys(young);
    const offer = carry({ step: "offer", device: devicePublic(keys), name: "Laptop" }, "offer");
    const change = { kind: "add" as const, device: offer.device };
    const signed = composeEntry(ada.chain, { author: ada.phone.own.id, change }, old);
    const asked = carry({ step: "statement", account: ada.account, statement: signed }, "statement");
    expect(linkDigits(asked.statement, there, { crypto })).toBe(linkDigits(signed, here, { crypto }));
    expect(linkDigits(signed, here, { crypto })).toMatch(/^\d{6}$/);
    const answered = carry({ step: "proof", proof: must(proveDevice(asked.statement, keys, { crypto })) }, "proof");
    const by = { signed, privateKey: ada.phone.own.signatureKeys.privateKey, proof: answered.proof };
    const { entry } = must(finishEntry(ada.chain, by, { crypto }));
    const sealedKey = must(sealGrantedKey(ada.made.masterKey, { account: ada.account, keys: here, device: offer.device }, old));
    const granted = carry({ step: "grant", sealedKey }, "grant");
    const chain = must(verifyChain([...ada.entries, entry], { crypto }, asked.account));
    expect(chain.devicesById.has(idToText(keys.id))).toBe(true);
    const opening = { account: asked.account, keys: there, device: keys };
    expect(must(openGrantedKey(granted.sealedKey, opening, { crypto }))).toEqual(ada.made.masterKey);
    // Who saw the code reads the grant and not the key.
    const onlooker = { ...opening, device: createDeviceKeys(contextFor("onlooker")) };
    expect(codeOf(openGrantedKey(granted.sealedKey, onlooker, { crypto }))).toBe("link_message_invalid");
    expect(codeOf(openGrantedKey(granted.sealedKey, { ...opening, account: new Uint8Array(32) as AccountId }, { crypto }))).toBe(
      "link_message_invalid",
    );
  });

  test("with another code, in another step, or changed, nothing opens; a refusal does in any step", () => {
    const [keys, others] = [linkKeys(createLinkCode(old.random), { crypto }), linkKeys(createLinkCode(old.random), { crypto })];
    const body = must(sealLinkMessage({ step: "proof", proof: new Uint8Array(64) }, keys, old));
    const open = (bytes: Uint8Array, by = keys, awaited: LinkMessage["step"] = "proof") =>
      codeOf(openLinkMessage(bytes, { keys: by, awaited }, { crypto }));
    expect(open(body)).toBe("ok");
    expect(open(body, others)).toBe("link_message_invalid");
    for (const step of LINK_STEPS.filter((other) => other !== "proof")) expect(open(body, keys, step)).toBe("link_message_invalid");
    for (let at = 0; at < body.length; at += 37) expect(open(flipped(body, at))).toBe("link_message_invalid");
    for (let length = 0; length < body.length; length += 41) expect(open(body.subarray(0, length))).toBe("link_message_invalid");
    const refused = must(sealLinkMessage({ step: "refusal", reason: "chain_device_limit" }, keys, old));
    expect(must(openLinkMessage(refused, { keys, awaited: "grant" }, { crypto }))).toEqual({
      step: "refusal",
      reason: "chain_device_limit",
    });
  });

  test("a code is read however it was typed, and nothing else is", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (code) => {
        expect(must(parseLinkCode(linkCodeToText(code).replaceAll(" ", "-").replaceAll("o", "0")))).toEqual(code);
      }),
    );
    for (const typed of ["", "a".repeat(25), "a".repeat(27), "9".repeat(26), "a".repeat(200)])
      expect(codeOf(parseLinkCode(typed))).toBe("link_code_invalid");
  });
});
