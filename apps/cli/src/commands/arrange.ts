/** `mute`, `pin`, `unpin`, `archive`, `unarchive`, `draft` and `settings`: what only you see. */
import type { Client, ConversationView, Switch } from "@sotto/client";
import { type Command, exactly, type Invocation, UsageError } from "../command.ts";
import { needConversation, withProfile } from "../profile.ts";
import { showConversation } from "../show.ts";
import { parseDuration } from "../show/time.ts";
import { safeText } from "../terminal/safe-text.ts";

type Change = (client: Client, view: ConversationView) => Promise<void>;

/** Works offline; shows the conversation afterwards. */
function arrange(invocation: Invocation, name: string, change: Change): Promise<void> {
  return withProfile(invocation, async (client) => {
    await change(client, await needConversation(client, name));
    const { value, line } = showConversation(client, await needConversation(client, name));
    invocation.print(value, line);
  });
}

function mutedUntil(typed: string): number {
  if (typed === "off") return 0;
  if (typed === "forever") return Number.MAX_SAFE_INTEGER;
  const seconds = parseDuration(typed);
  if (seconds === undefined) throw new UsageError("Say how long: 30m, 8h, 1d, 2w, forever or off.");
  return Date.now() + seconds * 1000;
}

export const mute: Command = {
  usage: "CONVERSATION [30m|8h|1d|2w|forever|off]",
  summary: "no more notifications of a conversation for a while (8h)",
  run: async (invocation) => {
    const [name, typed = "8h", ...more] = invocation.args;
    if (name === undefined || more.length > 0) throw new UsageError("It takes CONVERSATION and a time.");
    const until = mutedUntil(typed);
    await arrange(invocation, name, (client, { log }) => client.preferences.mute(log, until));
  },
};

function simple(summary: string, change: Change): Command {
  return {
    usage: "CONVERSATION",
    summary,
    run: async (invocation) => {
      const [name] = exactly(invocation.args, "CONVERSATION");
      await arrange(invocation, name, change);
    },
  };
}

export const pin = simple("keep a conversation at the top", (client, { log }) => client.preferences.pin(log, true));
export const unpin = simple("let a conversation take its place again", (client, { log }) => client.preferences.pin(log, false));
export const archive = simple("out of the list until somebody writes; sotto list --all shows it", (client, { log }) =>
  client.preferences.archive(log, true),
);
export const unarchive = simple("back into the list", (client, { log }) => client.preferences.archive(log, false));

export const draft: Command = {
  usage: "CONVERSATION [TEXT]",
  summary: "keep what you want to write later; without a text, show it; with an empty one, drop it",
  run: async (invocation) => {
    const [name, text, ...more] = invocation.args;
    if (name === undefined || more.length > 0) throw new UsageError("It takes CONVERSATION and TEXT.");
    if (text !== undefined) {
      await arrange(invocation, name, (client, { log }) => client.preferences.setDraft(log, { text, replyTo: undefined }));
      return;
    }
    await withProfile(invocation, async (client) => {
      const { log } = await needConversation(client, name);
      const kept = await client.preferences.draft(log);
      invocation.print({ draft: kept.text }, safeText(kept.text));
    });
  },
};

const SWITCHES: Readonly<Record<Switch, string>> = {
  receipts: "others hear that you read their messages",
  typing: "others see that you type",
};
const isSwitch = (name: string): name is Switch => Object.hasOwn(SWITCHES, name);

export const settings: Command = {
  usage: "[receipts|typing on|off]",
  summary: "what others hear of you",
  details: Object.entries(SWITCHES).map(([name, meaning]) => `${name.padEnd(8)}  ${meaning}`),
  run: async (invocation) => {
    const [name, state, ...more] = invocation.args;
    if (name !== undefined && (!isSwitch(name) || (state !== "on" && state !== "off") || more.length > 0)) {
      throw new UsageError("Say receipts or typing, and on or off.");
    }
    await withProfile(invocation, async (client) => {
      if (name !== undefined && isSwitch(name)) await client.preferences.turn(name, state === "on");
      for (const key of Object.keys(SWITCHES).filter(isSwitch)) {
        const isOn = await client.preferences.isOn(key);
        invocation.print({ setting: key, isOn }, `${key.padEnd(8)}  ${isOn ? "on" : "off"}`);
      }
    });
  },
};
