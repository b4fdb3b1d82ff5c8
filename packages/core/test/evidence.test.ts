/** Reports: evidence that was kept when a message was opened convinces offline, and nothing else does. */
import { describe, expect, test } from "vitest";
import { decodeEvidence, encodeEvidence, encodeReport, type OpenedMessage, type ReportedMessage, verifyReport } from "@sotto/core";
import { crypto, must, codeOf } from "./support/provider.ts";
import { HUB_KEY } from "./support/server.ts";
import { Person, say, type Seat, wordsAt, World } from "./support/people.ts";

const world = new World();
const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob", 1), new Person(world, "eve", 1)];
const seats = ada.phone.start("group", [ada.laptop, bob.phone, eve.phone], "Lake people");
const [adaPhone, adaLaptop, bobPhone] = seats as [Seat, Seat, Seat, Seat];
say(adaPhone, "one");
say(adaLaptop, "two");
say(adaPhone, "x".repeat(3000));
wordsAt(bobPhone);
const heard = bobPhone.heard.filter((opened): opened is OpenedMessage => opened.kind === "message");
const messages: ReportedMessage[] = heard.map(({ bytes, evidence }) => ({ bytes, evidence }));
const chain = ada.entries;

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
const [first, second] = messages as [ReportedMessage, ReportedMessage];

describe("a report", () => {
  test("shows what was written, by whose device, and with the hub key where and when", () => {
    const report = must(encodeReport(messages, chain));
    const checked = must(verifyReport(report, { crypto, hubKey: HUB_KEY }));
    expect(checked.map(({ content }) => (content.body.kind === "text" ? content.body.text.slice(0, 3) : ""))).toEqual([
      "one",
      "two",
      "xxx",
    ]);
    expect(checked.map(({ sender }) => sender.device)).toEqual([ada.phone.own.id, ada.laptop.own.id, ada.phone.own.id]);
    expect(checked.map(({ receipt }) => receipt)).toEqual(["valid", "valid", "valid"]);
    expect(checked.map(({ messageId }) => messageId)).toEqual(heard.map(({ messageId }) => messageId));
    expect(checked[0]).toMatchObject({ seq: first.evidence.seq, acceptedAt: first.evidence.acceptedAt, isDeviceRevoked: false });
  });

  test("without the hub key shows all but place and time", () => {
    const checked = must(verifyReport(must(encodeReport([first], chain)), { crypto }));
    expect(checked[0]?.receipt).toBe("unchecked");
  });

  test("holds no secret of the conversation or of a device", () => {
    const report = Buffer.from(must(encodeReport(messages, chain)));
    for (const seat of seats) {
      const { mls } = seat.conversation;
      for (const secret of [...Object.values(mls.secrets), ...[...mls.privateKeys.values()].map(({ privateKey }) => privateKey)]) {
        expect(report.includes(Buffer.from(secret))).toBe(false);
      }
      expect(report.includes(Buffer.from(seat.device.own.signatureKeys.privateKey))).toBe(false);
    }
    expect(report.includes(Buffer.from("Lake people"))).toBe(false);
  });

  test("still convinces after the device was revoked, and says that it was", () => {
    const other = new Person(world, "zoe");
    const [zoePhone, , reader] = other.phone.start("direct", [other.laptop, eve.phone]) as [Seat, Seat, Seat];
    say(zoePhone, "mine");
    wordsAt(reader);
    const [opened] = reader.heard as [OpenedMessage];
    other.revoke(other.phone, other.laptop);
    const checked = must(verifyReport(must(encodeReport([opened], other.entries)), { crypto, hubKey: HUB_KEY }));
    expect(checked[0]?.isDeviceRevoked).toBe(true);
  });
});

describe("a false report", () => {
  const verdict = (message: ReportedMessage, entries = chain): string => {
    const report = encodeReport([message], entries);
    return report.ok ? codeOf(verifyReport(report.value, { crypto, hubKey: HUB_KEY })) : report.code;
  };
  const changed = (evidence: Partial<ReportedMessage["evidence"]>): ReportedMessage => ({
    ...first,
    evidence: { ...first.evidence, ...evidence },
  });

  test.each([
    ["other words", { ...first, bytes: second.bytes }, "evidence_invalid"],
    ["a changed signature", changed({ signature: flipped(first.evidence.signature, 5) }), "evidence_invalid"],
    [
      "another signed text",
      changed({ toBeSigned: flipped(first.evidence.toBeSigned, first.evidence.toBeSigned.length - 1) }),
      "evidence_invalid",
    ],
    ["another device as sender", changed({ sender: second.evidence.sender }), "evidence_invalid"],
    ["another person as sender", changed({ sender: { account: bob.account, device: bob.phone.own.id } }), "evidence_invalid"],
    ["another key", changed({ signatureKey: bob.phone.own.signatureKeys.publicKey }), "evidence_invalid"],
    ["another tag", changed({ tag: flipped(first.evidence.tag, 0) }), "evidence_invalid"],
    ["another time", changed({ acceptedAt: first.evidence.acceptedAt - 1 }), "log_receipt_invalid"],
    ["another place", changed({ seq: first.evidence.seq + 1 }), "log_receipt_invalid"],
  ])("with %s is refused", (_name, message, code) => {
    expect(verdict(message)).toBe(code);
  });

  test("with another person's chain, or a chain that was changed, is refused", () => {
    expect(verdict(first, bob.entries)).toBe("evidence_invalid");
    expect(
      verdict(
        first,
        chain.map((entry) => flipped(entry, entry.length - 10)),
      ),
    ).toBe("chain_signature");
    expect(verdict(first, [])).toBe("chain_empty");
  });

  test("of random bytes, or cut, is refused with a code", () => {
    const report = must(encodeReport([first], chain));
    for (let length = 0; length < report.length; length += 13)
      expect(codeOf(verifyReport(report.subarray(0, length), { crypto }))).not.toBe("ok");
    for (let at = 0; at < report.length; at += 29)
      expect(codeOf(verifyReport(flipped(report, at), { crypto, hubKey: HUB_KEY }))).not.toBe("ok");
  });
});

test("stored evidence leaves out the content and gives all of it back", () => {
  for (const { bytes, evidence } of messages) {
    const stored = must(encodeEvidence(evidence, bytes));
    expect(stored.length).toBeLessThan(650);
    expect(must(decodeEvidence(stored, bytes))).toEqual(evidence);
  }
});
