/** The chat without a terminal: keys in, lines and effects out. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { ADA, BOB, conversation, log, message, NOON } from "./support/views.ts";
import { meFrom } from "../src/show/words.ts";
import { cellWidth } from "../src/terminal/width.ts";
import { textOf } from "../src/chat/editor.ts";
import type { ChatEffect, ChatEvent } from "../src/chat/events.ts";
import type { Key } from "../src/chat/keys.ts";
import { paint, themeOf } from "../src/chat/paint.ts";
import { reduce } from "../src/chat/reduce/reduce.ts";
import { type ChatState, initialState } from "../src/chat/state.ts";
import { screenOf } from "../src/chat/view/screen.ts";

const me = meFrom({ account: BOB, username: "bob" });
const list = [
  conversation(1, { title: "ada", unread: 2 }),
  conversation(2, { kind: "group", title: "Choir", isMuted: true, unread: 1 }),
  conversation(3, { title: "cleo", status: "request", unread: 1 }),
];
const messages = [
  message(1),
  message(2, { sender: BOB, senderName: "bob", state: "read", text: "mine" }),
  message(3, { text: "日本語 👍" }),
];

class Story {
  state: ChatState;
  effects: ChatEffect[] = [];

  constructor(columns = 80, rows = 24) {
    this.state = initialState(me, { columns, rows }, NOON);
    this.hear({ kind: "conversations", conversations: list });
    this.hear({ kind: "opened", log: log(1) });
    this.hear({ kind: "messages", log: log(1), messages });
    this.effects = [];
  }

  hear(event: ChatEvent): this {
    const step = reduce(this.state, event);
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  press(...names: readonly string[]): this {
    for (const name of names) this.hear({ kind: "key", key: { kind: "key", name } });
    return this;
  }

  type(text: string): this {
    return this.hear({ kind: "key", key: { kind: "text", text } });
  }

  get screen(): string {
    return screenOf(this.state)
      .lines.map((line) =>
        line
          .map(({ text }) => text)
          .join("")
          .trimEnd(),
      )
      .join("\n");
  }

  did(what: ChatEffect["do"]): ChatEffect | undefined {
    return this.effects.find((effect) => effect.do === what);
  }
}

test("the list stands left with what is new; the timeline at the bottom, where one writes", () => {
  const rows = new Story().screen.split("\n");
  expect(rows[2]).toMatch(/^Requests +│/);
  expect(rows.slice(3, 7).map((row) => row.split("│")[0]?.trimEnd())).toEqual([
    "1 @cleo            new 1",
    "────────────────────────",
    "2 @ada                 2",
    "3 Choir              · 1",
  ]);
  expect(rows.slice(-7).map((row) => row.split("│")[1])).toEqual([
    "── Wednesday, 25 November 2026 ────────────────────────",
    " 12:01  ada message 1",
    " 12:02  you mine  ✓✓ read",
    " 12:03  ada 日本語 👍",
    "",
    "> Write to @ada",
    " ? help   ↑ choose   Ctrl-N next   Ctrl-F search",
  ]);
});

test("a narrow terminal shows the timeline alone, a tiny one a sentence", () => {
  expect(new Story(60, 20).screen).not.toContain("Choir");
  expect(new Story(20, 5).screen).toBe("Make the window lar…");
});

test("Enter sends, Alt-Enter makes a line, and what was pasted is sent by nobody's key but Enter", () => {
  const story = new Story()
    .type("one")
    .press("alt-enter")
    .hear({ kind: "key", key: { kind: "paste", text: "two\nthree" } });
  expect(story.did("send")).toBeUndefined();
  expect(story.press("enter").did("send")).toEqual({ do: "send", log: log(1), text: "one\ntwo\nthree", replyTo: undefined });
  expect(textOf(story.state.editor)).toBe("");
  expect(story.did("type")).toBeDefined();
});

test("a slash is a command, two slashes are text, a question mark alone is help", () => {
  expect(new Story().type("/mute 8h").press("enter").did("command")).toEqual({ do: "command", words: ["mute", "8h"], log: log(1) });
  expect(new Story().type("//shrug").press("enter").did("send")).toMatchObject({ text: "/shrug" });
  expect(new Story().type("?").screen).toContain("Alt-Enter, Ctrl-J");
  expect(textOf(new Story().type("why").type("?").state.editor)).toBe("why?");
});

test("what was typed stays as a draft where it was typed", () => {
  const story = new Story().type("half a").press("ctrl-n");
  expect(story.did("saveDraft")).toEqual({ do: "saveDraft", log: log(1), text: "half a", replyTo: undefined });
  expect(textOf(story.state.editor)).toBe("");
  story.hear({ kind: "draft", log: log(2), text: "kept", replyTo: undefined });
  expect(textOf(story.state.editor)).toBe("kept");
  expect(story.hear({ kind: "draft", log: log(1), text: "of another one", replyTo: undefined }).state.editor.parts.join("")).toBe("kept");
});

test("a draft keeps what it answers", () => {
  const answered = message(3, { text: "日本語 👍" });
  const left = new Story().press("up").type("r").type("half").press("ctrl-n");
  expect(left.did("saveDraft")).toMatchObject({ log: log(1), text: "half", replyTo: answered.messageId });
  const back = left.press("ctrl-p").hear({ kind: "draft", log: log(1), text: "half", replyTo: answered });
  expect(back.press("enter").did("send")).toMatchObject({ log: log(1), text: "half", replyTo: answered.messageId });
});

test("conversations are reached by number, one after the other, and by what is new", () => {
  expect(new Story().press("alt-1").state.open).toEqual(log(3));
  expect(new Story().press("ctrl-n").state.open).toEqual(log(2));
  expect(new Story().press("ctrl-p").state.open).toEqual(log(3));
  expect(new Story().press("alt-a").state.open).toEqual(log(3));
  expect(new Story().press("alt-9").state.open).toEqual(log(1));
});

test("a chosen message is answered, reacted to, changed and taken back; others' only answered and reacted to", () => {
  const last = message(3).messageId;
  expect(new Story().press("up").type("r").type("yes").press("enter").did("send")).toMatchObject({ replyTo: last });
  expect(new Story().press("up").type("+").type("2").did("react")).toMatchObject({ id: last, emoji: "❤️" });
  expect(new Story().press("up").type("+1").did("react")).toMatchObject({ emoji: "👍" });
  expect(new Story().press("up").type("+").type("🦊").press("enter").did("react")).toMatchObject({ emoji: "🦊" });
  const own = new Story().press("up", "up").type("e");
  expect(textOf(own.state.editor)).toBe("mine");
  expect(own.type("!").press("enter").did("edit")).toMatchObject({ id: message(2).messageId, text: "mine!" });
  expect(new Story().press("up", "up").type("d").type("y").did("delete")).toMatchObject({ id: message(2).messageId });
  expect(new Story().press("up", "up").type("d").type("n").did("delete")).toBeUndefined();
  const other = new Story().press("up").type("d").type("y");
  expect(other.did("delete")).toBeUndefined();
  expect(other.screen).toContain("You can take back your own messages");
});

test("a search leads to the message, and Escape back to the latest ones", () => {
  const story = new Story().press("ctrl-f").type("mess");
  expect(story.did("search")).toEqual({ do: "search", text: "mess" });
  const found = message(9, { log: log(2), seq: 400, text: "an old message" });
  story.hear({ kind: "found", results: [found] });
  expect(story.screen).toContain("an old message");
  story.press("enter");
  expect(story.state.open).toEqual(log(2));
  expect(story.effects.findLast((effect) => effect.do === "load")).toMatchObject({ before: 430 });
  story.hear({ kind: "conversations", conversations: [conversation(2, { last: message(99, { log: log(2) }) })] });
  story.hear({ kind: "messages", log: log(2), messages: [found] });
  expect(story.screen).toContain("Older messages. Escape goes to the latest.");
  story.press("escape", "escape");
  expect(story.effects.findLast((effect) => effect.do === "load")).toMatchObject({ before: undefined });
});

test("when the open conversation goes away another one opens, a request only if there is nothing else", () => {
  const story = new Story().hear({ kind: "conversations", conversations: list.slice(1) });
  expect(story.state.open).toEqual(log(2));
  expect(story.hear({ kind: "conversations", conversations: list.slice(2) }).state.open).toEqual(log(3));
  expect(story.hear({ kind: "conversations", conversations: [] }).state.open).toBeUndefined();
  expect(story.screen).toContain("No conversations yet.");
});

test("what could not be sent comes back, unless something else was begun", () => {
  const story = new Story().type("no").press("enter");
  expect(textOf(story.hear({ kind: "draft", log: log(1), text: "no", replyTo: undefined }).state.editor)).toBe("no");
  expect(textOf(story.type("!").hear({ kind: "draft", log: log(1), text: "other", replyTo: undefined }).state.editor)).toBe("no!");
});

test("what is on the screen is read, a request is not, nor what was scrolled away from", () => {
  const seen = (given: Parameters<typeof conversation>[1]): ChatEffect | undefined => {
    const story = new Story().press("alt-2");
    story.effects = [];
    return story.hear({ kind: "conversations", conversations: [conversation(1, { unread: 1, ...given })] }).did("markRead");
  };
  expect(seen({})).toEqual({ do: "markRead", log: log(1) });
  expect(seen({ status: "request" })).toBeUndefined();
});

test("many messages scroll, and older ones are asked for before the end is reached", () => {
  const story = new Story();
  const many = Array.from({ length: 100 }, (_, i) => message(i + 1, { localId: new Uint8Array(16).fill(i + 1), text: `number ${i + 1}` }));
  story.hear({ kind: "messages", log: log(1), messages: many });
  expect(story.screen).toContain("number 100");
  story.press("pageup");
  expect(story.screen).toMatch(/↓ \d+ more lines below/);
  expect(story.screen).not.toContain("number 100");
  story.press("pageup", "pageup", "pageup");
  expect(story.did("load")).toMatchObject({ limit: 200 });
  expect(story.press("escape").screen).toContain("number 100");
});

test("typing shows, names and texts cannot draw on the screen", () => {
  const story = new Story().hear({ kind: "typing", log: log(1), names: ["ada"] });
  expect(story.screen).toContain("@ada is typing…");
  story.hear({ kind: "messages", log: log(1), messages: [message(1, { text: "\u001b[2Jboo\u202e", senderName: "ev\u001b[Ail" })] });
  const { output } = paint(screenOf(story.state), [], "none");
  expect(output).not.toContain("\u001b[2J");
  expect(output).not.toContain("\u202e");
  expect(output).not.toContain("ev\u001b");
});

test("only rows that changed are drawn again, and NO_COLOR has no colours", () => {
  const story = new Story();
  const first = paint(screenOf(story.state), [], "dark");
  expect(first.rows).toHaveLength(24);
  const second = paint(screenOf(story.type("x").state), first.rows, "dark");
  expect(second.output.length).toBeLessThan(first.output.length / 4);
  const { output } = paint(screenOf(story.state), [], "none");
  // oxlint-disable-next-line no-control-regex -- what a terminal is sent
  const looks = [...output.matchAll(/\u001b\[([0-9;]*)m/g)].map(([, look]) => look);
  expect(looks.every((look) => ["0", "1", "2", "7"].includes(look ?? ""))).toBe(true);
});

test("a light terminal is told from a dark one", () => {
  expect([themeOf("11;rgb:ffff/ffff/ffff"), themeOf("11;rgb:1e/1e/1e"), themeOf("11;nonsense")]).toEqual(["light", "dark", undefined]);
});

const key = fc.oneof(
  fc
    .constantFrom(
      "enter",
      "escape",
      "up",
      "down",
      "pageup",
      "pagedown",
      "backspace",
      "tab",
      "ctrl-f",
      "ctrl-n",
      "ctrl-p",
      "alt-1",
      "f1",
      "alt-enter",
      "home",
    )
    .map((name): Key => ({ kind: "key", name })),
  fc.constantFrom("a", "r", "+", "e", "d", "y", "?", "/", "日", "s").map((text): Key => ({ kind: "text", text })),
);

test("whatever is pressed, in whatever size, the screen is exactly as large as the terminal", () => {
  const size = fc.record({ columns: fc.integer({ min: 1, max: 130 }), rows: fc.integer({ min: 1, max: 40 }) });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 30 }), size, (keys, { columns, rows }) => {
      const story = new Story();
      for (const pressed of keys) story.hear({ kind: "key", key: pressed });
      const found = message(3, { sender: ADA, quoted: { senderName: "ada", kind: "text", text: "quoted" } });
      story
        .hear({ kind: "messages", log: story.state.open ?? log(1), messages: [...messages, found] })
        .hear({ kind: "resized", columns, rows });
      const { lines, cursor } = screenOf(story.state);
      for (const line of lines) expect(cellWidth(line.map(({ text }) => text).join(""))).toBe(columns);
      expect(lines.length).toBe(columns < 24 || rows < 8 ? 1 : rows);
      expect(cursor?.row ?? 0).toBeLessThan(rows);
      expect(cursor?.column ?? 0).toBeLessThan(columns);
    }),
    { numRuns: 150 },
  );
});
