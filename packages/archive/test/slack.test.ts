/** Slack's export: folders of days, people and channels in files beside them, marks in the text, addresses that need a token. */
import { describe, expect, test } from "vitest";
import { ArchiveImport } from "@sotto/archive";
import { asBytes, type GeneratedFile, zipSource } from "@sotto/archive/testing";
import { importInto, MemorySink, ports } from "./support/memory-sink.ts";

const json = (path: string, value: unknown): GeneratedFile => ({ path, content: asBytes(value) });

const beside: readonly GeneratedFile[] = [
  json("users.json", [
    { id: "U1", name: "ada", profile: { display_name: "Ada", real_name: "Ada A" } },
    { id: "U2", name: "bob", real_name: "Bob B", profile: { display_name: "", real_name: "Bob B" } },
    { id: "U3", name: "cem", deleted: true, profile: {} },
  ]),
  json("channels.json", [{ id: "C1", name: "general", created: 1_452_800_000, members: ["U1", "U2", "U3"] }]),
  json("dms.json", [
    { id: "D1", created: 1, members: ["U1", "U2"] },
    { id: "D2", created: 1, members: ["U1", "U3"] },
  ]),
  json("mpims.json", [{ id: "G1", name: "mpdm-ada--bob--cem-1", members: ["U1", "U2", "U3"] }]),
  json("integration_logs.json", [{ user_id: "U1", service_type: "bot", date: "1452837318" }]),
];
const message = (ts: string, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  type: "message",
  user: "U1",
  text: `at ${ts}`,
  ts,
  ...more,
});

async function read(
  files: readonly GeneratedFile[],
): Promise<{ readonly sink: MemorySink; readonly report: Awaited<ReturnType<typeof importInto>> }> {
  const sink = new MemorySink();
  return { sink, report: await importInto(sink, [await zipSource("Anything.zip", [...beside, ...files])]) };
}

const by = (sink: MemorySink): ReadonlyMap<string | undefined, ReturnType<MemorySink["records"]>[number]> =>
  new Map(sink.records().map((record) => [record.nativeId, record]));

describe("Slack", () => {
  test("channels, direct and group conversations: names, people, and who one is", async () => {
    const { sink, report } = await read([
      json("general/2016-01-15.json", [message("1452837318.000002")]),
      json("D1/2016-01-15.json", [message("1452837319.000002", { user: "U2" })]),
      json("mpdm-ada--bob--cem-1/2016-01-15.json", [message("1452837320.000002", { user: "U3" })]),
    ]);
    expect(report).toMatchObject({ messages: { read: 3, imported: 3 }, conversations: 3, people: 3, services: ["slack"], problems: [] });
    expect(sink.heads()).toEqual([
      ["C1", "channel", "general"],
      ["D1", "direct", "Bob B"],
      ["G1", "group", "Bob B, cem"],
    ]);
  });

  test("who is in every direct conversation is oneself", async () => {
    const source = await zipSource("x.zip", [...beside, json("D1/2016-01-15.json", [message("1452837319.000002")])]);
    const plan = await (await ArchiveImport.open([source], ports, { zone: "UTC" })).plan();
    expect(plan.me).toEqual([{ service: "slack", key: "U1", name: "Ada", isSure: true }]);
  });

  test("the time and the id of a message are one string, exact to the microsecond", async () => {
    const { sink } = await read([json("general/2016-01-15.json", [message("1452837318.123456"), message("1452837318.123457")])]);
    expect(sink.records().map(({ at, nativeId }) => [at, nativeId])).toEqual([
      [1_452_837_318_123, "1452837318.123456"],
      [1_452_837_318_123, "1452837318.123457"],
    ]);
  });

  test("marks in the text: people, channels, commands, addresses with words, and escaped characters", async () => {
    const text = "hi <@U2> in <#C1|general>, <!here>: see <https://a.invalid/?a=1&amp;b=2|this> &lt;b&gt; &amp;amp;";
    const { sink } = await read([json("general/2016-01-15.json", [message("1452837318.000002", { text })])]);
    const [record] = sink.records();
    expect(record?.text).toBe("hi @Bob B in #general, @here: see this <b> &amp;");
    expect(record?.spans?.map(({ start, length, style, href }) => [record.text.slice(start, start + length), style, href])).toEqual([
      ["@Bob B", "mention", undefined],
      ["#general", "channel", undefined],
      ["@here", "mention", undefined],
      ["this", "text_link", "https://a.invalid/?a=1&b=2"],
    ]);
    expect(record?.links).toEqual(["https://a.invalid/?a=1&b=2"]);
  });

  test("threads, edits, reactions, and lines that nobody said", async () => {
    const { sink } = await read([
      json("general/2016-01-15.json", [
        message("1452837318.000001", {
          edited: { user: "U1", ts: "1452837400.000000" },
          reactions: [{ name: "tada", users: ["U2", "U3"], count: 4 }],
          thread_ts: "1452837318.000001",
        }),
        message("1452837318.000002", { user: "U2", thread_ts: "1452837318.000001", parent_user_id: "U1", subtype: "thread_broadcast" }),
        message("1452837318.000003", { subtype: "channel_join", text: "<@U1> has joined the channel" }),
        message("1452837318.000004", { subtype: "me_message", text: "waves" }),
        message("1452837318.000005", { subtype: "tombstone", text: "This message was deleted.", user: "USLACKBOT" }),
        message("1452837318.000006", { subtype: "huddle_thread", text: "", room: { date_start: 1000, date_end: 1090 } }),
      ]),
    ]);
    const all = by(sink);
    const first = all.get("1452837318.000001");
    expect(first).toMatchObject({ editedAt: 1_452_837_400_000, kind: "text" });
    expect(first?.reply).toBeUndefined();
    expect(first?.reactions?.map(({ emoji, count, by: who }) => [emoji, count, who !== undefined])).toEqual([
      [":tada:", undefined, true],
      [":tada:", undefined, true],
      [":tada:", 2, false],
    ]);
    expect(all.get("1452837318.000002")).toMatchObject({ kind: "text", reply: { to: "1452837318.000001", by: first?.sender } });
    expect(all.get("1452837318.000003")).toMatchObject({ kind: "system", text: "@Ada has joined the channel" });
    expect(all.get("1452837318.000004")).toMatchObject({ kind: "text", text: "waves" });
    expect(all.get("1452837318.000005")).toMatchObject({ kind: "deleted" });
    expect(all.get("1452837318.000006")).toMatchObject({ kind: "system", text: "huddle thread", call: { seconds: 90 } });
  });

  test("files are addresses that need a token: named, counted as missing, and the export's token is not kept", async () => {
    const url = "https://files.invalid/files-pri/T1-F1/download/plan.pdf";
    const { sink, report } = await read([
      json("general/2016-01-15.json", [
        message("1452837318.000001", {
          subtype: "file_share",
          files: [
            { id: "F1", name: "plan.pdf", mimetype: "application/pdf", size: 9, url_private_download: `${url}?t=xoxe-secret` },
            { id: "F2", mode: "tombstone" },
          ],
        }),
      ]),
    ]);
    expect(report).toMatchObject({ messages: { imported: 1 }, media: { read: 2, missing: 2 } });
    expect(sink.records()[0]?.media).toMatchObject([
      { kind: "file", state: "remote", name: url, caption: "plan.pdf" },
      { kind: "file", state: "omitted", name: "F2" },
    ]);
    expect(JSON.stringify([...sink.messages])).not.toContain("xoxe-secret");
  });

  test("files that a tool has put beside the messages are taken in", async () => {
    const file = { id: "F1", name: "a.jpg", mimetype: "image/jpeg", url_private: "https://files.invalid/a.jpg" };
    const { sink, report } = await read([
      json("general/2016-01-15.json", [message("1452837318.000001", { files: [file] })]),
      { path: "__uploads/F1/a.jpg", content: Uint8Array.of(0xff, 0xd8, 0xff, 1) },
    ]);
    expect(report.media).toMatchObject({ read: 1, imported: 1 });
    expect(sink.records()[0]?.media).toMatchObject([{ kind: "photo", state: "stored", type: "image/jpeg" }]);
  });

  test("bots: by the name they posted under, and with the words of their blocks and attachments", async () => {
    const { sink } = await read([
      json("general/2016-01-15.json", [
        {
          type: "message",
          subtype: "bot_message",
          bot_id: "B1",
          username: "Builder",
          text: "",
          ts: "1452837318.000001",
          attachments: [{ fallback: "built" }],
        },
        {
          type: "message",
          bot_id: "B2",
          bot_profile: { name: "Tests" },
          text: "",
          ts: "1452837318.000002",
          blocks: [{ type: "section", text: { type: "mrkdwn", text: "all green" } }],
        },
      ]),
    ]);
    expect(sink.texts()).toEqual(["built", "all green"]);
    expect([...sink.messages.values()].every(({ record }) => record.sender !== undefined)).toBe(true);
  });

  test("a folder that no list names, a person that none names, days in order, and damage that costs itself only", async () => {
    const { sink, report } = await read([
      json("secret/2016-01-16.json", [message("1452923718.000001", { user: "U9", text: "second" })]),
      {
        path: "secret/2016-01-15.json",
        content: asBytes(`[${JSON.stringify(message("1452837318.000001", { text: "first" }))},{"type":"message"},{"ts":"x",,},7]`),
      },
    ]);
    expect(report.messages).toEqual({ read: 5, imported: 2, duplicate: 0, skipped: 0, unparsed: 3 });
    expect(sink.texts()).toEqual(["first", "second"]);
    expect([...sink.conversations.values()].map(({ title, kind }) => [title, kind])).toEqual([["secret", "unknown"]]);
  });

  test("a later export of the same workspace adds only what is new", async () => {
    const sink = new MemorySink();
    const day = json("general/2016-01-15.json", [message("1452837318.000001")]);
    await importInto(sink, [await zipSource("a.zip", [...beside, day])]);
    const more = json("general/2016-01-16.json", [message("1452923718.000001")]);
    const report = await importInto(sink, [await zipSource("b.zip", [...beside, day, more])]);
    expect(report.messages).toMatchObject({ read: 2, imported: 1, duplicate: 1 });
  });
});
