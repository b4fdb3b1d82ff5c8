/**
 * One person's messenger, as an application or a bot sees it. What a person asks for throws {@link ClientError} when it cannot be done; what arrives
 * never throws.
 */
import { isActive, memberAccounts } from "@sotto/core";
import { type AccountId, bytesToHex, equalBytes, type LogId, logId, type MessageId, parseAddress, type Poll, toId } from "@sotto/protocol";
import { Attachments } from "./attachments/attachments.ts";
import { createProfile } from "./account/profile.ts";
import { unseenRecoveryText } from "./account/recovery-text.ts";
import { Archive } from "./archive/archive.ts";
import type { MediaFiles } from "./archive/media-files.ts";
import { ClientError, type ClientErrorCode, orThrow } from "./client-error.ts";
import { Devices } from "./devices/devices.ts";
import { Engine } from "./engine.ts";
import type { ClientEvent } from "./events.ts";
import { readingStarts } from "./expiry/expiry.ts";
import { Exposure } from "./exposure/exposure.ts";
import { storeAcceptance } from "./groups/accept.ts";
import { Groups } from "./groups/groups.ts";
import { encodePlan, type Plan } from "./groups/plan.ts";
import { contactItem, directWith, findPerson, type Person, startConversation } from "./groups/start.ts";
import { readItem } from "./own/own-effects.ts";
import { People } from "./people/people.ts";
import type { Ports, Statement } from "./ports.ts";
import { draftSent, isOn, Preferences } from "./preferences/preferences.ts";
import { type ConversationView, listConversations } from "./read/conversations.ts";
import { searchMessages, type SearchOptions } from "./read/search.ts";
import { listMessages, messageById, messageByLocalId, type MessageView } from "./read/timeline.ts";
import { enqueue, isRoomAwaited, laneOf } from "./send/outbox.ts";
import { bodyToForward } from "./send/forward.ts";
import { withMentions } from "./send/mentions.ts";
import { sendContent, textBody } from "./send/send.ts";
import { isEmoji, needStanding } from "./send/targets.ts";
import { needVisible } from "./send/visible.ts";
import { Session } from "./session.ts";
import { newLocalId } from "./store/local-id.ts";
import { migrate } from "./store/migrate.ts";
import { loadServerAddress } from "./store/server-address.ts";
import { bytesIn, optionalNumber, setting, sql, textIn } from "./store/statements.ts";
import type { VaultFiles } from "./vault/vault-files.ts";
import { Vault } from "./vault/vault.ts";
import type { Typing } from "./typing/typing.ts";

const PAGE = 50;

export type Member = { readonly account: AccountId; readonly username: string };

export class Client {
  readonly #engine: Engine;
  /** Files: sending and saving. */
  readonly attachments: Attachments;
  #session: Session | undefined;

  private constructor(engine: Engine) {
    this.#engine = engine;
    this.attachments = new Attachments(engine, {
      accept: (log) => this.#ready(log),
      kick: (log) => this.#session?.runner.kick(laneOf(log)),
    });
  }

  /** Opens what the store holds, or an empty profile. Connects nothing. */
  static async open(ports: Ports): Promise<Client> {
    await migrate(ports.store);
    const engine = new Engine(ports);
    await engine.reloadProfile();
    await engine.chains.load();
    await engine.own.load();
    await engine.conversations.load();
    engine.on(({ kind }) => {
      if (kind === "own") engine.inBackground(engine.reloadProfile());
    });
    await engine.expiry.start();
    return new Client(engine);
  }

  /** Undefined before sign-up. */
  whoAmI(): { readonly account: AccountId; readonly username: string; readonly isRegistered: boolean } | undefined {
    const { profile } = this.#engine;
    return profile && { account: profile.account, username: profile.username, isRegistered: profile.isRegistered };
  }

  /**
   * Makes the account, connects and registers it. Show the recovery key, then call `devices.recoveryKeySeen`: until then it is kept, and calling
   * again answers it. After a failure call it again, too: the same keys are used, and the name may be another one.
   */
  async signUp(options: {
    readonly username: string;
    readonly invite?: string;
    readonly timeoutMs: number;
  }): Promise<{ readonly recoveryKey: string }> {
    const { username } = orThrow(parseAddress(options.username));
    const { profile, ports } = this.#engine;
    if (profile?.isRegistered === true) return this.#unseenKey();
    const invite = setting("invite_code", options.invite ?? "");
    const made =
      profile === undefined ? createProfile(username, this.#engine.context) : { profile: { ...profile, username }, statements: [] };
    await ports.store.write([...made.statements, invite, setting("username", username)]);
    this.#engine.profile = made.profile;
    this.connect();
    // What is left after registering is made up for with the next connection; the key is shown now.
    const isMade = (await this.settled(options.timeoutMs)) || (this.refusal === undefined && this.whoAmI()?.isRegistered === true);
    if (!isMade) throw new ClientError(this.refusal ?? this.trouble ?? "server_unreachable");
    return this.#unseenKey();
  }

  async #unseenKey(): Promise<{ readonly recoveryKey: string }> {
    const recoveryKey = await unseenRecoveryText(this.#engine.ports.store);
    if (recoveryKey === undefined) throw new ClientError("profile_exists");
    return { recoveryKey };
  }

  /** The server of this profile if one was chosen (see saveServerAddress). */
  serverAddress(): Promise<string | undefined> {
    return loadServerAddress(this.#engine.ports.store);
  }

  connect(): void {
    if (this.#engine.profile === undefined) throw new ClientError("profile_empty");
    if (this.#session !== undefined && this.#session.refusal === undefined) return;
    this.#session?.stop();
    this.#session = new Session(this.#engine);
    this.#session.start();
  }

  disconnect(): void {
    this.#session?.stop();
    this.#session = undefined;
  }

  /** Waits until all is received and sent. False if that takes longer, or cannot be: see {@link refusal}. */
  async settled(timeoutMs: number): Promise<boolean> {
    return (await this.#session?.settled(timeoutMs)) ?? false;
  }

  /** Imported history. Needs no account. */
  get archive(): Archive {
    return new Archive(this.#engine);
  }

  /** Which conversations hold copies of cards, keys, documents and the like. Needs no account. `files`: those of imported history. */
  exposure(files: MediaFiles): Exposure {
    return new Exposure(this.#engine, files);
  }

  /** An encrypted shelf with a passphrase of its own. Needs no account. */
  vault(files: VaultFiles): Vault {
    return new Vault(this.#engine, files);
  }

  /** The address of the server that this profile is of. */
  get server(): string {
    return this.#engine.ports.transport.origin;
  }

  get refusal(): ClientErrorCode | undefined {
    return this.#session?.refusal;
  }

  /** What the server, or the way to it, does not do at the moment. It is tried again; see {@link refusal} for what is final. */
  get trouble(): ClientErrorCode | undefined {
    return this.#session?.trouble;
  }

  /** Whether something waits for room in somebody's inbox: it leaves by itself once they were online, and {@link settled} does not wait for it. */
  readonly isRoomAwaited = (): Promise<boolean> => isRoomAwaited(this.#engine.ports.store);

  async close(): Promise<void> {
    this.disconnect();
    await this.#engine.close();
  }

  on(listener: (event: ClientEvent) => void): () => void {
    return this.#engine.on(listener);
  }

  findPerson(typed: string): Promise<Person> {
    return findPerson(this.#engine, typed);
  }

  /** The conversation with a person. A new one reaches them as a request, and begins with who writes. */
  async direct(person: Person): Promise<LogId> {
    const existing = await directWith(this.#engine, person.account);
    if (existing !== undefined) return toId(logId, existing);
    const reopened = await this.people.reopen(person.account);
    if (reopened !== undefined) return reopened;
    const log = await startConversation(this.#engine, { kind: "direct", name: "", people: [person] });
    await this.#introduce(log);
    return log;
  }

  async createGroup(name: string, people: readonly Person[]): Promise<LogId> {
    needVisible(name);
    const log = await startConversation(this.#engine, { kind: "group", name, people });
    this.#session?.runner.kick(laneOf(log));
    return log;
  }

  /** Throws `text_empty` for words that show nothing, unless they change those beside files. */
  async sendText(
    log: LogId,
    text: string,
    relation: { readonly inReplyTo?: MessageId; readonly replaces?: MessageId } = {},
  ): Promise<Uint8Array> {
    const changed = relation.replaces && (await this.messageById(relation.replaces));
    if (changed === undefined || changed.attachments.length === 0) needVisible(text);
    if (relation.replaces !== undefined) await needStanding(this.#engine.ports.store, log, relation.replaces);
    await this.#ready(log);
    const also = relation.replaces === undefined ? await draftSent(this.#engine, log) : [];
    this.#engine.typing.sent(log);
    // Who is there is only asked for where somebody may be meant: a group can be large.
    const shown = text.includes("@") ? withMentions(text, await this.members(log)) : text;
    return this.#send(log, { body: textBody(shown), ...relation, also });
  }

  /** Writing into a request accepts it, as do reactions, votes and changes of the group; to a blocked person nothing is written. */
  async #ready(log: LogId): Promise<void> {
    const select = "SELECT c.status, c.kind, p.is_blocked FROM conversations c LEFT JOIN contacts p ON p.account = c.peer WHERE c.log = ?";
    const [row] = await this.#engine.ports.store.all(select, [log]);
    if (row?.["kind"] === "direct" && row["is_blocked"] === 1) throw new ClientError("person_blocked");
    if (row?.["status"] === "request") await this.accept(log);
  }

  /** `choicesMax` 0: as many as one likes. */
  async sendPoll(log: LogId, poll: Pick<Poll, "question" | "options" | "choicesMax">): Promise<Uint8Array> {
    await this.#ready(log);
    return this.#send(log, { body: { kind: "poll", closesAt: 0, ...poll } });
  }

  /** Replaces an earlier vote; without choices it is taken back. */
  async vote(log: LogId, poll: MessageId, choices: readonly number[]): Promise<Uint8Array> {
    await this.#ready(log);
    const ascending = [...new Set(choices)].toSorted((a, b) => a - b);
    return this.#send(log, { body: { kind: "vote", choices: ascending }, inReplyTo: poll });
  }

  /** Says the same in another conversation. Who wrote it first is not said. */
  async forward(id: MessageId, to: LogId): Promise<Uint8Array> {
    const body = await bodyToForward(this.#engine.ports.store, id);
    await this.#ready(to);
    return this.#send(to, { body });
  }

  async react(log: LogId, target: MessageId, emoji: string): Promise<Uint8Array> {
    if (!isEmoji(emoji)) throw new ClientError("reaction_invalid");
    await needStanding(this.#engine.ports.store, log, target);
    await this.#ready(log);
    return this.#send(log, { body: { kind: "reaction", emoji }, inReplyTo: target });
  }

  /** Takes an own message back, for everyone. */
  async unsend(log: LogId, target: MessageId): Promise<Uint8Array> {
    await this.#ready(log);
    return this.#send(log, { body: { kind: "deletion" }, replaces: target });
  }

  /** Answers a request: the other person now hears that messages arrive, and can reach this inbox directly. */
  async accept(log: LogId): Promise<void> {
    if (!(await storeAcceptance(this.#engine, log))) return;
    await this.#introduce(log);
    this.#engine.emit({ kind: "conversation", log });
  }

  async #introduce(log: LogId): Promise<void> {
    const { account, username, contactToken } = this.#engine.me;
    const card = { kind: "contact" as const, account, username, host: "", displayName: username, contactToken };
    await this.#send(log, { body: card });
  }

  async #send(log: LogId, outgoing: Parameters<typeof sendContent>[2]): Promise<Uint8Array> {
    const localId = await sendContent(this.#engine, log, outgoing);
    this.#session?.runner.kick(laneOf(log));
    return localId;
  }

  async invite(log: LogId, people: readonly Person[]): Promise<void> {
    const known =
      "INSERT INTO contacts (account, username, is_checked) VALUES (?, ?, 1) ON CONFLICT (account) DO UPDATE SET username = excluded.username, is_checked = 1";
    const shared = people.flatMap((person) => this.#engine.own.statements(contactItem(person)));
    await this.#engine.ports.store.write([...people.map(({ account, username }) => sql(known, account, username)), ...shared]);
    await this.groups.changeMembers(log, { kind: "invite", accounts: people.map(({ account }) => account) });
  }

  remove(log: LogId, people: readonly Pick<Person, "account">[]): Promise<void> {
    return this.groups.changeMembers(log, { kind: "remove", accounts: people.map(({ account }) => account) });
  }

  rename(log: LogId, name: string): Promise<void> {
    return this.groups.setName(log, name);
  }

  async leave(log: LogId): Promise<void> {
    await this.#needActive(log);
    const localId = newLocalId(this.#engine.context);
    await this.#engine.ports.store.write([enqueue({ log, localId, kind: "leave", draft: new Uint8Array() })]);
    this.#engine.emit({ kind: "conversation", log });
    this.#session?.runner.kick(laneOf(log));
  }

  async #needActive(log: LogId): Promise<void> {
    if (!isActive(await this.#engine.conversations.get(log))) throw new ClientError("conversation_inactive");
  }

  async #plan(log: LogId, plan: Plan): Promise<void> {
    await this.#ready(log);
    await this.#needActive(log);
    const localId = newLocalId(this.#engine.context);
    await this.#engine.ports.store.write([enqueue({ log, localId, kind: "commit", draft: encodePlan(plan) })]);
    this.#session?.runner.kick(laneOf(log));
  }

  /** Which devices the account has; linking and removing them. */
  get devices(): Devices {
    return new Devices(this.#engine, { connect: () => this.connect(), session: () => this.#session });
  }

  /** Roles, policy, the timer: what may be changed, and changing it. */
  get groups(): Groups {
    return new Groups(this.#engine, (log, plan) => this.#plan(log, plan));
  }

  /** Blocking, and requests that are not wanted. */
  get people(): People {
    return new People(this.#engine, {
      followAll: () => this.#session?.followAll(),
      forget: (log) => this.#session?.forget(log),
      leave: (log) => this.leave(log),
    });
  }

  /** Mute, pin, archive, drafts; whether others hear of reading and typing. */
  get preferences(): Preferences {
    return new Preferences(this.#engine);
  }

  /** Who types, and that one types oneself. */
  get typing(): Pick<Typing, "type" | "stop" | "in"> {
    return this.#engine.typing;
  }

  conversations(): Promise<ConversationView[]> {
    return listConversations(this.#engine);
  }

  async members(log: LogId): Promise<Member[]> {
    const accounts = memberAccounts(await this.#engine.conversations.get(log));
    const rows = await this.#engine.ports.store.all("SELECT account, username FROM contacts");
    const { me } = this.#engine;
    const names = new Map(rows.map((row) => [bytesToHex(bytesIn(row, "account")), textIn(row, "username")]));
    return accounts.map((account) => {
      const username = equalBytes(account, me.account) ? me.username : (names.get(bytesToHex(account)) ?? "");
      return { account, username };
    });
  }

  messages(log: LogId, page: { readonly limit?: number; readonly before?: number } = {}): Promise<MessageView[]> {
    return listMessages(this.#engine, log, { limit: PAGE, ...page });
  }

  message(localId: Uint8Array): Promise<MessageView | undefined> {
    return messageByLocalId(this.#engine, localId);
  }

  messageById(id: MessageId): Promise<MessageView | undefined> {
    return messageById(this.#engine, id);
  }

  /** Messages with this text anywhere in them, whatever its case; the newest first. */
  async search(query: string, options: SearchOptions = {}): Promise<MessageView[]> {
    if (query === "") throw new ClientError("query_short");
    return searchMessages(this.#engine, query, options);
  }

  async #readMark(log: LogId, seq: number): Promise<Statement[]> {
    const item = await readItem(this.#engine.ports.store, log, seq);
    return item === undefined ? [] : this.#engine.own.statements(item);
  }

  /** Everything up to now was looked at; the senders hear of it in direct conversations. */
  async markRead(log: LogId): Promise<void> {
    const read = "UPDATE conversations SET read_seq = coalesce((SELECT max(seq) FROM messages WHERE log = ?), read_seq) WHERE log = ?";
    const due =
      "UPDATE messages SET receipt_due = 'read' WHERE log = ? AND sender <> ? AND kind = 'text' AND message_id IS NOT NULL AND seq > (SELECT read_seq FROM conversations WHERE log = ? AND kind = 'direct' AND status = 'active')";
    const unread = "SELECT max(seq) AS seq FROM messages WHERE log = ? AND seq > (SELECT read_seq FROM conversations WHERE log = ?)";
    const [last] = await this.#engine.ports.store.all(unread, [log, log]);
    const seq = last && optionalNumber(last, "seq");
    const shared = seq === undefined ? [] : await this.#readMark(log, seq);
    const told = (await isOn(this.#engine, "receipts")) ? [sql(due, log, this.#engine.me.account, log)] : [];
    await this.#engine.ports.store.write([...told, sql(read, log, log), ...shared, readingStarts(log, this.#engine.context.now)]);
    this.#engine.expiry.wake();
    this.#engine.emit({ kind: "conversation", log });
  }
}
