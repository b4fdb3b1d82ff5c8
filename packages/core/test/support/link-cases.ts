/** Vectors of linking a device: what derives from a code, each message before and after it is sealed, the digits, the master key on its way. */
import * as c from "@sotto/core";
import type { AccountId } from "@sotto/protocol";
import { decodeLinkMessage, encodeLinkMessage } from "../../src/identity/link/link-message.ts";
import { asOutcome, contextFor, must } from "./provider.ts";
import type { VectorCase } from "./vector-cases.ts";

const SPEC = "spec/identity.md, Linking";
const filled = (length: number, value: number): Uint8Array => new Uint8Array(length).fill(value);

function messagesFor(account: AccountId, device: c.DeviceKeys): c.LinkMessage[] {
  return [
    { step: "offer", device: c.devicePublic(device), name: "laptop" },
    { step: "statement", account, statement: filled(180, 0x31) },
    { step: "proof", proof: filled(64, 0x32) },
    { step: "grant", sealedKey: filled(300, 0x33) },
    { step: "refusal", reason: "link_cancelled" },
  ];
}

export function linkCases(account: AccountId, context: c.CoreContext): VectorCase[] {
  const code = filled(16, 0x5b);
  const keys = c.linkKeys(code, context);
  const device = c.createDeviceKeys(contextFor("link"));
  const masterKey = { key: filled(32, 0x34), generation: 2 };
  const granted = must(c.sealGrantedKey(masterKey, { account, keys, device: c.devicePublic(device) }, contextFor("grant")));
  const messages = messagesFor(account, device);
  return [
    { name: "link code as text", spec: SPEC, input: code, output: c.linkCodeToText(code) },
    { name: "keys of a link", spec: SPEC, input: code, output: { ...keys, hashes: c.linkHashes(keys) } },
    {
      name: "digits of a link",
      spec: SPEC,
      input: { key: keys.key, statement: filled(180, 0x31) },
      output: c.linkDigits(filled(180, 0x31), keys, context),
    },
    ...messages.map((message): VectorCase => ({
      name: `link message: ${message.step}`,
      spec: SPEC,
      input: message,
      output: encodeLinkMessage(message),
      read: (changed) => asOutcome(decodeLinkMessage(changed, message.step), "link_message_invalid"),
      again: (changed) => encodeLinkMessage(decodeLinkMessage(changed, message.step) ?? message),
      refused: ["link_message_invalid"],
    })),
    {
      name: "sealed link message",
      spec: SPEC,
      input: { code, nonce: contextFor("sealed link").random(12), message: encodeLinkMessage({ step: "proof", proof: filled(64, 0x32) }) },
      output: must(c.sealLinkMessage({ step: "proof", proof: filled(64, 0x32) }, keys, contextFor("sealed link"))),
      read: (changed) => c.openLinkMessage(changed, { keys, awaited: "proof" }, context),
      refused: ["link_message_invalid"],
    },
    {
      name: "granted master key",
      spec: SPEC,
      input: { masterKey, account, log: keys.log, device: c.devicePublic(device), inboxPrivateKey: device.inboxKeys.privateKey },
      output: granted,
      read: (changed) => c.openGrantedKey(changed, { account, keys, device }, context),
      refused: ["link_message_invalid", "version_unsupported"],
    },
  ];
}
