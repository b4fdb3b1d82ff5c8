/** `link`, `signin` and `devices`: one person with several devices. */
import { hostname } from "node:os";
import { type Client, ClientError } from "@sotto/client";
import { accountIdToText, deviceId, idToText, parseId } from "@sotto/protocol";
import { type Command, exactly, type Invocation, numberOption, textOption, UsageError } from "../command.ts";
import { askSecret } from "../passphrase.ts";
import { DEFAULT_SERVER, finish, SETTLE_MS, withConnection, withProfile } from "../profile.ts";
import { askLine } from "../question.ts";

const LINK_SECONDS = 600;
const ADMITTED_MS = 60_000;
const LATER = "Your other devices add it to your conversations when they are online.";

/** What was typed after the command, or else what the machine is called. */
function nameOf({ options }: Invocation): string {
  return (textOption(options, "name") ?? hostname()).slice(0, 64);
}

async function showOld(invocation: Invocation, client: Client): Promise<void> {
  const { print, options } = invocation;
  const server = (await client.serverAddress()) ?? DEFAULT_SERVER;
  const where = server === DEFAULT_SERVER ? "" : ` --server ${server}`;
  const { device, name } = await client.devices.link({
    showCode: (code) => print({ code, server }, `Type this on the new device:\n  sotto link "${code}"${where}`),
    askDigits: ({ name: newcomer }) => askLine(`The six digits that ${newcomer === "" ? "the new device" : newcomer} shows: `),
    timeoutMs: numberOption(options, "seconds", LINK_SECONDS) * 1000,
  });
  const isAdmitted = await client.devices.isAdmitted(ADMITTED_MS, device);
  if (isAdmitted) await finish(client);
  print({ device: idToText(device), name, isAdmitted }, isAdmitted ? "Linked." : `Linked. ${LATER}`);
}

/** As `whoami`, for a profile that has just become one. */
async function showNew({ print }: Invocation, client: Client): Promise<void> {
  await client.settled(SETTLE_MS);
  const isAdmitted = await client.devices.isAdmitted(ADMITTED_MS);
  if (isAdmitted) await client.settled(SETTLE_MS);
  const me = client.whoAmI();
  if (me === undefined) throw new ClientError("profile_empty");
  const value = { username: me.username, account: accountIdToText(me.account), isAdmitted };
  print(value, `You are @${me.username}.${isAdmitted ? "" : ` ${LATER}`}`);
}

export const link: Command = {
  usage: "[CODE] [--name NAME] [--server URL] [--seconds N]",
  summary: "without CODE: show a code for a new device; with it, in an empty profile: become a device of that account",
  options: { name: { type: "string" }, server: { type: "string" }, seconds: { type: "string" } },
  run: async (invocation) => {
    if (invocation.args.length === 0) return withConnection(invocation, (client) => showOld(invocation, client));
    const code = invocation.args.join(" ");
    const timeoutMs = numberOption(invocation.options, "seconds", LINK_SECONDS) * 1000;
    const showDigits = (digits: string): void => invocation.print({ digits }, `Type this on the other device: ${digits}`);
    return withProfile(
      invocation,
      async (client) => {
        await client.devices.join({ code, name: nameOf(invocation), showDigits, timeoutMs });
        await showNew(invocation, client);
      },
      { server: textOption(invocation.options, "server") },
    );
  },
};

export const signin: Command = {
  usage: "USERNAME --recovery [--name NAME] [--server URL]",
  summary: "make an empty profile a device of your account with the recovery key, which is asked for",
  options: { recovery: { type: "boolean" }, name: { type: "string" }, server: { type: "string" } },
  run: async (invocation) => {
    const [username] = exactly(invocation.args, "USERNAME");
    if (invocation.options["recovery"] !== true) {
      throw new UsageError("Say --recovery and have the recovery key ready; with another device at hand, use link.");
    }
    const recoveryKey = await askSecret("Recovery key: ");
    await withProfile(
      invocation,
      async (client) => {
        await client.devices.recover({ username, recoveryKey, name: nameOf(invocation) });
        await showNew(invocation, client);
      },
      { server: textOption(invocation.options, "server") },
    );
  },
};

async function show({ print }: Invocation, client: Client): Promise<void> {
  for (const { id, name, isThis, addedAt } of await client.devices.list()) {
    const text = idToText(id);
    const since = new Date(addedAt).toISOString().slice(0, 10);
    print(
      { id: text, name, isThis, addedAt },
      `${text}  ${name === "" ? "(no name)" : name}, since ${since}${isThis ? "  (this one)" : ""}`,
    );
  }
}

export const devices: Command = {
  usage: "[revoke DEVICE]",
  summary: "the devices of your account; revoke takes one out of it and out of all conversations",
  run: async (invocation) => {
    const [action, ...args] = invocation.args;
    await withConnection(invocation, async (client) => {
      if (action === "revoke") {
        const [text] = exactly(args, "DEVICE");
        const id = parseId(deviceId, text);
        if (!id.ok) throw new UsageError("DEVICE is an id as `sotto devices` shows it.");
        const { recoveryKey } = await client.devices.revoke(id.value);
        invocation.print({ recoveryKey }, `New recovery key (write it down, the old one is worth nothing now): ${recoveryKey}`);
        await client.devices.recoveryKeySeen(recoveryKey);
        await finish(client);
      } else if (action !== undefined) {
        throw new UsageError("Say revoke, or nothing for the list.");
      }
      await show(invocation, client);
    });
  },
};
