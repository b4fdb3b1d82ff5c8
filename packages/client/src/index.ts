/** One person's engine: outbox, sync, timeline and search against ports (Store, Transport, Clock, Random). Also the SDK for bots. */
export type { ArchiveConversationView, ArchivePage, ArchiveStats } from "./archive/archive.ts";
export type { ArchivePersonView } from "./archive/archive-people.ts";
export type { ArchiveHit, ArchiveSearch } from "./archive/archive-search.ts";
export type { MediaFiles, MediaFileWriter } from "./archive/media-files.ts";
export type { AttachmentView } from "./attachments/attachment-rows.ts";
export type { Attachments } from "./attachments/attachments.ts";
export type {
  Cancellation,
  FileSink,
  FileSource,
  HttpAnswer,
  HttpExchange,
  HttpPort,
  HttpRequest,
  OpenSink,
  OpenSource,
} from "./attachments/ports.ts";
export { safeMediaType, safeName } from "./attachments/safe-name.ts";
export type { Saved } from "./attachments/save-file.ts";
export type { FilesOptions, OutgoingFile, Transferring } from "./attachments/send-files.ts";
export type { BlockedPerson, People } from "./people/people.ts";
export type { Draft, Preferences, Switch } from "./preferences/preferences.ts";
export type { GroupInfo, GroupMember, Groups } from "./groups/groups.ts";
export type { PollOption, PollView } from "./polls/polls.ts";
export { Client, type Member } from "./client.ts";
export { ClientError, type ClientErrorCode, sentenceOf } from "./client-error.ts";
export type { Devices, DeviceView } from "./devices/devices.ts";
export type { LinkGuest } from "./devices/link-new.ts";
export type { LinkedDevice, LinkHost } from "./devices/link-old.ts";
export type { ClientEvent } from "./events.ts";
export type { Person } from "./groups/start.ts";
export type { Cancel, Channel, ChannelEvents, Clock, Ports, Row, SqlValue, Statement, Store, Transport } from "./ports.ts";
export type { ExposureDetector } from "./exposure/detector.ts";
export type { Exposure } from "./exposure/exposure.ts";
export type { ExposureReminder } from "./exposure/exposure-reminders.ts";
export type { ExposureCount, ExposureSelection, ExposureView } from "./exposure/exposure-report.ts";
export type { CommitFacts, ShownChange } from "./groups/commit-facts.ts";
export type { ConversationView } from "./read/conversations.ts";
export type { SearchOptions } from "./read/search.ts";
export type { GroupNews, MessageView, QuotedMessage } from "./read/timeline.ts";
export { needVisible } from "./send/visible.ts";
export { isProfileRegistered, loadServerAddress, saveServerAddress } from "./store/server-address.ts";
export type { NewItem, OpenVault, VaultItem } from "./vault/open-vault.ts";
export type { VaultFiles } from "./vault/vault-files.ts";
export type { Stretch, Vault } from "./vault/vault.ts";
