/**
 * Turns any MLS implementation into a contender: it brings a handful of functions, and the groups to measure them in are built here, so that
 * all are measured in groups of one history.
 */
import { type Awaitable, type Case, type Contender, makeCase, type Operation, type Setup } from "./contender.ts";

/** Members change in place. A commit made by a member is applied to it at once. */
export interface MlsEngine<Member, KeyPackage, Welcome, Message> {
  readonly name: string;
  readonly notes?: readonly string[];
  readonly limits?: Partial<Record<Operation, number>>;
  /** What it cannot do. */
  readonly without?: readonly Operation[];
  /** The same member may join by the same welcome again and again. */
  readonly joinsAgain: boolean;
  newMember(name: string): Awaitable<Member>;
  keyPackage(member: Member): Awaitable<KeyPackage>;
  create(member: Member, groupId: string): Awaitable<void>;
  /** Adds all by one commit, if it can. */
  add(member: Member, keyPackages: readonly KeyPackage[]): Awaitable<Welcome>;
  join(member: Member, welcome: Welcome): Awaitable<void>;
  update(member: Member): Awaitable<Message>;
  process(member: Member, message: Message): Awaitable<void>;
  encrypt(member: Member, data: Uint8Array<ArrayBuffer>): Awaitable<Message>;
  decrypt(member: Member, message: Message): Awaitable<Uint8Array>;
  size(message: Message): number;
}

const kibibyte = new Uint8Array(1024).fill(0x61);

let serial = 0;
/** A new name each time: no two members or groups are the same. */
const fresh = (what: string): string => `${what}${String((serial += 1))}`;

class Groups<M, K, W, C> {
  readonly #engine: MlsEngine<M, K, W, C>;
  /** Key packages of members who never speak: the same ones fill all groups. */
  readonly #fillers: K[] = [];

  constructor(engine: MlsEngine<M, K, W, C>) {
    this.#engine = engine;
  }

  async #filler(index: number): Promise<K> {
    while (this.#fillers.length <= index) {
      this.#fillers.push(await this.#engine.keyPackage(await this.#engine.newMember(fresh("filler"))));
    }
    const filler = this.#fillers[index];
    if (filler === undefined) throw new Error("no filler");
    return filler;
  }

  async fillers(count: number): Promise<K[]> {
    const all: K[] = [];
    for (let index = 0; index < count; index += 1) all.push(await this.#filler(index));
    return all;
  }

  /** A group of n in which the members at these leaves are alive; leaf 0 is its founder and alive too. */
  async group(n: number, alive: readonly number[]): Promise<{ readonly founder: M; readonly living: readonly M[]; readonly welcome: W }> {
    const engine = this.#engine;
    const keyPackages = await this.fillers(n - 1);
    const living: M[] = [];
    for (const leaf of alive) {
      const member = await engine.newMember(fresh("member"));
      keyPackages[leaf - 1] = await engine.keyPackage(member);
      living.push(member);
    }
    const founder = await engine.newMember(fresh("founder"));
    await engine.create(founder, fresh("group"));
    const welcome = await engine.add(founder, keyPackages);
    for (const member of living) await engine.join(member, welcome);
    return { founder, living, welcome };
  }

  /**
   * A group in which every subtree beside the founder's path has had a commit, as in a group that has lived for a while: an update by the
   * founder then sends about log2 n secrets, not n.
   */
  async lived(n: number): Promise<{ readonly founder: M; readonly other: M }> {
    const leaves: number[] = [];
    for (let leaf = 1; leaf < n; leaf *= 2) leaves.push(leaf);
    const { founder, living } = await this.group(n, leaves);
    const all = [founder, ...living];
    // From the far end inwards; who has spoken is not needed again, except the founder and its neighbour.
    for (const speaker of all.toReversed()) {
      const message = await this.#engine.update(speaker);
      const [, neighbour] = all;
      for (const member of all) {
        const later = all.indexOf(member) < all.indexOf(speaker) || member === neighbour;
        if (member !== speaker && later) await this.#engine.process(member, message);
      }
    }
    const [, other] = all;
    if (other === undefined) throw new Error("a group needs two members");
    return { founder, other };
  }
}

/** A contender that does with groups of n what every MLS implementation can do. */
export function mlsContender<M, K, W, C>(engine: MlsEngine<M, K, W, C>): Contender {
  const groups = new Groups(engine);
  const messages = messageOps(engine, groups);
  const all: Record<Operation, Setup> = { ...groupOps(engine, groups), ...commitOps(engine, groups), ...messages };
  const ops = Object.fromEntries(Object.entries(all).filter(([operation]) => engine.without?.includes(operation as Operation) !== true));
  return {
    name: engine.name,
    ops,
    ...(engine.limits === undefined ? {} : { limits: engine.limits }),
    ...(engine.notes === undefined ? {} : { notes: engine.notes }),
  };
}

function groupOps<M, K, W, C>(engine: MlsEngine<M, K, W, C>, groups: Groups<M, K, W, C>) {
  return {
    keyPackage: async () => {
      const member = await engine.newMember(fresh("publisher"));
      return makeCase({ prepare: () => undefined, run: () => engine.keyPackage(member) });
    },
    createAndAdd: async (n: number) => {
      const keyPackages = await groups.fillers(n - 1);
      return makeCase({
        prepare: async () => ({ founder: await engine.newMember(fresh("founder")), id: fresh("group") }),
        run: async ({ founder, id }: { readonly founder: M; readonly id: string }) => {
          await engine.create(founder, id);
          await engine.add(founder, keyPackages);
        },
      });
    },
    join: async (n: number) => joinCase(engine, groups, n),
    addOne: async (n: number) => {
      const { founder } = await groups.group(n, []);
      return makeCase({
        prepare: async () => [await engine.keyPackage(await engine.newMember(fresh("newcomer")))],
        run: (keyPackages: readonly K[]) => engine.add(founder, keyPackages),
      });
    },
  } satisfies Partial<Record<Operation, Setup>>;
}

async function joinCase<M, K, W, C>(engine: MlsEngine<M, K, W, C>, groups: Groups<M, K, W, C>, n: number): Promise<Case> {
  const invite = async (): Promise<{ readonly member: M; readonly welcome: W }> => {
    const member = await engine.newMember(fresh("joiner"));
    const founder = await engine.newMember(fresh("founder"));
    await engine.create(founder, fresh("group"));
    const fillers = await groups.fillers(n - 2);
    return { member, welcome: await engine.add(founder, [...fillers, await engine.keyPackage(member)]) };
  };
  const kept = engine.joinsAgain ? await invite() : undefined;
  return makeCase({ prepare: async () => kept ?? (await invite()), run: ({ member, welcome }) => engine.join(member, welcome) });
}

function commitOps<M, K, W, C>(engine: MlsEngine<M, K, W, C>, groups: Groups<M, K, W, C>) {
  const size = (message: C | undefined): number | undefined => (message === undefined ? undefined : engine.size(message));
  return {
    updateCommitCreate: async (n: number) => {
      const { founder } = await groups.lived(n);
      let last: C | undefined;
      return makeCase({
        prepare: () => undefined,
        run: async () => {
          last = await engine.update(founder);
        },
        bytes: () => size(last),
      });
    },
    updateCommitProcess: async (n: number) => {
      const { founder, other } = await groups.lived(n);
      return makeCase({ prepare: () => engine.update(founder), run: (message: C) => engine.process(other, message) });
    },
  } satisfies Partial<Record<Operation, Setup>>;
}

function messageOps<M, K, W, C>(engine: MlsEngine<M, K, W, C>, groups: Groups<M, K, W, C>) {
  return {
    encrypt1KiB: async (n: number) => {
      const { founder } = await groups.group(n, []);
      let last: C | undefined;
      return makeCase({
        prepare: () => undefined,
        run: async () => {
          last = await engine.encrypt(founder, kibibyte);
        },
        bytes: () => (last === undefined ? undefined : engine.size(last)),
      });
    },
    decrypt1KiB: async (n: number) => {
      const { founder, living } = await groups.group(n, [n - 1]);
      const [reader] = living;
      if (reader === undefined) throw new Error("a group needs two members");
      const first = await engine.decrypt(reader, await engine.encrypt(founder, kibibyte));
      if (first.length !== kibibyte.length || first.some((byte, at) => byte !== kibibyte[at]))
        throw new Error("decrypted to something else");
      return makeCase({ prepare: () => engine.encrypt(founder, kibibyte), run: (message: C) => engine.decrypt(reader, message) });
    },
  } satisfies Partial<Record<Operation, Setup>>;
}
