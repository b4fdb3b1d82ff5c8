/** A generator for each service: seeded, of any size. */
import { generateDiscord, generateDiscordPackage } from "./discord.ts";
import { generateGoogleChat } from "./google-chat.ts";
import { generateImessage } from "./imessage.ts";
import { generateInstagram } from "./instagram.ts";
import type { GeneratedFile } from "./invented.ts";
import { generateMessenger, generateMetaE2ee } from "./meta.ts";
import { generateSignal } from "./signal.ts";
import { generateSlack } from "./slack.ts";
import { generateSnapchat } from "./snapchat.ts";
import type { ExportSize } from "./talk.ts";
import { generateTelegram } from "./telegram.ts";
import { generateTiktok } from "./tiktok.ts";
import { generateWhatsapp } from "./whatsapp.ts";

export const GENERATORS: Readonly<Record<string, (size: ExportSize) => Iterable<GeneratedFile>>> = {
  instagram: generateInstagram,
  messenger: generateMessenger,
  "meta-e2ee": generateMetaE2ee,
  whatsapp: generateWhatsapp,
  telegram: generateTelegram,
  signal: generateSignal,
  "google-chat": generateGoogleChat,
  discord: generateDiscord,
  "discord-package": generateDiscordPackage,
  snapchat: generateSnapchat,
  tiktok: generateTiktok,
  slack: generateSlack,
  imessage: generateImessage,
};
