/** `chat`: the full-screen client. */
import { ClientError } from "@sotto/client";
import { Chat } from "../chat/run.ts";
import type { Theme } from "../chat/paint.ts";
import { type Command, exactly, textOption, UsageError } from "../command.ts";
import { withProfile } from "../profile.ts";

function themeFrom(typed: string | undefined): Theme {
  if ((process.env["NO_COLOR"] ?? "") !== "") return "none";
  if (typed === "light" || typed === "dark") return typed;
  if (typed !== undefined) throw new UsageError("A theme is light or dark.");
  const background = /;(\d+)$/.exec(process.env["COLORFGBG"] ?? "")?.[1];
  if (background === undefined) return "plain";
  return Number(background) === 7 || Number(background) === 15 ? "light" : "dark";
}

export const chat: Command = {
  usage: "[--theme light|dark]",
  summary: "the full-screen client: talk all day",
  details: [
    "F1 or ? shows the keys. What is written and not sent stays as a draft.",
    "Colours follow the terminal's background; --theme chooses, NO_COLOR leaves them out.",
  ],
  options: { theme: { type: "string" } },
  run: async (invocation) => {
    exactly(invocation.args);
    const theme = themeFrom(textOption(invocation.options, "theme"));
    if (!process.stdin.isTTY || !process.stdout.isTTY) throw new UsageError("chat needs a terminal. In scripts use send, read and watch.");
    await withProfile(invocation, async (client) => {
      if (client.whoAmI() === undefined) throw new ClientError("profile_empty");
      await new Chat(client, theme).run();
      await client.settled(3_000);
    });
  },
};
