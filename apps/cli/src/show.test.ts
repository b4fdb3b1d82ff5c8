/** What people see in a list and a timeline, and that others' text cannot pretend to be more than text. */
import type { Client, ConversationView, MessageView } from "@sotto/client";
import { accountId, type AccountId, logId, messageId, toId } from "@sotto/protocol";
import { expect, test } from "vitest";
import { showConversation, showMessage } from "./show.ts";
import { newsWords } from "./show/news.ts";
import { briefTime, durationWords, parseDuration } from "./show/time.ts";

const account = (fill: number): AccountId => toId(accountId, new Uint8Array(32).fill(fill));
const [me, ada] = [account(1), account(2)];
const client = { whoAmI: () => ({ account: me, username: "bob", isRegistered: true }) } as unknown as Client;

const base: MessageView = {
  localId: new Uint8Array(16),
  log: toId(logId, new Uint8Array(16)),
  seq: 4,
  messageId: toId(messageId, new Uint8Array(32).fill(1)),
  sender: ada,
  senderName: "ada",
  at: new Date(2026, 10, 25, 14, 3).getTime(),
  kind: "text",
  text: "Hello",
  state: "received",
  failure: undefined,
  replyTo: undefined,
  quoted: undefined,
  editedAt: undefined,
  attachments: [],
  reactions: [],
  origin: undefined,
  change: undefined,
  poll: undefined,
  mentions: new Map(),
};

const conversation: ConversationView = {
  log: base.log,
  kind: "direct",
  status: "active",
  title: "ada",
  peer: ada,
  unread: 2,
  updatedAt: base.at,
  trouble: undefined,
  undelivered: [],
  last: base,
  draft: "",
  isMuted: false,
  isPinned: false,
  isArchived: false,
  timerSeconds: 0,
};

const lineOf = (message: Partial<MessageView>): string => showMessage(client, { ...base, ...message }).line;

test("a message shows its time, sender, text, edit, reactions and what it answers", () => {
  expect(lineOf({})).toBe("14:03  ada: Hello");
  expect(lineOf({ editedAt: 1, reactions: [ada, me].map((who) => ({ account: who, emoji: "👍" })) })).toBe(
    "14:03  ada: Hello  (edited)\n       👍 2",
  );
  expect(lineOf({ quoted: { senderName: "bob", kind: "text", text: "Are you there?\nAda?" } })).toBe(
    "       > bob: Are you there? Ada?\n14:03  ada: Hello",
  );
});

test("an own message shows whether it arrived", () => {
  expect(lineOf({ sender: me, state: "delivered" })).toBe("14:03  you: Hello  ✓✓");
  expect(lineOf({ sender: me, state: "failed" })).toBe("14:03  you: Hello  ✗ not sent");
  expect(lineOf({ sender: me, state: "failed", failure: "content_too_large" })).toMatch(/^14:03 {2}you: Hello {2}✗ not sent\n {7}\S.*\.$/);
});

test("a text of several lines cannot pretend to be another message, nor an escape sequence", () => {
  expect(lineOf({ text: "x\n14:04  you: yes\u001b[2J" })).toBe("14:03  ada: x\n       14:04  you: yes\ufffd[2J");
});

test("a conversation shows its last words, what is new and the draft", () => {
  const line = (view: Partial<ConversationView>): string => showConversation(client, { ...conversation, ...view }).line;
  expect(line({})).toMatch(/^@ada {2}\(2 new\) .* ada: Hello$/);
  expect(line({ unread: 0, draft: "not yet\nsent", isMuted: true })).toMatch(/^@ada {2}\(muted\) .* draft: not yet sent$/);
  expect(line({ kind: "group", title: "Choir\u202e", last: undefined, unread: 0, status: "request" })).toBe("Choir  (request)");
  expect(line({ trouble: "conversation_disrupted", unread: 0 })).toContain("It is tried again tomorrow");
});

test("news of a group are sentences", () => {
  const change = {
    added: [account(3)],
    removed: [],
    left: [ada],
    changes: [{ kind: "timer", seconds: 86_400 }],
    names: new Map(),
  } as const;
  const words = newsWords({ ...base, kind: "system", change }, { ownAccount: "", ownName: "bob" });
  expect(words).toBe("@ada added somebody, let messages disappear 1 day after reading. Somebody left.");
});

test("durations are read and said", () => {
  expect(["30s", "5m", "8h", "1d", "2w"].map(parseDuration)).toEqual([30, 300, 28_800, 86_400, 1_209_600]);
  expect(["", "1", "d", "1y", "-1d", "0d"].map(parseDuration)).toEqual(Array.from({ length: 6 }));
  expect([1, 300, 86_400, 1_209_600, 90].map(durationWords)).toEqual(["1 second", "5 minutes", "1 day", "2 weeks", "90 seconds"]);
  expect(briefTime(base.at, base.at)).toBe("14:03");
  expect(briefTime(base.at, base.at + 86_400_000)).toBe("25 Nov");
});
