/** WhatsApp's text exports: dates of every language, marks of iOS, forms of Android, and lines that only look like messages. */
import { describe, expect, test } from "vitest";
import { asBytes, bytesSource, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

async function read(text: string, name = "WhatsApp Chat with Ada.txt", zone = "UTC"): Promise<MemorySink> {
  const sink = new MemorySink();
  await importInto(sink, [bytesSource(name, asBytes(text))], zone);
  return sink;
}

const day = (iso: string): number => Date.parse(iso);

describe("dates of WhatsApp", () => {
  const same = day("2018-10-23T14:05:00Z");
  test.each([
    ["iOS, German", "[23.10.18, 14:05:00] Ada: hallo"],
    ["iOS, English of the USA", "[10/23/18, 2:05:00\u202FPM] Ada: hello"],
    ["Android, British", "23/10/2018, 14:05 - Ada: hello"],
    ["Android, English of the USA", "10/23/18, 2:05 PM - Ada: hello"],
    ["Spanish", "23/10/18 2:05 p. m. - Ada: hola"],
    ["Finnish", "23.10.2018 klo 14.05 - Ada: moi"],
    ["Japanese", "2018/10/23 午後2:05 - Ada: やあ"],
    ["Chinese", "2018/10/23 下午2:05 - Ada: 你好"],
    ["Korean", "2018. 10. 23. 오후 2:05 - Ada: 안녕"],
    ["older Korean", "2018년 10월 23일 오후 2:05, Ada : 안녕"],
    ["Turkish", "23.10.2018 ÖS 2:05 - Ada: selam"],
    ["Greek", "23/10/2018, 2:05 μ.μ. - Ada: γεια"],
    ["Vietnamese", "23/10/2018, 2:05 CH - Ada: chào"],
    ["Arabic digits", "\u200F٢٣\u200F/١٠\u200F/٢٠١٨، ١٤:٠٥ - Ada: مرحبا"],
    ["Persian digits", "۲۳/۱۰/۲۰۱۸, ۱۴:۰۵ - Ada: سلام"],
    ["Bengali digits", "২৩/১০/২০১৮, ১৪:০৫ - Ada: হ্যালো"],
    ["Thai years", "23/10/2561 14:05 - Ada: สวัสดี"],
    ["year first", "2018-10-23, 14:05 - Ada: hi"],
  ])("%s", async (_name, line) => {
    const sink = await read(`${line}\n`);
    expect(sink.records().map(({ at }) => new Date(at).toISOString())).toEqual([new Date(same).toISOString()]);
    expect(
      sink.conversations
        .values()
        .next()
        .value?.people.map(({ name }) => name),
    ).toEqual(["Ada"]);
  });

  test("day and month are told apart by what cannot be otherwise, and by the order of time", async () => {
    const dmy = await read("03/04/2020, 10:00 - Ada: a\n13/04/2020, 10:00 - Ada: b\n");
    expect(dmy.records()[0]?.at).toBe(day("2020-04-03T10:00Z"));
    const mdy = await read(
      "03/04/2020, 10:00 - Ada: a\n04/02/2020, 10:00 - Ada: b\n04/03/2020, 11:00 - Ada: c\n05/01/2020, 11:00 - Ada: d\n",
    );
    expect(mdy.records()[0]?.at).toBe(day("2020-03-04T10:00Z"));
    const unsure = await read("03/04/2020, 10:00 - Ada: a\n");
    expect(unsure.records()[0]?.doubt).toBeDefined();
  });

  test("a date in a name of a file decides", async () => {
    const sink = await read("03/04/2020, 10:00 - Ada: IMG-20200304-WA0001.jpg (file attached)\n");
    expect(sink.records()[0]?.at).toBe(day("2020-03-04T10:00Z"));
  });

  test("wall clocks are read in the zone that is assumed, in summer and in winter", async () => {
    const sink = await read("[01.02.20, 12:00:00] Ada: winter\n[13.07.20, 12:00:00] Ada: summer\n", "_chat.txt", "Europe/Berlin");
    expect(sink.records().map(({ at, time }) => [new Date(at).toISOString(), time.zone])).toEqual([
      ["2020-02-01T11:00:00.000Z", "assumed"],
      ["2020-07-13T10:00:00.000Z", "assumed"],
    ]);
  });

  test("year 0 and year 9999 do not exist: the message comes in beside its neighbour", async () => {
    const sink = new MemorySink();
    const text = "23/10/2018, 14:05 - Ada: a\n23/10/9999, 14:05 - Ada: b\n23/10/0000, 14:05 - Ada: c\n";
    const report = await importInto(sink, [bytesSource("WhatsApp Chat with Ada.txt", asBytes(text))]);
    expect(report.messages.imported).toBe(3);
    expect(report.problems).toMatchObject([{ code: "time_implausible", count: 2, at: 27 }]);
    expect(sink.records()[1]).toMatchObject({ text: "b", time: { precision: "none" } });
  });
});

describe("messages of WhatsApp", () => {
  test("what continues on further lines is one message, and a pasted chat in another form stays text", async () => {
    const sink = await read("23/10/2018, 14:05 - Ada: look\n\n[10/23/18, 2:05:00 PM] Bob: pasted\nend\n23/10/2018, 14:06 - Bob: ok\n");
    expect(sink.texts()).toEqual(["look\n\n[10/23/18, 2:05:00 PM] Bob: pasted\nend", "ok"]);
  });

  test("three equal messages of one minute stay three, and come in once", async () => {
    const text = "23/10/2018, 14:05 - Ada: ok\n".repeat(3);
    const sink = await read(text);
    expect(sink.messages.size).toBe(3);
    const report = await importInto(sink, [bytesSource("WhatsApp Chat with Ada.txt", asBytes(`${text}23/10/2018, 14:06 - Ada: new\n`))]);
    expect(report.messages).toMatchObject({ imported: 1, duplicate: 3 });
  });

  test("iOS: attachments, captions of documents, deletions, edits, polls and system lines by their mark", async () => {
    const name = "00000042-PHOTO-2018-10-23-14-05-06.jpg";
    const text = [
      `\u200E[23.10.18, 14:05:06] Ada: \u200E<Anhang: ${name}>`,
      "[23.10.18, 14:05:07] Ada: report.pdf • \u200E1 page \u200E<attached: report.pdf>",
      "[23.10.18, 14:05:08] Ada: \u200EThis message was deleted.",
      "[23.10.18, 14:05:09] Ada: right \u200E<This message was edited>",
      "[23.10.18, 14:05:10] Ada: \u200EPOLL:",
      "When?",
      "\u200EOPTION: Now (2 votes)",
      "\u200EOPTION: Later: maybe (0 votes)",
      "[23.10.18, 14:05:11] Choir: \u200EAda created this group",
      "[23.10.18, 14:05:12] Ada: \u200Eimage omitted",
      "[23.10.18, 14:05:13] Ada: \u200ELocation: https://maps.google.com/?q=52.5,13.4",
    ].join("\r\n");
    const source = await zipSource("WhatsApp Chat - Choir.zip", [
      { path: "_chat.txt", content: asBytes(text) },
      { path: name, content: Uint8Array.of(0xff, 0xd8, 0xff, 1) },
    ]);
    const sink = new MemorySink();
    const report = await importInto(sink, [source]);
    expect(report.media).toEqual({ read: 3, imported: 1, duplicate: 0, missing: 2, skipped: 0 });
    expect(sink.records()).toMatchObject([
      { text: "", media: [{ kind: "photo", state: "stored", type: "image/jpeg" }] },
      { text: "report.pdf • 1 page", media: [{ name: "report.pdf", state: "missing" }] },
      { kind: "deleted" },
      { kind: "text", text: "right", extra: { isEdited: true } },
      {
        kind: "poll",
        poll: {
          question: "When?",
          answers: [
            { text: "Now", votes: 2 },
            { text: "Later: maybe", votes: 0 },
          ],
        },
      },
      { kind: "system", text: "Ada created this group" },
      { media: [{ state: "omitted" }] },
      { place: { latitude: 52.5, longitude: 13.4 } },
    ]);
    expect([...sink.conversations.values()]).toMatchObject([{ title: "Choir" }]);
  });

  test("Android: captions, omitted media, empty messages, and a subject with a colon that is nobody", async () => {
    const sink = await read(
      [
        "23/10/2018, 14:05 - Messages and calls are end-to-end encrypted.",
        '23/10/2018, 14:05 - Ada changed the subject from "a" to "Trip: 2018"',
        "23/10/2018, 14:06 - Ada: IMG-20181023-WA0001.jpg (file attached)",
        "the harbour",
        "23/10/2018, 14:07 - Ada: <Media omitted>",
        "23/10/2018, 14:08 - Ada: ",
        "23/10/2018, 14:09 - \u202A+49 170 0000000\u202C: hi",
      ].join("\n"),
    );
    expect(sink.records().map(({ kind }) => kind)).toEqual(["system", "system", "text", "text", "text", "text"]);
    expect(sink.records()[2]).toMatchObject({ text: "the harbour", media: [{ kind: "photo", state: "missing" }] });
    expect(sink.records()[3]).toMatchObject({ media: [{ state: "omitted" }] });
    expect([...sink.conversations.values()][0]?.people.map(({ name }) => name)).toEqual(["Ada", "+49 170 0000000"]);
  });
});
