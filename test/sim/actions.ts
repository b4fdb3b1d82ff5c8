/** What people do, and what the world does to them: one of these at a time, as the dice fall. */
import { ClientError, type MessageView } from "@sotto/client";
import { bytesToHex } from "@sotto/protocol";
import {
  type Deed,
  findOthers,
  founded,
  isGroup,
  isOpen,
  type Possible,
  sayIn,
  secretWord,
  someConversation,
  someMessage,
  TIMEOUT_MS,
} from "./deeds/deed.ts";
import { REVOKING } from "./deeds/revoke.ts";
import { SETTINGS } from "./deeds/settings.ts";
import { ruin } from "./deeds/ruin.ts";
import type { Device } from "./world/device.ts";
import { isRuin } from "./world/hardship.ts";
import type { World } from "./world/world.ts";

const SAY: Deed = async (doing) => {
  const view = await someConversation(doing, isOpen);
  return view === undefined ? "nowhere" : sayIn(doing, view.log);
};

const REPLY: Deed = async (doing) => {
  const view = await someConversation(doing, isOpen);
  const message = view && (await someMessage(doing, view.log, ({ messageId }) => messageId !== undefined));
  return view === undefined || message?.messageId === undefined ? "nothing there" : sayIn(doing, view.log, message.messageId);
};

const WRITE_TO: Deed = async (doing) => {
  const [other] = await findOthers(doing, 1);
  return other === undefined ? "nobody" : sayIn(doing, await doing.client.direct(other));
};

const REACT: Deed = async (doing) => {
  const view = await someConversation(doing, ({ status }) => status === "active");
  const message = view && (await someMessage(doing, view.log, ({ messageId }) => messageId !== undefined));
  if (view === undefined || message?.messageId === undefined) return "nothing there";
  await doing.client.react(view.log, message.messageId, doing.world.dice.pick(["👍", "🎻"]) ?? "👍");
  return "reacts";
};

const isOwnAndSent = (message: MessageView): boolean => message.messageId !== undefined && message.state !== "received";

const EDIT: Deed = async (doing) => {
  const view = await someConversation(doing, ({ status }) => status === "active");
  const message = view && (await someMessage(doing, view.log, isOwnAndSent));
  if (view === undefined || message?.messageId === undefined) return "nothing there";
  const token = secretWord(doing.world, "edit");
  const localId = await doing.client.sendText(view.log, token, { replaces: message.messageId });
  const target = bytesToHex(message.messageId);
  doing.world.ledger.said.push({
    token,
    by: doing.device.name,
    log: view.log,
    kind: "edit",
    localId: bytesToHex(localId),
    at: doing.world.scheduler.now,
    target,
  });
  return token;
};

const UNSEND: Deed = async (doing) => {
  const view = await someConversation(doing, ({ status }) => status === "active");
  const message = view && (await someMessage(doing, view.log, isOwnAndSent));
  if (view === undefined || message?.messageId === undefined) return "nothing there";
  await doing.client.unsend(view.log, message.messageId);
  return "takes back";
};

const CREATE_GROUP: Deed = async (doing) => {
  const people = await findOthers(doing, 3);
  const log = await doing.client.createGroup(secretWord(doing.world, "name"), people);
  founded(doing, log);
  return sayIn(doing, log);
};

const RENAME: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  if (view === undefined) return "no group";
  await doing.client.rename(view.log, secretWord(doing.world, "name"));
  return "renames";
};

const INVITE: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  if (view === undefined) return "no group";
  await doing.client.invite(view.log, await findOthers(doing, 2));
  return "invites";
};

const REMOVE: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  if (view === undefined) return "no group";
  const members = (await doing.client.members(view.log)).filter(({ username }) => username !== doing.person.username);
  const member = doing.world.dice.pick(members);
  if (member === undefined) return "nobody";
  await doing.client.remove(view.log, [member]);
  return "removes";
};

const LEAVE: Deed = async (doing) => {
  const view = await someConversation(doing, isGroup);
  if (view === undefined) return "no group";
  await doing.client.leave(view.log);
  return "leaves";
};

const ACCEPT: Deed = async (doing) => {
  const view = await someConversation(doing, ({ status }) => status === "request");
  if (view === undefined) return "no request";
  await doing.client.accept(view.log);
  return "accepts";
};

const READ: Deed = async (doing) => {
  const view = await someConversation(doing, ({ status }) => status === "active");
  if (view === undefined) return "nowhere";
  await doing.client.markRead(view.log);
  return "reads";
};

const SETTLE: Deed = async ({ client }) => ((await client.settled(5_000)) ? "settled" : "not settled");

const CONNECT: Deed = async ({ client }) => {
  client.connect();
  return "connects";
};

const DISCONNECT: Deed = async ({ client }) => {
  client.disconnect();
  return "disconnects";
};

const SIGN_UP: Deed = async ({ client, person }) => {
  if (client.whoAmI()?.isRegistered === true) return "has an account";
  await client.signUp({ username: person.username, timeoutMs: TIMEOUT_MS });
  return "signed up";
};

/** The second device of a person comes into the account, with a code from the first. */
const LINK: Deed = async ({ world, person }) => {
  const [first, second] = person.devices;
  const [host, guest] = [first?.client, second?.client];
  if (host === undefined || guest === undefined || second === undefined || guest.whoAmI() !== undefined) return "nothing to link";
  const digits = Promise.withResolvers<string | undefined>();
  const join = async (code: string): Promise<void> => {
    const outcome = guest.devices.join({ code, name: "second", showDigits: digits.resolve, timeoutMs: TIMEOUT_MS });
    await outcome.then(
      () => world.trace.note(second.name, "has joined"),
      (error: unknown) => {
        digits.resolve(undefined);
        failed(world, second, { deed: "join", error });
      },
    );
  };
  await host.devices.link({ showCode: (code) => void join(code), askDigits: () => digits.promise, timeoutMs: TIMEOUT_MS });
  return "links";
};

const DEEDS: readonly Possible[] = [
  [24, "say", SAY],
  [4, "reply", REPLY],
  [8, "write to", WRITE_TO],
  [4, "react", REACT],
  [4, "edit", EDIT],
  [2, "unsend", UNSEND],
  [5, "create group", CREATE_GROUP],
  [3, "rename", RENAME],
  [5, "invite", INVITE],
  [4, "remove", REMOVE],
  [3, "leave", LEAVE],
  [6, "accept", ACCEPT],
  [4, "read", READ],
  [5, "settle", SETTLE],
  [8, "connect", CONNECT],
  [2, "disconnect", DISCONNECT],
  [2, "sign up", SIGN_UP],
  [2, "link", LINK],
];

const HARD_DEEDS: readonly Possible[] = [...DEEDS, ...SETTINGS, ...REVOKING];
const deedsOf = ({ hardship }: World): readonly Possible[] => (hardship.isHard ? HARD_DEEDS : DEEDS);

/** Begins a deed; it goes on while time passes, and never ends if its program dies. */
export function begin(world: World, device: Device, name: string): void {
  const person = world.people.find(({ devices }) => devices.includes(device));
  const { client } = device;
  const deed = HARD_DEEDS.find(([, known]) => known === name)?.[2];
  if (person === undefined || client === undefined || deed === undefined) return;
  world.trace.note(device.name, `${name} …`);
  deed({ world, person, device, client }).then(
    (outcome) => world.trace.note(device.name, `${name}: ${outcome}`),
    (error: unknown) => failed(world, device, { deed: name, error }),
  );
}

/** What a client refuses has a code. Anything else is a mistake in it. */
function failed(world: World, device: Device, { deed, error }: { readonly deed: string; readonly error: unknown }): void {
  if (error instanceof ClientError) world.trace.note(device.name, `${deed}: refused, ${error.code}`);
  else world.problem(`${device.name} ${deed}: ${error instanceof Error ? String(error.stack) : String(error)}`);
}

function someDeed(world: World): string {
  const deeds = deedsOf(world);
  let left = world.dice.below(deeds.reduce((sum, [weight]) => sum + weight, 0));
  for (const [weight, name] of deeds) {
    left -= weight;
    if (left < 0) return name;
  }
  return "say";
}

/** What happens to machines, not by anybody's will. */
async function accident(world: World): Promise<void> {
  const { dice, server, network } = world;
  const device = dice.pick(world.devices);
  const jumpMs = world.profile.faults.clockJumpMs;
  switch (dice.below(6)) {
    case 0:
      return device?.kill();
    case 1:
      return server.kill();
    case 2:
      return server.stop();
    case 3:
      return network.breakAll("breaks with all others");
    case 4:
      if (device !== undefined) device.wall.offsetMs = dice.between(-jumpMs, jumpMs);
      return undefined;
    default:
      server.wall.offsetMs = dice.between(-jumpMs, jumpMs);
      return undefined;
  }
}

const ACCIDENT_CHANCE = 0.12;

export async function happen(world: World): Promise<void> {
  const { dice } = world;
  if (isRuin(world.hardship) && (await ruin(world))) return undefined;
  if (dice.chance(ACCIDENT_CHANCE)) return accident(world);
  const device = dice.pick(world.devices);
  if (device === undefined) return undefined;
  const isKnown = device.client?.whoAmI() !== undefined;
  if (isKnown || device.isFirst) begin(world, device, isKnown ? someDeed(world) : "sign up");
  return undefined;
}
