/** What the exposure report sees in texts, and what it must not see. Numbers are specimens, or made here. */
import { describe, expect, test } from "vitest";
import { findExposures, findInFileName } from "@sotto/archive";

const short = (text: string, around = ""): string[] =>
  findExposures(text, around).map(({ kind, level, what, masked }) => `${level} ${kind} ${what} ${masked}`);

/** What was said, and what is seen in it. */
type Case = readonly [text: string, ...seen: readonly string[]];

const seenIn = (cases: readonly Case[]): Case[] => cases.map(([text]) => [text, ...short(text)]);

describe("payment cards", () => {
  test("are confirmed by check digit, issuer and words around them", () => {
    const cases: Case[] = [
      ["my card 4111 1111 1111 1111 exp 04/29", "confirmed card visa ••••1111"],
      ["Kreditkarte: 5555555555554444", "confirmed card mastercard ••••4444"],
      ["3782-822463-10005 04/29", "confirmed card american-express ••••0005"],
      ["4111 1111 1111 1111 12/27 123", "confirmed card visa ••••1111"],
      ["номер карты 2200 0000 0000 0004", "confirmed card mir ••••0004"],
      ["カード番号 3530111333300000", "confirmed card jcb ••••0000"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("are possible by their groups alone, and likely when the talk is of cards", () => {
    expect(short("4111 1111 1111 1111")).toEqual(["possible card visa ••••1111"]);
    expect(short("4111 1111 1111 1111", "which card shall I use?")).toEqual(["likely card visa ••••1111"]);
    expect(short("4111111111111111")).toEqual([]);
  });

  test("are not other numbers, whatever their check digit", () => {
    const cases: Case[] = [
      ["order no. 4111111111111111"],
      ["Sendungsnummer 4111 1111 1111 1111"],
      ["card 4111 1111 1111 1112"],
      ["card 4111 1111 1111 1111 1111"],
      ["card 9999 9999 9999 9995"],
      ["card https://example.org/v/4111111111111111"],
      ["card img_4111111111111111.jpg"],
      ["the card came at 1600000001000"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

describe("bank accounts", () => {
  test("are confirmed by country, length and check digits", () => {
    const cases: Case[] = [
      ["IBAN DE89 3704 0044 0532 0130 00, thanks", "confirmed iban iban DE ••••3000"],
      ["gb82west12345698765432", "confirmed iban iban GB ••••5432"],
      ["NO9386011117947", "confirmed iban iban NO ••••7947"],
      ["FR14 2004 1010 0505 0001 3M02 606 Grüße", "confirmed iban iban FR ••••2606"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("with one wrong character, of another length or inside a word are none", () => {
    const cases: Case[] = [
      ["DE89 3704 0044 0532 0130 01"],
      ["DE89 3704 0044 0532 0130 001"],
      ["DE89 3704 0044 0532 0130"],
      ["XDE89370400440532013000"],
      ["ZZ89 3704 0044 0532 0130 00"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

describe("seed phrases", () => {
  const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow";

  test("are confirmed by the words and their checksum, as a line or as a list", () => {
    const listed = phrase.split(" ").map((word, at) => `${at + 1}. ${word}`);
    const cases: Case[] = [
      [phrase, "confirmed seed seed-phrase 12 words"],
      [`Write it down!\n${listed.join("\n")}`, "confirmed seed seed-phrase 12 words"],
      [phrase.toUpperCase(), "confirmed seed seed-phrase 12 words"],
      [`${"abandon ".repeat(23)}art`, "confirmed seed seed-phrase 24 words"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("with a slip are possible where wallets are the subject, and else none", () => {
    const wrong = phrase.replace("yellow", "year");
    expect(short(`my wallet:\n${wrong}`)).toEqual(["possible seed seed-phrase 12 words"]);
    const cases: Case[] = [[wrong], [phrase.split(" ").slice(1).join(" ")], [phrase.split(" ").join(" and the ")]];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("are found in a longer row of such words only where wallets are the subject", () => {
    const longer = `ability able ${phrase} about`;
    expect(short(longer)).toEqual([]);
    expect(short(`seed ${longer}`)).toEqual(["likely seed seed-phrase 12 words"]);
  });
});

describe("tokens and keys", () => {
  const varied = "aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6dE9fG2hJ5kL8mN1pQ4rS7tU0vW3xY6z";

  test("are known by their prefixes and lengths", () => {
    const cases: Case[] = [
      [`xoxb-${varied.slice(0, 40)}`, "likely token slack-token xoxb••••"],
      ["AWS_ACCESS_KEY_ID=AKIA2E7QWX5RTZ3YHJKN", "likely token aws-access-key AKIA••••"],
      [`key sk_live_${varied.slice(0, 24)}.`, "likely token stripe-key sk_l••••"],
      [`eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NSJ9.${varied.slice(0, 43)}`, "likely token json-web-token eyJh••••"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("with a checksum are confirmed by it", () => {
    const cases: Case[] = [
      ["ghp_aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY03KHd6i", "possible token github-token ghp_••••"],
      ["5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ", "confirmed key wallet-key 5Hue••••"],
      ["5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTK", "possible key wallet-key 5Hue••••"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("are not names, placeholders and longer words", () => {
    const cases: Case[] = [
      ["ghp_tooShort"],
      ["AKIAAAAAAAAAAAAAAAAA"],
      ["sk_test_aB3dE6gH9jK2mN5pQ8rS1tU4"],
      ["https://example.org/watch?v=aB3dE6gH9jK2mN5pQ8rS1tU4vW7xY0zA3bC6"],
      ["notAKIA2E7QWX5RTZ3YHJKN"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("private keys are found as blocks, also cut off", () => {
    const dashes = "-----";
    const body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj\n".repeat(4);
    const block = `${dashes}BEGIN OPENSSH PRIVATE KEY${dashes}\n${body}${dashes}END OPENSSH PRIVATE KEY${dashes}`;
    const cases: Case[] = [
      [`here\n${block}\nbye`, "confirmed key ssh-private-key 160 characters"],
      [block.slice(0, 150), "likely key ssh-private-key 112 characters"],
      [block.replaceAll("OPENSSH PRIVATE", "PUBLIC")],
      [`${dashes}BEGIN PRIVATE KEY${dashes} is how it begins`],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

describe("passwords", () => {
  test("are what is named so", () => {
    const cases: Case[] = [
      ["Password: hunter2!x", "likely password password 9 characters"],
      ["das Passwort ist Ge4eim!", "likely password password 7 characters"],
      ["wifi key = sunflower", "possible password password 9 characters"],
      ["PIN: 4711", "likely password pin 4 characters"],
      ["postgres://app:s3cr3tpw@db.example.org/x", "likely password password-in-address 8 characters"],
      ["API_KEY=f81d4fae7dec11d0a76500a0c91e6bf6", "likely password secret 32 characters"],
      ["пароль: qwe12345", "likely password password 8 characters"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("are not words about passwords", () => {
    const cases: Case[] = [
      ["I forgot my password again"],
      ["the password is wrong"],
      ["Password: ********"],
      ["reset your password: https://example.org/reset"],
      ["pass: me"],
      ["the secret is to add salt"],
      ["pin it to the top"],
      ["token: see below"],
      ["password = config.password"],
      ["password: Optional[bytes]"],
      ["the password is index_url"],
      ["mail https://user:pass@example.org/"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

describe("identity documents", () => {
  const passport = ["P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10"];
  const card = ["I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<"];

  test("are confirmed by all check digits of the specimens of ICAO", () => {
    const cases: Case[] = [
      [passport.join("\n"), "confirmed document passport UTO ••••2C3"],
      [`scanned:\n${passport.join("\r\n")}\nok`, "confirmed document passport UTO ••••2C3"],
      [passport.join(""), "confirmed document passport UTO ••••2C3"],
      [card.join("\n").toLowerCase(), "confirmed document identity-card UTO ••••890"],
      ["I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<\nD231458907UTO7408122F1204159<<<<<<<6", "confirmed document identity-card UTO ••••890"],
      ["V<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL8988901C4XXX4009078F96121096ZE184226B<<<<<<", "confirmed document visa UTO ••••01C"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });

  test("with one wrong digit are likely, with more or an unknown state none", () => {
    const cases: Case[] = [
      [passport.join("\n").replace("740812", "740813"), "possible document passport UTO ••••2C3"],
      [passport.join("\n").replace("<<<<<10", "<<<<<11"), "likely document passport UTO ••••2C3"],
      [passport.join("\n").replaceAll("UTO", "QQQ")],
      [passport.join("\n").replaceAll(/\d/g, "7")],
      [passport.join("\n\n\n---\n")],
      ["if (a << b && c >> d) { x << y << z } 1234567890123"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

describe("places", () => {
  test("are coordinates that tell a house, likelier in a link to a map", () => {
    const cases: Case[] = [
      ["https://maps.google.com/?q=52.520008,13.404954", "likely place map-link near 52.5, 13.4"],
      ["we are at 52.520008, 13.404954", "possible place coordinates near 52.5, 13.4"],
      ["52.5, 13.4"],
      ["version 1.23456.78901, 2.34567"],
      ["99.12345, 200.12345"],
      ["0.0000, 0.0000"],
    ];
    expect(seenIn(cases)).toEqual(cases);
  });
});

test("one place is told once, and several are told in their order", () => {
  const found = findExposures("card 4111 1111 1111 1111, IBAN DE89 3704 0044 0532 0130 00, password: hunter2!x");
  expect(found.map(({ kind }) => kind).toSorted()).toEqual(["card", "iban", "password"]);
});

test("a file may be a document by its name, or by what is said of it", () => {
  const seen = (name: string, around = ""): string[] => findInFileName(name, around).map(({ level, what }) => `${level} ${what}`);
  expect(seen("media/Reisepass_scan.pdf")).toEqual(["possible document-file"]);
  expect(seen("my passport.jpg")).toEqual(["possible document-file"]);
  expect(seen("運転免許証.png")).toEqual(["possible document-file"]);
  expect(seen("IMG_0001.jpg", "here is my driver's license")).toEqual(["possible document-mentioned"]);
  expect(seen("IMG_0001.jpg", "the sea")).toEqual([]);
  expect(seen("passporting.jpg")).toEqual([]);
});
