import { describe, expect, test } from "vitest";
import * as p from "@sotto/protocol";
import { counting, MESSAGE, SALT, VOICE } from "../../test/samples.ts";

/** Examples of draft-ietf-mimi-content: message, sender, room, message id. */
const DRAFT_EXAMPLES = [
  [
    "original",
    "87505eed9406c2545547ab6f09f20a18b003f640f6f6a20178206d696d693a2f2f6578616d706c652e636f6d2f752f616c6963652d736d6974680278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d85016001781e746578742f6d61726b646f776e3b76617269616e743d47464d2d4d494d49583948692065766572796f6e652c207765206a75737420736869707065642072656c6561736520322e302e205f5f476f6f642020776f726b5f5f21",
    "alice-smith",
    "017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4",
    "text",
  ],
  [
    "reply",
    "875011a458c73b8dd2cf404db4b378b8fe4df640f65820017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4a201781e6d696d693a2f2f6578616d706c652e636f6d2f752f626f622d6a6f6e65730278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d85016001781e746578742f6d61726b646f776e3b76617269616e743d47464d2d4d494d4958215269676874206f6e21205f436f6e67726174756c6174696f6e735f2027616c6c21",
    "bob-jones",
    "015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b27",
    "text",
  ],
  [
    "reaction",
    "8750d37bc0e6a8b4f04e9e6382375f587bf6f640f65820017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4a20178256d696d693a2f2f6578616d706c652e636f6d2f752f63617468792d77617368696e67746f6e0278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d850260017818746578742f706c61696e3b636861727365743d7574662d3843e29da4",
    "cathy-washington",
    "0158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff68",
    "reaction",
  ],
  [
    "unlike",
    "8750c5ba86dc9fd272e58ca52ec805b7919958200158c4288911e50a8f6be3f47746b6682f10fd91bc8c05557aa589a3157aff6840f65820017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4a20178256d696d693a2f2f6578616d706c652e636f6d2f752f63617468792d77617368696e67746f6e0278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d83026000",
    "cathy-washington",
    "013aadbb8f313253c8930f4e93c6ca54b2ed06d258185bdcec3870534c8a4ec4",
    "unreaction",
  ],
  [
    "delete",
    "87500a590d73b2c7761c39168be5ebf7f2e65820015354973c2b65ca937bf1e035ae53a5ab80e947afa43d46920d4202e5cc0b2740f65820017ce54837404c3696e0c747b985cb172716d0ed0a3d249ca63ace7d82a096f4a201781e6d696d693a2f2f6578616d706c652e636f6d2f752f626f622d6a6f6e65730278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d83016000",
    "bob-jones",
    "011d9efc78d04d4dcf4d82b07d5199bbef37011c1f0c7e004b6111c6dda504b4",
    "deletion",
  ],
  [
    "attachment by URL",
    "875018fac6371e4e53f1aeaf8a013155c166f640f6f6a201781e6d696d693a2f2f6578616d706c652e636f6d2f752f626f622d6a6f6e65730278256d696d693a2f2f6578616d706c652e636f6d2f722f656e67696e656572696e675f7465616d8f0662656e0269766964656f2f6d7034782b68747470733a2f2f6578616d706c652e636f6d2f73746f726167652f386b7342346253727252452e6d7034001a2a36ced1015021399320958a6f4c745dde670d95e0d84cc86cf2c33f21527d1dd76f5b400158209ab17a8cf0890baaae7ee016c7312fcc080ba46498389458ee44f0276e783163781c3220686f757273206f66206b6579207369676e696e6720766964656f6b62696766696c652e6d7034",
    "bob-jones",
    "0176180c7d19a925021fe446d241134d05c38e0d999cdc0f39c391d2377ed9d1",
    "unknown",
  ],
] as const;

describe("the examples of the MIMI draft", () => {
  test.each(DRAFT_EXAMPLES)("%s", (...[, hex, sender, id, kind]) => {
    const bytes = p.hexToBytes(hex) ?? new Uint8Array(0);
    const content = p.expectSuccess(p.decodeContent(bytes));
    expect(content.body.kind).toBe(kind);
    const senderUri = `mimi://example.com/u/${sender}`;
    const derived = p.deriveMessageId({ senderUri, roomUri: "mimi://example.com/r/engineering_team", content: bytes, salt: content.salt });
    expect(p.bytesToHex(derived)).toBe(id);
    expect(p.encodeMimiContent(p.expectSuccess(p.decodeMimiContent(bytes)))).toEqual(bytes);
  });
});

const text = (words: string, attachments: readonly p.Attachment[] = []): p.Content =>
  p.plainContent(SALT, { kind: "text", text: words, format: "markdown", attachments });

describe("content", () => {
  test("too large for its limits is an outcome", () => {
    expect(p.encodeContent(text("x".repeat(p.LIMITS.textBytesMax + 1)))).toMatchObject({ code: "content_too_large" });
    const thumbnail = { contentType: "image/webp", bytes: counting(p.LIMITS.thumbnailBytesMax) };
    const files = Array.from({ length: 4 }, () => ({ ...VOICE, thumbnail }));
    expect(p.encodeContent(text("", files))).toMatchObject({ code: "content_too_large" });
    expect(
      p.encodeContent(
        text(
          "",
          Array.from({ length: 21 }, () => VOICE),
        ),
      ),
    ).toMatchObject({ code: "content_too_large" });
  });

  test("that breaks its kind is refused on both sides", () => {
    expect(p.encodeContent(p.plainContent(SALT, { kind: "deletion" }))).toMatchObject({ code: "content_invalid" });
    expect(p.encodeContent(p.plainContent(SALT, { kind: "reaction", emoji: "❤" }))).toMatchObject({ code: "content_invalid" });
    expect(p.encodeContent(p.plainContent(counting(8), { kind: "deletion" }))).toMatchObject({ ok: false });
    expect(p.encodeContent(text("lone \uD83D"))).toMatchObject({ code: "content_invalid" });
  });

  test("a poll of which as many options as there are can be chosen is one for its readers too", () => {
    const body: p.Body = { kind: "poll", question: "Which?", options: ["a", "b", "c"], choicesMax: 0, closesAt: 0 };
    const bytes = p.expectSuccess(p.encodeContent(p.plainContent(SALT, body)));
    expect(p.expectSuccess(p.decodeContent(bytes)).body).toEqual(body);
  });

  test.each([
    { kind: "poll", question: "Which?", options: ["a", "b"], choicesMax: 3, closesAt: 0 },
    { kind: "poll", question: "", options: ["a", "b"], choicesMax: 1, closesAt: 0 },
    { kind: "poll", question: "Which?", options: ["a"], choicesMax: 1, closesAt: 0 },
    { kind: "vote", choices: [p.LIMITS.pollOptionsMax] },
  ] satisfies p.Body[])("a $kind that no reader would take for one is not made: %j", (body) => {
    expect(p.encodeContent({ ...p.plainContent(SALT, body), inReplyTo: MESSAGE })).toMatchObject({ ok: false, code: "content_invalid" });
  });

  test("of a newer version stays, and can be kept as it is", () => {
    const part: p.NestedPart = {
      kind: "single",
      disposition: 1,
      language: "en",
      contentType: "application/vnd.sotto.later+cbor",
      content: counting(9),
    };
    const content = p.plainContent(SALT, { kind: "unknown", part });
    const bytes = p.expectSuccess(p.encodeContent(content));
    expect(p.decodeContent(bytes)).toEqual({ ok: true, value: content });
  });
});

describe("the franking tag", () => {
  test("holds for its content and salt only", () => {
    const bytes = p.expectSuccess(p.encodeContent(text("Hello")));
    const tag = p.frankingTag(SALT, bytes);
    expect(p.isFrankingTag(tag, SALT, bytes)).toBe(true);
    expect(p.isFrankingTag(tag, counting(16), bytes)).toBe(false);
    expect(p.isFrankingTag(tag, SALT, p.expectSuccess(p.encodeContent(text("Hello."))))).toBe(false);
    expect(p.isFrankingTag(tag, counting(15), bytes)).toBe(false);
  });
});

describe("padding", () => {
  test("gives the size classes and no other size", () => {
    for (const size of p.SIZE_CLASSES) {
      expect(p.expectSuccess(p.padContent(counting(size - 1))).length).toBe(size);
      const next = p.padContent(counting(size));
      expect(next.ok ? p.SIZE_CLASSES.some((other) => other === next.value.length) : next.code).toBe(
        size === p.LIMITS.contentBytesMax + 1 ? "content_too_large" : true,
      );
    }
  });

  test("refuses a class that is too large, a missing marker and bytes after it", () => {
    const padded = p.expectSuccess(p.padContent(counting(20, 1)));
    const wide = new Uint8Array(512);
    wide.set(padded);
    for (const bad of [wide, padded.subarray(0, 255), new Uint8Array(256), new Uint8Array(0), padded.map((b, i) => (i === 200 ? 1 : b))]) {
      expect(p.unpadContent(bad)).toMatchObject({ code: "content_padding" });
    }
  });
});

test("account addresses in messages round trip", () => {
  const account = p.toId(p.accountId, counting(32));
  expect(p.parseAccountUri(p.accountUri(account))).toEqual({ ok: true, value: account });
  expect(p.parseAccountUri("sotto:b/x")).toMatchObject({ code: "id_invalid" });
  expect(p.idToText(MESSAGE)).toHaveLength(43);
});
