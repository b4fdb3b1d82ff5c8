/** `signup` and `whoami`. */
import { ClientError } from "@sotto/client";
import { accountIdToText } from "@sotto/protocol";
import { type Command, exactly, textOption } from "../command.ts";
import { SETTLE_MS, withProfile } from "../profile.ts";

export const signup: Command = {
  usage: "USERNAME [--server URL] [--invite CODE]",
  summary: "make an account; shows the recovery key once",
  details: ["After it was cut short the same command goes on, and shows the recovery key if you have not seen it yet."],
  options: { server: { type: "string" }, invite: { type: "string" } },
  run: async (invocation) => {
    const [username] = exactly(invocation.args, "USERNAME");
    const server = textOption(invocation.options, "server");
    const invite = textOption(invocation.options, "invite") ?? "";
    await withProfile(
      invocation,
      async (client) => {
        const { recoveryKey } = await client.signUp({ username, invite, timeoutMs: SETTLE_MS });
        const me = client.whoAmI();
        if (me === undefined) throw new ClientError("profile_empty");
        const value = { username: me.username, account: accountIdToText(me.account), recoveryKey };
        invocation.print(value, `You are @${me.username}.\nRecovery key (write it down, it is not shown again): ${recoveryKey}`);
        await client.devices.recoveryKeySeen(recoveryKey);
      },
      { server },
    );
  },
};

export const whoami: Command = {
  usage: "",
  summary: "who this profile is",
  run: async (invocation) => {
    exactly(invocation.args);
    await withProfile(invocation, (client) => {
      const me = client.whoAmI();
      if (me === undefined) throw new ClientError("profile_empty");
      invocation.print({ ...me, account: accountIdToText(me.account) }, `@${me.username}  ${accountIdToText(me.account)}`);
      return Promise.resolve();
    });
  },
};
