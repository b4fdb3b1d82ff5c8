/** Pages as exports: Instagram's with names of months, Telegram's with ids; and pages that want to do harm. */
import { describe, expect, test } from "vitest";
import { asBytes, bytesSource, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink } from "./support/memory-sink.ts";

const FOLDER = "your_instagram_activity/messages/inbox/ada_123456";
const block = (sender: string | undefined, body: string, time: string): string =>
  `<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder">${sender === undefined ? "" : `<h2 class="_3-95 _2pim _a6-h _a6-i">${sender}</h2>`}<div class="_3-95 _a6-p"><div><div></div>${body}<div></div></div></div><div class="_3-94 _a6-o">${time}</div></div>`;
const page = (...blocks: readonly string[]): GeneratedFile => ({
  path: `${FOLDER}/message_1.html`,
  content: asBytes(
    `<html><head><title>Ada</title><style>.x{}</style></head><body class="_5vb_"><div class="_a706" role="main">${blocks.join("")}</div></body></html>`,
  ),
});

describe("Instagram as HTML", () => {
  test("messages, media, reactions, links and senders that are named once", async () => {
    const photo = { path: `${FOLDER}/photos/1.jpg`, content: Uint8Array.of(0xff, 0xd8, 0xff) };
    const html = page(
      block(
        "Ada",
        `<div>so &lt;b&gt; &amp; é</div><ul class="_a6-q"><li><span>❤️Bob<span> (Apr 23, 2022 5:32 pm)</span></span></li></ul>`,
        "Sep 22, 2017 6:35 am",
      ),
      block(undefined, `<div>second line<br/>here</div>`, "Sep 22, 2017 6:34 am"),
      block(
        "Bob",
        `<div><a target="_blank" href="https://example.invalid/x">https://example.invalid/x</a></div><img src="${photo.path}" class="_a6_o"/>`,
        "Sep 22, 2017 6:33 am",
      ),
      `<div class="pam _3-95 _2ph- _a6-g uiBoxWhite noborder"><h2 class="_3-95 _2pim _a6-h _a6-i">Participants: Ada, Bob and Çelik</h2></div>`,
    );
    const sink = new MemorySink();
    const report = await importInto(sink, [await zipSource("instagram-x.zip", [html, photo])]);
    expect(report).toMatchObject({ messages: { read: 3, imported: 3 }, media: { imported: 1 }, problems: [], services: ["instagram"] });
    expect(sink.records()).toMatchObject([
      { text: "https://example.invalid/x", media: [{ state: "stored", kind: "photo" }], links: ["https://example.invalid/x"] },
      { text: "second line\nhere", time: { precision: "min", zone: "assumed" } },
      { text: "so <b> & é", reactions: [{ emoji: "❤️" }] },
    ]);
    const [third, second] = sink.records().toReversed();
    expect(second?.sender).toBe(third?.sender);
    expect([...sink.conversations.values()][0]).toMatchObject({ title: "Ada", kind: "group" });
  });

  test.each([
    ["jun 11, 2026 9:59 am", "2026-06-11T09:59:00Z"],
    ["11 de junio de 2026, 9:59 p. m.", "2026-06-11T21:59:00Z"],
    ["Oct 19, 2019, 2:37:05 PM", "2019-10-19T14:37:05Z"],
    ["19 Oct 2019, 14:37", "2019-10-19T14:37:00Z"],
    ["19. Oktober 2019 14:37", "2019-10-19T14:37:00Z"],
    ["19 октября 2019 г., 14:37", "2019-10-19T14:37:00Z"],
  ])("the date %s", async (shown, iso) => {
    const sink = new MemorySink();
    await importInto(sink, [await zipSource("instagram-x.zip", [page(block("Ada", "<div>x</div>", shown))])]);
    expect(sink.records().map(({ at }) => new Date(at).toISOString())).toEqual([new Date(iso).toISOString()]);
  });

  test("where the same conversation is there as JSON, the pages are counted and left out", async () => {
    const json = asBytes({
      participants: [{ name: "Ada" }],
      messages: [{ sender_name: "Ada", timestamp_ms: 1_600_000_000_000, content: "x" }],
      title: "Ada",
      thread_path: "inbox/ada_123456",
    });
    const files = [page(block("Ada", "<div>x</div>", "Sep 13, 2020 2:26 pm")), { path: `${FOLDER}/message_1.json`, content: json }];
    const report = await importInto(new MemorySink(), [await zipSource("instagram-x.zip", files)]);
    expect(report).toMatchObject({ messages: { read: 2, imported: 1, skipped: 1 }, skipped: { in_better_format: 1 } });
  });

  test("scripts, forms and depth do no harm, and a page that is cut off loses its last message", async () => {
    const deep = "<div>".repeat(5000);
    const blocks = [
      block(
        "Ada",
        `<script>alert(1)</script><img src="x" onerror="alert(1)"><iframe src="https://example.invalid"></iframe>fine`,
        "Sep 22, 2017 6:33 am",
      ),
      block("Ada", `${deep}lost${"</div>".repeat(5000)}kept`, "Sep 22, 2017 6:32 am"),
      block("Ada", `<div>${"x".repeat(3_000_000)}</div>`, "Sep 22, 2017 6:31 am"),
      block("Ada", "<div>last</div>", "Sep 22, 2017 6:30 am"),
    ];
    const { path, content } = page(...blocks);
    const cut = content.subarray(0, content.length - 80);
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource(`instagram-x/${path}`, cut)]);
    expect(report).toMatchObject({ messages: { read: 4, imported: 2, unparsed: 2 } });
    expect(report.problems.map(({ code }) => code).toSorted()).toEqual(["html_damaged", "record_too_long"]);
    expect(sink.texts()).toEqual(["kept", "alert(1)fine"]);
  });
});

test("Telegram as HTML: joined messages, replies, forwards, media, services, and clocks that summer moved", async () => {
  const message = (id: number, inside: string, classes = "default clearfix"): string =>
    `<div class="message ${classes}" id="message${id}">${inside}</div>`;
  const date = (shown: string): string => `<div class="pull_right date details" title="${shown} UTC+01:00">x</div>`;
  const html = `<!DOCTYPE html><html><body><div class="page_wrap"><div class="page_header"><div class="content"><div class="text bold">Ada </div></div></div><div class="history">
    ${message(-1, '<div class="body details">15 March 2024</div>', "service")}
    ${message(1, `<div class="body">${date("15.07.2024 14:20:00")}<div class="from_name">Ada </div><div class="text">hello<br>there</div></div>`)}
    ${message(2, `<div class="body">${date("15.07.2024 14:21:00")}<div class="reply_to details">In reply to <a href="#go_to_message1" onclick="return GoToMessage(1)">this</a></div><div class="text">joined</div></div>`, "default clearfix joined")}
    ${message(3, `<div class="body">${date("15.07.2024 14:22:00")}<div class="from_name">Bob</div><div class="media_wrap clearfix"><a class="photo_wrap clearfix pull_left" href="photos/p.jpg"><img class="photo" src="photos/p_thumb.jpg"></a></div></div>`)}
    ${message(4, '<div class="body details">Ada pinned this message</div>', "service")}
  </div></div></body></html>`;
  const source = await zipSource("tg.zip", [
    { path: "ChatExport/messages.html", content: asBytes(html) },
    { path: "ChatExport/photos/p.jpg", content: Uint8Array.of(0xff, 0xd8, 0xff) },
  ]);
  const sink = new MemorySink();
  const report = await importInto(sink, [source], "Europe/Berlin");
  expect(report).toMatchObject({ messages: { read: 4, imported: 4 }, media: { read: 1, imported: 1 }, problems: [] });
  expect(sink.records()).toMatchObject([
    { nativeId: "1", text: "hello\nthere", at: Date.parse("2024-07-15T12:20:00Z") },
    { nativeId: "2", text: "joined", reply: { to: "1" } },
    { nativeId: "3", media: [{ kind: "photo", state: "stored" }] },
    { nativeId: "4", kind: "system", text: "Ada pinned this message" },
  ]);
  expect(sink.records()[1]?.sender).toBe(sink.records()[0]?.sender);
});
