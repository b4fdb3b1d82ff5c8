/** Every importer. A file goes to the first one that knows its form. */
import type { Importer } from "./format.ts";
import { discordImporter } from "./discord/discord-importer.ts";
import { discordPackageImporter } from "./discord/package-importer.ts";
import { googleChatImporter } from "./google-chat/google-importer.ts";
import { imessageImporter } from "./imessage/imessage-importer.ts";
import { e2eeImporter } from "./meta/e2ee-importer.ts";
import { metaHtmlImporter } from "./meta/meta-html-importer.ts";
import { metaImporter } from "./meta/meta-importer.ts";
import { signalImporter } from "./signal/signal-importer.ts";
import { slackImporter } from "./slack/slack-importer.ts";
import { snapchatMemoriesImporter } from "./snapchat/memories-importer.ts";
import { snapchatImporter } from "./snapchat/snapchat-importer.ts";
import { sottoImporter } from "./sotto/sotto-importer.ts";
import { telegramHtmlImporter } from "./telegram/telegram-html-importer.ts";
import { telegramImporter } from "./telegram/telegram-importer.ts";
import { tiktokImporter } from "./tiktok/tiktok-importer.ts";
import { tiktokTextImporter } from "./tiktok/tiktok-text-importer.ts";
import { whatsappImporter } from "./whatsapp/whatsapp-importer.ts";

export const IMPORTERS: readonly Importer[] = [
  sottoImporter,
  metaImporter,
  metaHtmlImporter,
  e2eeImporter,
  telegramImporter,
  telegramHtmlImporter,
  signalImporter,
  slackImporter,
  googleChatImporter,
  discordImporter,
  discordPackageImporter,
  snapchatImporter,
  snapchatMemoriesImporter,
  tiktokImporter,
  tiktokTextImporter,
  imessageImporter,
  whatsappImporter,
];
