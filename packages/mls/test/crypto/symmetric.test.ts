/** Hashes, HMAC, HKDF and AEADs against the vectors of their specifications. */
import { describe, expect, it } from "vitest";

import { ascii, toHex } from "../../src/bytes.ts";
import { testRandom } from "../support/provider.ts";
import { flipBit, fromHex } from "./hex.ts";
import { ALL_SUITES, suitesOf } from "./suites.ts";

describe.each(suitesOf(0x0001))("SHA-256, $label", ({ suite }) => {
  it("hashes (FIPS 180-4)", () => {
    expect(toHex(suite.hash(ascii("abc")))).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(toHex(suite.hash(ascii("")))).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(toHex(suite.hash(new Uint8Array(1_000_000).fill(0x61)))).toBe(
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
    );
  });

  it.each([
    { key: "0b".repeat(20), data: "4869205468657265", code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
    {
      key: "4a656665",
      data: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
    },
    {
      key: "aa".repeat(131),
      data: "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d2048617368204b6579204669727374",
      code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
    },
  ])("authenticates (RFC 4231), $code", ({ key, data, code }) => {
    expect(toHex(suite.hmac(fromHex(key), fromHex(data)))).toBe(code);
  });

  it.each([
    {
      ikm: "0b".repeat(22),
      salt: "000102030405060708090a0b0c",
      info: "f0f1f2f3f4f5f6f7f8f9",
      prk: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      okm: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    },
    {
      ikm: "0b".repeat(22),
      salt: "",
      info: "",
      prk: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      okm: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    },
  ])("derives (RFC 5869), $okm", ({ ikm, salt, info, prk, okm }) => {
    expect(toHex(suite.hkdfExtract(fromHex(salt), fromHex(ikm)))).toBe(prk);
    expect(toHex(suite.hkdfExpand(fromHex(prk), fromHex(info), okm.length / 2))).toBe(okm);
  });
});

describe.each(suitesOf(0xf002))("SHA-512, $label", ({ suite }) => {
  it("hashes (FIPS 180-4)", () => {
    expect(toHex(suite.hash(ascii("abc")))).toBe(
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
    );
  });

  it("authenticates (RFC 4231)", () => {
    expect(toHex(suite.hmac(fromHex("0b".repeat(20)), ascii("Hi There")))).toBe(
      "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
    );
  });
});

const GCM_PLAINTEXT =
  "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
const GCM_AAD = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
const SUNSCREEN = "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.";

const AEAD_VECTORS = [
  {
    name: "AES-128-GCM",
    suites: [0x0001, 0x0002, 0xf001],
    key: "feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    aad: GCM_AAD,
    plaintext: GCM_PLAINTEXT,
    ciphertext:
      "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
  },
  {
    name: "AES-256-GCM",
    suites: [0xf002],
    key: "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
    nonce: "cafebabefacedbaddecaf888",
    aad: GCM_AAD,
    plaintext: GCM_PLAINTEXT,
    ciphertext:
      "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
  },
  {
    name: "ChaCha20-Poly1305",
    suites: [0x0003],
    key: "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
    nonce: "070000004041424344454647",
    aad: "50515253c0c1c2c3c4c5c6c7",
    plaintext: toHex(ascii(SUNSCREEN)),
    ciphertext:
      "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691",
  },
];

for (const vector of AEAD_VECTORS) {
  describe.each(vector.suites.flatMap((id) => suitesOf(id)))(`${vector.name}, $label`, ({ suite }) => {
    it("seals and opens its vector", () => {
      const [key, nonce, aad] = [fromHex(vector.key), fromHex(vector.nonce), fromHex(vector.aad)];
      expect(toHex(suite.aeadSeal(key, nonce, { aad, data: fromHex(vector.plaintext) }))).toBe(vector.ciphertext);
      expect(suite.aeadOpen(key, nonce, { aad, data: fromHex(vector.ciphertext) })).toEqual(fromHex(vector.plaintext));
    });
  });
}

describe.each(ALL_SUITES)("AEAD, $label", ({ suite }) => {
  const random = testRandom("aead");
  const [key, nonce, aad] = [random(suite.aeadKeyLength), random(suite.aeadNonceLength), random(20)];

  it.each([0, 1, 15, 16, 17, 100, 65_535, 65_536, 200_000])("seals and opens %i bytes", (length) => {
    const data = random(length);
    const sealed = suite.aeadSeal(key, nonce, { aad, data });
    expect(sealed).toHaveLength(length + suite.aeadTagLength);
    expect(suite.aeadOpen(key, nonce, { aad, data: sealed })).toEqual(data);
    const empty = new Uint8Array(0);
    expect(suite.aeadOpen(key, nonce, { aad: empty, data: suite.aeadSeal(key, nonce, { aad: empty, data }) })).toEqual(data);
  });

  it("refuses any changed bit", () => {
    const sealed = suite.aeadSeal(key, nonce, { aad, data: random(5) });
    for (let position = 0; position < sealed.length * 8; position++) {
      expect(suite.aeadOpen(key, nonce, { aad, data: flipBit(sealed, position) })).toBeUndefined();
    }
    expect(suite.aeadOpen(key, nonce, { aad: flipBit(aad, 7), data: sealed })).toBeUndefined();
    expect(suite.aeadOpen(key, flipBit(nonce, 95), { aad, data: sealed })).toBeUndefined();
    expect(suite.aeadOpen(flipBit(key, 0), nonce, { aad, data: sealed })).toBeUndefined();
  });

  it("refuses lengths that cannot be", () => {
    const sealed = suite.aeadSeal(key, nonce, { aad, data: random(50) });
    for (let length = 0; length < sealed.length; length++) {
      expect(suite.aeadOpen(key, nonce, { aad, data: sealed.subarray(0, length) })).toBeUndefined();
    }
    for (const length of [0, 15, 16, 24, 32, 33]) {
      expect(suite.aeadOpen(random(length), nonce, { aad, data: sealed })).toBeUndefined();
      expect(suite.aeadOpen(key, random(length), { aad, data: sealed })).toBeUndefined();
    }
    expect(() => suite.aeadSeal(random(5), nonce, { aad, data: sealed })).toThrow(RangeError);
    expect(() => suite.hkdfExpand(key, aad, 255 * suite.hashLength + 1)).toThrow(RangeError);
  });
});
