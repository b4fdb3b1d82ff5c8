/** Discord: DiscordChatExporter's files, and the data package, which has one's own messages only. Both know a message by the same id. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, bytesSource, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const json = (path: string, value: unknown): GeneratedFile => ({ path, content: asBytes(value) });
const EPOCH = 1_420_070_400_000;
const snowflake = (ms: number, more = 0): string => String((BigInt(ms - EPOCH) << 22n) + BigInt(more));
const AT = Date.parse("2021-03-04T05:06:07.089Z");
const ID = snowflake(AT, 1);
const CHANNEL = "800000000000000001";
const ADA = { id: "700000000000000001", name: "ada", discriminator: "0000", nickname: "Ada", isBot: false, roles: [], avatarUrl: "x" };
const BOB = { id: "700000000000000002", name: "bob", discriminator: "1234", nickname: "Bob", isBot: false };

const message = (id: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  id,
  type: "Default",
  timestamp: "2021-03-04T06:06:07.089+01:00",
  timestampEdited: null,
  callEndedTimestamp: null,
  isPinned: false,
  content: `number ${id.slice(-2)}`,
  author: ADA,
  attachments: [],
  embeds: [],
  stickers: [],
  reactions: [],
  mentions: [],
  inlineEmojis: [],
  ...more,
});
const channel = (messages: readonly unknown[], more: Record<string, unknown> = {}): Record<string, unknown> => ({
  guild: { id: "1", name: "Garden", iconUrl: "x" },
  channel: { id: CHANNEL, type: "GuildTextChat", categoryId: "2", category: "Text", name: "general", topic: null },
  dateRange: { after: null, before: null },
  exportedAt: "2026-01-01T00:00:00+00:00",
  messages,
  messageCount: messages.length,
  ...more,
});

async function read(
  files: readonly GeneratedFile[],
): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  return { sink, report: await importInto(sink, [await zipSource("x.zip", files)]) };
}

describe("DiscordChatExporter", () => {
  test("servers, direct conversations and groups", async () => {
    const { sink, report } = await read([
      json("Garden - Text - general [1].json", channel([message(ID)])),
      json(
        "dm.json",
        channel([message(ID, { author: BOB })], {
          guild: { id: "0", name: "Direct Messages" },
          channel: { id: "3", type: "DirectTextChat", name: "Bob" },
        }),
      ),
      json("group.json", channel([], { channel: { id: "4", type: "DirectGroupTextChat", name: "Choir" } })),
    ]);
    expect(report).toMatchObject({ messages: { read: 2, imported: 2 }, conversations: 3, services: ["discord"], problems: [] });
    expect(sink.heads()).toEqual([
      ["3", "direct", "Bob"],
      ["4", "group", "Choir"],
      [CHANNEL, "channel", "Garden / Text / #general"],
    ]);
  });

  test("times with an offset, and the time that is in the id where the other is none", async () => {
    const { sink } = await read([json("a.json", channel([message(ID), message(snowflake(AT + 5), { timestamp: "yesterday" })]))]);
    expect(sink.records().map(({ at, time }) => [at, time])).toEqual([
      [AT, { precision: "ms", zone: "offset" }],
      [AT + 5, { precision: "ms", zone: "utc" }],
    ]);
  });

  test("answers, edits, forwards, reactions, calls, lines that nobody wrote, pins, embeds and marks left in the text", async () => {
    const [a, b, c, d, e, f] = [1, 2, 3, 4, 5, 6].map((n) => snowflake(AT + n)) as [string, string, string, string, string, string];
    const { sink } = await read([
      json(
        "a.json",
        channel([
          message(a, {
            content: `hi <@!${BOB.id}> <:party:900000000000000001>`,
            mentions: [BOB],
            timestampEdited: "2021-03-04T06:06:08+01:00",
            isPinned: true,
            reactions: [
              { emoji: { id: "", name: "👍", code: "thumbsup" }, count: 3, users: [BOB] },
              { emoji: { id: "900000000000000001", name: "party", code: "party" }, count: 1, users: [] },
            ],
          }),
          message(b, { type: "Reply", author: BOB, reference: { messageId: a, channelId: CHANNEL, guildId: "1" } }),
          message(c, {
            content: "",
            reference: { type: "Forward", messageId: a, channelId: "5" },
            forwardedMessage: { content: "from there", attachments: [] },
          }),
          message(d, {
            type: "Call",
            content: "Started a call that lasted 1 minutes.",
            callEndedTimestamp: "2021-03-04T06:07:07.089+01:00",
          }),
          message(e, { type: "GuildMemberJoin", content: "" }),
          message(f, { content: "", embeds: [{ title: "Build", description: "passed", url: "https://ci.invalid/1" }] }),
        ]),
      ),
    ]);
    const all = new Map(sink.records().map((record) => [record.nativeId, record]));
    expect(all.get(a)).toMatchObject({
      text: "hi @Bob :party:",
      spans: [{ style: "mention", start: 3, length: 4 }, { style: "custom_emoji" }],
      extra: { isPinned: true },
    });
    expect(all.get(a)?.editedAt).toBe(Date.parse("2021-03-04T05:06:08Z"));
    expect(all.get(a)?.reactions?.map(({ emoji, count, by }) => [emoji, count, by !== undefined])).toEqual([
      ["👍", undefined, true],
      ["👍", 2, false],
      [":party:", 1, false],
    ]);
    expect(all.get(b)).toMatchObject({ kind: "text", reply: { to: a } });
    expect(all.get(c)).toMatchObject({ text: "from there", forwardedFrom: "5" });
    expect(all.get(c)?.reply).toBeUndefined();
    expect(all.get(d)).toMatchObject({ kind: "system", call: { seconds: 60 } });
    expect(all.get(e)).toMatchObject({ kind: "system", text: "guild member join" });
    expect(all.get(f)).toMatchObject({ text: "Build\npassed", links: ["https://ci.invalid/1"] });
  });

  test("files: beside the export with percent signs in their names, only an address, and gone", async () => {
    const { sink, report } = await read([
      json(
        "Garden.json",
        channel([
          message(ID, {
            attachments: [
              { id: "1", url: "Garden.json_Files/my%20photo-ABCDE.jpg", fileName: "my photo.jpg", fileSizeBytes: 4 },
              { id: "2", url: "https://cdn.invalid/a/b/plan.pdf?ex=1&is=2", fileName: "plan.pdf", fileSizeBytes: 4 },
              { id: "3", url: "Garden.json_Files/voice-message-AAAAA.ogg", fileName: "voice-message.ogg", fileSizeBytes: 4 },
            ],
            stickers: [{ id: "4", name: "Wave", format: "Png", sourceUrl: "https://cdn.invalid/s.png" }],
          }),
        ]),
      ),
      { path: "Garden.json_Files/my photo-ABCDE.jpg", content: Uint8Array.of(0xff, 0xd8, 0xff, 1) },
    ]);
    expect(report.media).toMatchObject({ read: 4, imported: 1, missing: 3 });
    expect(sink.records()[0]?.media).toMatchObject([
      { kind: "photo", state: "stored", type: "image/jpeg", caption: "my photo.jpg" },
      { kind: "file", state: "remote", caption: "plan.pdf" },
      { kind: "voice", state: "missing" },
      { kind: "sticker", state: "remote", caption: "Wave" },
    ]);
  });

  test("a file that was cut off while it was written: what is there is read, and it is said", async () => {
    const whole = JSON.stringify(channel([message(ID), message(snowflake(AT + 1)), message(snowflake(AT + 2))]), null, 2);
    const sink = new MemorySink();
    const report = await importInto(sink, [bytesSource("cut.json", asBytes(whole.slice(0, whole.lastIndexOf('"content"'))))]);
    expect(report.messages).toEqual({ read: 3, imported: 2, duplicate: 0, skipped: 0, unparsed: 1 });
    expect(report.problems).toMatchObject([{ code: "json_truncated" }]);
  });

  test("parts of one channel are one conversation, and a later export adds only what is new", async () => {
    const [a, b, c] = [1, 2, 3].map((n) => snowflake(AT + n)) as [string, string, string];
    const { sink, report } = await read([json("g [part 2].json", channel([message(b)])), json("g.json", channel([message(a)]))]);
    expect(report).toMatchObject({ messages: { imported: 2 }, conversations: 1 });
    const again = await importInto(sink, [bytesSource("later.json", asBytes(channel([message(a), message(b), message(c)])))]);
    expect(again.messages).toMatchObject({ read: 3, imported: 1, duplicate: 2 });
  });

  test("everybody whose account was deleted with all data has one id, and is one person of a conversation only", async () => {
    const author = { id: "456226577798135808", name: "Deleted User", discriminator: "0000" };
    const { sink } = await read([
      json("a.json", channel([message(ID, { author })])),
      json("b.json", channel([message(ID, { author })], { channel: { id: "9", type: "GuildTextChat", name: "other" } })),
    ]);
    expect(new Set(sink.records().map(({ sender }) => sender)).size).toBe(2);
  });
});

describe("Discord's data package", () => {
  const rest: readonly GeneratedFile[] = [
    json("package/account/user.json", { id: ADA.id, username: "ada", global_name: "Ada" }),
    json("package/messages/index.json", {
      [CHANNEL]: "general in Garden",
      "800000000000000002": "Direct Message with bob#0",
      "800000000000000003": null,
    }),
    json(`package/messages/c${CHANNEL}/channel.json`, {
      id: CHANNEL,
      type: "GUILD_TEXT",
      name: "general",
      guild: { id: "1", name: "Garden" },
    }),
    json("package/messages/c800000000000000002/channel.json", { id: "800000000000000002", type: 1, recipients: [ADA.id, BOB.id] }),
  ];

  test("ids are longer than a number can hold, and stay whole", async () => {
    const text = `[{"ID": ${ID}, "Timestamp": "2021-03-04 05:06:07", "Contents": "say \\"ID\\": 12345678901234567890 ", "Attachments": ""}]`;
    const { sink, report } = await read([...rest, { path: `package/messages/c${CHANNEL}/messages.json`, content: asBytes(text) }]);
    expect(report).toMatchObject({ messages: { imported: 1 }, problems: [] });
    expect(sink.records()[0]).toMatchObject({
      nativeId: ID,
      text: 'say "ID": 12345678901234567890 ',
      at: AT,
    });
  });

  test("channels by their names, the other of a direct conversation, and whose package it is", async () => {
    const own = [
      {
        ID: Number(ID.slice(0, 15)),
        Timestamp: "2021-03-04 05:06:07.089000+00:00",
        Contents: "x",
        Attachments: "https://cdn.invalid/a.png https://cdn.invalid/b.mp4",
      },
    ];
    const files = [
      ...rest,
      json(`package/messages/c${CHANNEL}/messages.json`, own),
      json("package/messages/c800000000000000002/messages.json", own),
      json("package/messages/c800000000000000003/messages.json", own),
    ];
    const { sink, report } = await read(files);
    expect(report).toMatchObject({ messages: { imported: 3 }, media: { read: 6, missing: 6 }, conversations: 3 });
    expect(sink.heads()).toEqual([
      [CHANNEL, "channel", "Garden / #general"],
      ["800000000000000002", "direct", "bob"],
      ["800000000000000003", "channel", "800000000000000003"],
    ]);
    expect(sink.records()[0]).toMatchObject({ at: AT, media: [{ kind: "photo", state: "remote" }, { kind: "video" }] });
    const plan = await (await ArchiveImport.open([await zipSource("p.zip", files)], ports, { zone: "UTC" })).plan();
    expect(plan.me).toEqual([{ service: "discord", key: ADA.id, name: "Ada", isSure: true }]);
  });

  test("the older form, with line breaks, commas and quotes in fields", async () => {
    const csv = `ID,Timestamp,Contents,Attachments\r\n${ID},2021-03-04 05:06:07.089000+00:00,"a, ""b""\nc",\r\n${snowflake(AT + 9)},2021-03-04 05:06:07.098000+00:00,plain,https://cdn.invalid/a.png\r\nbroken\r\n`;
    const { sink, report } = await read([...rest, { path: `package/messages/c${CHANNEL}/messages.csv`, content: asBytes(csv) }]);
    expect(report.messages).toEqual({ read: 3, imported: 2, duplicate: 0, skipped: 0, unparsed: 1 });
    expect(sink.texts()).toEqual(['a, "b"\nc', "plain"]);
    expect(sink.records()[1]?.media).toHaveLength(1);
  });

  test.each(["2021-03-04 05:06:07.089000+00:00", "2021-03-04 05:06:07"])(
    "a message that an exporter has, too, is there once (%s)",
    async (Timestamp) => {
      const sink = new MemorySink();
      await importInto(sink, [bytesSource("dce.json", asBytes(channel([message(ID)])))]);
      const own = [{ ID, Timestamp, Contents: "number", Attachments: "" }];
      const report = await importInto(sink, [
        await zipSource("package.zip", [...rest, json(`package/messages/c${CHANNEL}/messages.json`, own)]),
      ]);
      expect(report.messages).toMatchObject({ read: 1, duplicate: 1 });
    },
  );
});
