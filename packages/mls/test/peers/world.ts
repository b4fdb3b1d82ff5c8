/**
 * A group of members of different implementations and the delivery service between them: it hands every commit to everyone, lets the added
 * join, and checks that all have come to the same epoch. An error says whose it was and what that one was doing.
 */
import { wireIdentity } from "./core-crypto.ts";
import { type Bytes, type Committed, decrypt, type Handshake, hex, type Member, type Peer, text, utf8 } from "./peer.ts";

export interface WorldOptions {
  readonly suite: number;
  readonly handshake: Handshake;
  /** See MemberOptions: `[1]` in groups where openmls-wasm adds members. */
  readonly credentials?: readonly number[];
}

export interface Turn {
  readonly add?: readonly (readonly [name: string, peer: Peer])[];
  readonly remove?: readonly string[];
}

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

/** The label of the one exporter core-crypto has. */
const exportLabel = "exporter";

export class World {
  readonly #options: WorldOptions;
  readonly #inhabitants: Inhabitant[] = [];

  constructor(options: WorldOptions) {
    this.#options = options;
  }

  member(name: string): Member {
    return this.#find(name).member;
  }

  #find(name: string): Inhabitant {
    const found = this.#inhabitants.find((inhabitant) => inhabitant.name === name);
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

  /** A commit by one member, processed by all others, the removed too; returns what was sent. */
  async commit(by: string, turn: Turn = {}): Promise<Committed> {
    const committer = this.#find(by);
    const newcomers = await Promise.all((turn.add ?? []).map(async ([name, peer]) => await this.#born(name, peer)));
    const add = await Promise.all(
      newcomers.map(async (each) => await blame(each, "makes a key package", async () => await each.member.keyPackage())),
    );
    const remove = (turn.remove ?? []).map((name) => this.#find(name).member.identity);
    const changes = { ...(add.length === 0 ? {} : { add }), ...(remove.length === 0 ? {} : { remove }) };
    const sent = await blame(committer, "commits", async () => await committer.member.commit(changes));
    await this.#deliver(committer, turn, sent);
    for (const each of newcomers) {
      await blame(each, "joins", async () => {
        if (sent.welcome === undefined) throw new Error("there is no welcome");
        await each.member.join(sent.welcome, sent.ratchetTree);
      });
      this.#inhabitants.push(each);
    }
    return sent;
  }

  async #deliver(committer: Inhabitant, turn: Turn, sent: Committed): Promise<void> {
    for (const each of this.#inhabitants.filter((one) => one !== committer)) {
      for (const proposal of sent.proposals ?? [])
        await blame(each, "processes a proposal", async () => await each.member.process(proposal));
      const received = await blame(each, "processes the commit", async () => await each.member.process(sent.commit));
      const removed = turn.remove?.includes(each.name) ?? false;
      if (received.kind !== "commit" || received.removed !== removed) {
        throw new WorldError(each.name, each.peer.name, {
          doing: "processed the commit",
          cause: new Error(`it said ${JSON.stringify(received)}`),
        });
      }
    }
    for (const name of turn.remove ?? []) this.#inhabitants.splice(this.#inhabitants.indexOf(this.#find(name)), 1);
  }

  /** An external join through a GroupInfo given out by a member. */
  async externalJoin(from: string, [name, peer]: readonly [name: string, peer: Peer]): Promise<Bytes> {
    const host = this.#find(from);
    const groupInfo = await blame(host, "gives a GroupInfo", async () => await host.member.groupInfo());
    const joiner = await this.#born(name, peer);
    const commit = await blame(joiner, "joins by external commit", async () => await joiner.member.externalCommit(groupInfo));
    await this.#deliver(joiner, {}, { commit });
    this.#inhabitants.push(joiner);
    return commit;
  }

  /** All are in one epoch, export the same secret, and read each other's messages. */
  async agree(): Promise<void> {
    const states: string[] = [];
    for (const each of this.#inhabitants) {
      const secret = await blame(each, "exports a secret", async () => await each.member.exporter(exportLabel, utf8(""), 32));
      states.push(`${String(await each.member.epoch())} ${hex(secret)}`);
      if (states[0] !== states.at(-1)) {
        throw new WorldError(each.name, each.peer.name, {
          doing: "is elsewhere",
          cause: new Error(`${String(states[0])} / ${String(states.at(-1))}`),
        });
      }
    }
    for (const sender of this.#inhabitants) {
      const message = await blame(sender, "encrypts", async () => await sender.member.encrypt(utf8(`from ${sender.name}`)));
      for (const reader of this.#inhabitants.filter((one) => one !== sender)) {
        const data = await blame(reader, `decrypts what ${sender.name} sent`, async () => await decrypt(reader.member, message));
        if (text(data) !== `from ${sender.name}`)
          throw new WorldError(reader.name, reader.peer.name, { doing: "decrypts", cause: text(data) });
      }
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
