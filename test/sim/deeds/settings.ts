/** Deeds of hard lives: what people set for a conversation, for its members and for themselves. */
import { bytesToHex, ROLES } from "@sotto/protocol";
import { type Deed, findOthers, isActive, isGroup, isOpen, type Possible, secretWord, someConversation } from "./deed.ts";

/** 0 is no timer any more. All are over before a hard life ends, see aftermath.ts. */
const TIMERS_S = [0, 5, 60, 600, 600];
export const LONGEST_TIMER_MS = Math.max(...TIMERS_S) * 1000;
const MUTES_MS = [0, 60_000, 86_400_000];
const OPTIONS = ["yes", "no", "never"];

const SET_TIMER: Deed = async (doing) => {
  const view = await someConversation(doing, isActive);
  if (view === undefined) return "nowhere";
  const seconds = doing.world.dice.pick(TIMERS_S) ?? 0;
  await doing.client.groups.setTimer(view.log, seconds);
  return `${seconds} s`;
};

const SET_ROLE: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  const member = view && doing.world.dice.pick(await doing.client.members(view.log));
  if (view === undefined || member === undefined) return "nobody";
  const role = doing.world.dice.pick(ROLES) ?? "member";
  await doing.client.groups.setRole(view.log, member.account, role);
  return `${member.username} ${role}`;
};

const SET_POLICY: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  if (view === undefined) return "no group";
  const what = doing.world.dice.pick(["invite", "remove", "rename", "post"] as const) ?? "invite";
  const role = doing.world.dice.pick(["member", "member", "admin", "owner"] as const) ?? "member";
  await doing.client.groups.setPolicy(view.log, { [what]: role });
  return `${what} ${role}`;
};

const BLOCK: Deed = async (doing) => {
  const [other] = await findOthers(doing, 1);
  if (other === undefined) return "nobody";
  const account = bytesToHex(other.account);
  doing.world.ledger.blocks.push({ by: doing.person.username, account });
  await doing.client.people.block(other.account);
  return other.username;
};

const UNBLOCK: Deed = async ({ client, world }) => {
  const person = world.dice.pick(await client.people.blocked());
  if (person === undefined) return "nobody";
  await client.people.unblock(person.account);
  return person.username;
};

const MUTE: Deed = async (doing) => {
  const view = await someConversation(doing, isActive);
  if (view === undefined) return "nowhere";
  const forMs = doing.world.dice.pick(MUTES_MS) ?? 0;
  await doing.client.preferences.mute(view.log, forMs === 0 ? 0 : view.updatedAt + forMs);
  return `${forMs} ms`;
};

const PIN: Deed = async (doing) => {
  const view = await someConversation(doing, isActive);
  if (view === undefined) return "nowhere";
  await doing.client.preferences.pin(view.log, doing.world.dice.chance(0.5));
  return "pins";
};

const ARCHIVE: Deed = async (doing) => {
  const view = await someConversation(doing, isActive);
  if (view === undefined) return "nowhere";
  await doing.client.preferences.archive(view.log, doing.world.dice.chance(0.7));
  return "archives";
};

const DRAFT: Deed = async (doing) => {
  const view = await someConversation(doing, isOpen);
  if (view === undefined) return "nowhere";
  const text = doing.world.dice.chance(0.2) ? "" : secretWord(doing.world, "draft");
  await doing.client.preferences.setDraft(view.log, { text, replyTo: undefined });
  return text;
};

const POLL: Deed = async (doing) => {
  const { world, client, device } = doing;
  const view = await someConversation(doing, isOpen);
  if (view === undefined) return "nowhere";
  const token = secretWord(world, "poll");
  const localId = await client.sendPoll(view.log, { question: token, options: OPTIONS, choicesMax: world.dice.between(0, 1) });
  world.ledger.said.push({ token, by: device.name, log: view.log, kind: "text", localId: bytesToHex(localId), at: world.scheduler.now });
  return token;
};

const VOTE: Deed = async (doing) => {
  const { client, world } = doing;
  const polls = [];
  for (const view of (await client.conversations()).filter(isActive)) {
    const messages = await client.messages(view.log, { limit: 30 });
    polls.push(...messages.filter(({ kind, messageId }) => kind === "poll" && messageId !== undefined));
  }
  const poll = world.dice.pick(polls);
  if (poll?.messageId === undefined) return "no poll";
  const choices = world.dice.chance(0.2) ? [] : [world.dice.below(OPTIONS.length)];
  await client.vote(poll.log, poll.messageId, choices);
  return `votes ${choices.join()}`;
};

export const SETTINGS: readonly Possible[] = [
  [6, "set timer", SET_TIMER],
  [4, "set role", SET_ROLE],
  [4, "set policy", SET_POLICY],
  [2, "block", BLOCK],
  [2, "unblock", UNBLOCK],
  [2, "mute", MUTE],
  [1, "pin", PIN],
  [2, "archive", ARCHIVE],
  [4, "draft", DRAFT],
  [4, "poll", POLL],
  [8, "vote", VOTE],
];
