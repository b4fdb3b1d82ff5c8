/** What comes into the state, and what goes out of it into the world. */
import type { ConversationView, MessageView } from "@sotto/client";
import type { LogId, MessageId } from "@sotto/protocol";
import type { Key } from "./keys.ts";

export type ChatEvent =
  | { readonly kind: "key"; readonly key: Key }
  | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
  | { readonly kind: "conversations"; readonly conversations: readonly ConversationView[] }
  | { readonly kind: "messages"; readonly log: LogId; readonly messages: readonly MessageView[] }
  | { readonly kind: "draft"; readonly log: LogId; readonly text: string; readonly replyTo: MessageView | undefined }
  | { readonly kind: "found"; readonly results: readonly MessageView[] }
  | { readonly kind: "typing"; readonly log: LogId; readonly names: readonly string[] }
  | { readonly kind: "connection"; readonly isOnline: boolean }
  | { readonly kind: "opened"; readonly log: LogId }
  | { readonly kind: "notice"; readonly text: string; readonly isError: boolean }
  | { readonly kind: "time"; readonly now: number };

export type ChatEffect =
  | { readonly do: "load"; readonly log: LogId; readonly limit: number; readonly before: number | undefined }
  | { readonly do: "loadDraft"; readonly log: LogId }
  | { readonly do: "markRead"; readonly log: LogId }
  | { readonly do: "send"; readonly log: LogId; readonly text: string; readonly replyTo: MessageId | undefined }
  | { readonly do: "edit"; readonly log: LogId; readonly id: MessageId; readonly text: string }
  | { readonly do: "react"; readonly log: LogId; readonly id: MessageId; readonly emoji: string }
  | { readonly do: "delete"; readonly log: LogId; readonly id: MessageId }
  | { readonly do: "search"; readonly text: string }
  | { readonly do: "saveDraft"; readonly log: LogId; readonly text: string; readonly replyTo: MessageId | undefined }
  | { readonly do: "type"; readonly log: LogId }
  | { readonly do: "stopTyping"; readonly log: LogId }
  | { readonly do: "command"; readonly words: readonly string[]; readonly log: LogId | undefined }
  | { readonly do: "save"; readonly message: MessageView }
  | { readonly do: "suspend" }
  | { readonly do: "redraw" }
  | { readonly do: "quit" };

export type Step<State> = { readonly state: State; readonly effects: readonly ChatEffect[] };
