import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as p from "@sotto/protocol";

const FORMS = [
  ["base64url", p.bytesToBase64url, p.base64urlToBytes],
  ["base32", p.bytesToBase32, p.base32ToBytes],
  ["hex", p.bytesToHex, p.hexToBytes],
] as const;

describe.each(FORMS)("%s", (_name, encode, decode) => {
  test("round trips", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(decode(encode(bytes))).toEqual(bytes);
      }),
    );
  });

  test("has one form for each value", () => {
    const property = fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-zA-Z2-7_-]{0,12}$/)), (text) => {
      const bytes = decode(text);
      return bytes === undefined || encode(bytes) === text;
    });
    expect(fc.check(property, { numRuns: 2_000 })).toMatchObject({ failed: false });
  });
});

test("gives the forms of RFC 4648 §10", () => {
  const foobar = p.encodeUtf8("foobar");
  expect(p.bytesToBase64url(foobar)).toBe("Zm9vYmFy");
  expect(p.bytesToBase32(foobar)).toBe("mzxw6ytboi");
  expect(p.bytesToHex(foobar)).toBe("666f6f626172");
});

describe("ids as text", () => {
  test("round trip", () => {
    const log = p.toId(p.logId, new Uint8Array(16).fill(7));
    expect(p.parseId(p.logId, p.idToText(log))).toEqual({ ok: true, value: log });
    const account = p.toId(p.accountId, new Uint8Array(32).fill(7));
    expect(p.accountIdToText(account)).toHaveLength(52);
    expect(p.parseAccountId(p.accountIdToText(account))).toEqual({ ok: true, value: account });
  });

  test.each(["", "AAAA", "A".repeat(23), "A".repeat(10_000), "AAAAAAAAAAAAAAAAAAAAAB"])("refuse %s", (text) => {
    expect(p.parseId(p.logId, text)).toMatchObject({ code: "id_invalid" });
    expect(p.parseAccountId(text)).toMatchObject({ code: "id_invalid" });
  });

  test("refuse bytes of another length when the program makes them", () => {
    expect(() => p.toId(p.logId, new Uint8Array(15))).toThrow(p.ProtocolError);
  });
});

describe("usernames", () => {
  test.each([
    ["alice", "alice", undefined],
    ["@Alice", "alice", undefined],
    [" bob_2@chat.example.org:8420 ", "bob_2", "chat.example.org:8420"],
  ])("%s", (typed, username, host) => {
    expect(p.parseAddress(typed)).toEqual({ ok: true, value: { username, host } });
  });

  test.each(["", "al", "2fast", "älice", "a".repeat(33), "alice@", "alice@a@b", "alice@-a", "a b c"])("refuse %s", (typed) => {
    expect(p.parseAddress(typed)).toMatchObject({ code: "username_invalid" });
  });
});
