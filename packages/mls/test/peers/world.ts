/**
 * A group of members of different implementations and the delivery service between them: it hands every commit to everyone, lets the added
 * join, and checks that all have come to the same epoch. An error says whose it was and what that one was doing.
 */
import { wireIdentity } from "./core-crypto.ts";
import {
  type Bytes,
  type Committed,
  decrypt,
  type Handshake,
  hex,
  type Member,
  type Peer,
  type Proposed,
  type Supports,
  text,
  utf8,
} from "./peer.ts";

export interface WorldOptions {
  readonly suite: number;
  readonly handshake: Handshake;
  /** See MemberOptions: `[1]` in groups where openmls-wasm adds members. */
  readonly credentials?: readonly number[];
  /**
   * Says which failures of one who joins, or of one who is being removed, the group goes on without. The joiner is then in the tree and
   * nowhere else, until somebody removes it.
   */
  readonly forgives?: (error: WorldError) => boolean;
}

export interface Turn {
  readonly add?: readonly (readonly [name: string, peer: Peer])[];
  readonly remove?: readonly string[];
  /** Ids of external PSKs, known to all by `rememberPsk`. */
  readonly psk?: readonly Bytes[];
  readonly aad?: Bytes;
}

export type Wish =
  | { readonly kind: "add"; readonly newcomer: readonly [name: string, peer: Peer] }
  | { readonly kind: "remove"; readonly name: string }
  | { readonly kind: "psk"; readonly id: Bytes };

/** What went wrong, with the member it went wrong for. */
export class WorldError extends Error {
  readonly who: string;
  readonly peer: string;

  constructor(who: string, peer: string, options: { readonly doing: string; readonly cause: unknown }) {
    const { message } = options.cause instanceof Error ? options.cause : { message: String(options.cause) };
    super(`${peer} (${who}) ${options.doing}: ${message}`, { cause: options.cause });
    this.name = "WorldError";
    this.who = who;
    this.peer = peer;
  }
}

interface Inhabitant {
  readonly name: string;
  readonly peer: Peer;
  readonly member: Member;
}

interface View {
  readonly what: string;
  readonly isShown: (supports: Supports) => boolean;
  readonly of: (member: Member) => Promise<string>;
}

/** What all members of an epoch have in common, as far as each shows it. The first exporter is the one core-crypto has. */
const views: readonly View[] = [
  { what: "epoch", isShown: () => true, of: async (member) => String(await member.epoch()) },
  { what: "exporter", isShown: () => true, of: async (member) => hex(await member.exporter("exporter", utf8(""), 32)) },
  { what: "long exporter", isShown: (peer) => peer.exporter, of: async (member) => hex(await member.exporter("interop", utf8("for"), 80)) },
  { what: "epoch authenticator", isShown: (peer) => peer.epochAuthenticator, of: async (member) => hex(await member.epochAuthenticator()) },
  { what: "tree hash", isShown: (peer) => peer.treeHash, of: async (member) => hex(await member.treeHash()) },
  {
    what: "members",
    isShown: () => true,
    of: async (member) =>
      (await member.members())
        .map(({ identity }) => text(identity))
        .toSorted()
        .join(" "),
  },
];

export class World {
  readonly #options: WorldOptions;
  readonly #inhabitants: Inhabitant[] = [];
  /** Whose joining failed and was forgiven. */
  readonly #lost: Inhabitant[] = [];
  /** Proposed and not committed yet. */
  readonly #wished: { readonly newcomers: Inhabitant[]; readonly removed: string[] } = { newcomers: [], removed: [] };

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  member(name: string): Member {
    return this.#find(name).member;
  }

  /** Those who take part, and then those who are lost. */
  get population(): readonly { readonly name: string; readonly peer: Peer; readonly isLost: boolean }[] {
    const here = this.#inhabitants.map(({ name, peer }) => ({ name, peer, isLost: false }));
    return [...here, ...this.#lost.map(({ name, peer }) => ({ name, peer, isLost: true }))];
  }

  #find(name: string): Inhabitant {
    const found = [...this.#inhabitants, ...this.#lost].find((inhabitant) => inhabitant.name === name);
    if (found === undefined) throw new Error(`nobody here is called ${name}`);
    return found;
  }

  async #born(name: string, peer: Peer): Promise<Inhabitant> {
    return await blame({ name, peer }, "is made", async () => {
      const { handshake, ...options } = this.#options;
      const choice = peer.supports.sends.includes(handshake) ? { handshake } : {};
      return { name, peer, member: await peer.newMember(wireIdentity(name), { ...options, ...choice }) };
    });
  }

  async found(name: string, peer: Peer): Promise<void> {
    const founder = await this.#born(name, peer);
    await blame(founder, "creates the group", async () => {
      await founder.member.create(utf8("world"));
    });
    this.#inhabitants.push(founder);
  }

  async #newcomer([name, peer]: readonly [name: string, peer: Peer]): Promise<{ newcomer: Inhabitant; keyPackage: Bytes }> {
    const newcomer = await this.#born(name, peer);
    return { newcomer, keyPackage: await blame(newcomer, "makes a key package", async () => await newcomer.member.keyPackage()) };
  }

  /** A proposal by one member, processed by all others; the next commit takes it in. */
  async propose(by: string, wish: Wish): Promise<void> {
    const proposer = this.#find(by);
    const message = await this.#proposed(proposer, wish);
    for (const each of this.#inhabitants.filter((one) => one !== proposer)) {
      const received = await blame(each, "processes a proposal", async () => await each.member.process(message));
      if (received.kind !== "proposal")
        throw new WorldError(each.name, each.peer.name, { doing: "took a proposal for", cause: received.kind });
    }
  }

  async #proposed(proposer: Inhabitant, wish: Wish): Promise<Bytes> {
    const ask = async (proposal: Proposed): Promise<Bytes> =>
      await blame(proposer, `proposes ${wish.kind}`, async () => await proposer.member.propose(proposal));
    if (wish.kind === "psk") return await ask(wish);
    if (wish.kind === "remove") {
      this.#wished.removed.push(wish.name);
      return await ask({ kind: "remove", identity: this.#find(wish.name).member.identity });
    }
    const { newcomer, keyPackage } = await this.#newcomer(wish.newcomer);
    this.#wished.newcomers.push(newcomer);
    return await ask({ kind: "add", keyPackage });
  }

  /** A commit by one member, processed by all others, the removed too; returns what was sent. */
  async commit(by: string, turn: Turn = {}): Promise<Committed> {
    const committer = this.#find(by);
    const newcomers = await Promise.all((turn.add ?? []).map(async (each) => await this.#newcomer(each)));
    const add = newcomers.map(({ keyPackage }) => keyPackage);
    const remove = (turn.remove ?? []).map((name) => this.#find(name).member.identity);
    const changes = {
      ...(add.length === 0 ? {} : { add }),
      ...(remove.length === 0 ? {} : { remove }),
      ...(turn.psk === undefined ? {} : { psk: turn.psk }),
      ...(turn.aad === undefined ? {} : { aad: turn.aad }),
    };
    const sent = await blame(committer, "commits", async () => await committer.member.commit(changes));
    const removed = [...(turn.remove ?? []), ...this.#wished.removed.splice(0)];
    await this.#deliver(committer, removed, sent);
    const joining = [...this.#wished.newcomers.splice(0), ...newcomers.map(({ newcomer }) => newcomer)];
    for (const each of joining) await this.#join(each, sent);
    return sent;
  }

  async #join(each: Inhabitant, sent: Committed): Promise<void> {
    const isIn = await this.#forgiving(async () => {
      await blame(each, "joins", async () => {
        if (sent.welcome === undefined) throw new Error("there is no welcome");
        await each.member.join(sent.welcome, sent.ratchetTree);
      });
    });
    (isIn ? this.#inhabitants : this.#lost).push(each);
  }

  /** Whether it went well; an error that is not forgiven is thrown. */
  async #forgiving(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      if (error instanceof WorldError && this.#options.forgives?.(error) === true) return false;
      throw error;
    }
  }

  async #deliver(committer: Inhabitant, removed: readonly string[], sent: Committed): Promise<void> {
    for (const each of this.#inhabitants.filter((one) => one !== committer)) {
      const isRemoved = removed.includes(each.name);
      const work = async (): Promise<void> => {
        await this.#hand(each, sent, isRemoved);
      };
      if (isRemoved) await this.#forgiving(work);
      else await work();
    }
    for (const name of removed) {
      const list = this.#lost.some((each) => each.name === name) ? this.#lost : this.#inhabitants;
      list.splice(list.indexOf(this.#find(name)), 1);
    }
  }

  async #hand(each: Inhabitant, sent: Committed, isRemoved: boolean): Promise<void> {
    for (const proposal of sent.proposals ?? []) await blame(each, "processes a proposal", async () => await each.member.process(proposal));
    const doing = isRemoved ? "processes its removal" : "processes the commit";
    const received = await blame(each, doing, async () => await each.member.process(sent.commit));
    if (received.kind !== "commit" || received.removed !== isRemoved) {
      throw new WorldError(each.name, each.peer.name, {
        doing: "processed the commit",
        cause: new Error(`it said ${JSON.stringify(received)}`),
      });
    }
  }

  /** An external join through a GroupInfo given out by a member. */
  async externalJoin(from: string, [name, peer]: readonly [name: string, peer: Peer]): Promise<Bytes> {
    const host = this.#find(from);
    const groupInfo = await blame(host, "gives a GroupInfo", async () => await host.member.groupInfo());
    const joiner = await this.#born(name, peer);
    const commit = await blame(joiner, "joins by external commit", async () => await joiner.member.externalCommit(groupInfo));
    await this.#deliver(joiner, [], { commit });
    this.#inhabitants.push(joiner);
    return commit;
  }

  /** All have come to the same epoch, as far as each shows it, and read each other's messages. */
  async agree(): Promise<void> {
    for (const { what, isShown, of } of views)
      await this.#compare(
        what,
        this.#inhabitants.filter(({ peer }) => isShown(peer.supports)),
        of,
      );
    for (const sender of this.#inhabitants) {
      const message = await blame(sender, "encrypts", async () => await sender.member.encrypt(utf8(`from ${sender.name}`)));
      for (const reader of this.#inhabitants.filter((one) => one !== sender)) {
        const data = await blame(reader, `decrypts what ${sender.name} sent`, async () => await decrypt(reader.member, message));
        if (text(data) !== `from ${sender.name}`)
          throw new WorldError(reader.name, reader.peer.name, { doing: "decrypts", cause: text(data) });
      }
    }
  }

  async #compare(what: string, who: readonly Inhabitant[], of: View["of"]): Promise<void> {
    const [first, ...rest] = who;
    if (first === undefined) return;
    const wanted = await blame(first, `shows its ${what}`, async () => await of(first.member));
    for (const each of rest) {
      const got = await blame(each, `shows its ${what}`, async () => await of(each.member));
      if (got === wanted) continue;
      throw new WorldError(each.name, each.peer.name, { doing: `has another ${what}`, cause: new Error(`${got}, not ${wanted}`) });
    }
  }
}

async function blame<T>({ name, peer }: { readonly name: string; readonly peer: Peer }, doing: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw new WorldError(name, peer.name, { doing, cause });
  }
}
