/**
 * A random life of one group of several implementations. Every step is drawn from the seed, among those that the members present can play
 * and that no known fault of a peer turns into a failure; a fault that cannot be foreseen is forgiven, and then the peer is removed.
 */
import { Dice } from "../fuzz/dice.ts";
import type { Handshake, Peer } from "../peers/peer.ts";
import { World, WorldError } from "../peers/world.ts";

export interface RandomLife {
  readonly seed: string;
  readonly suite: number;
  readonly handshake: Handshake;
  readonly credentials?: readonly number[];
  /** Peers that new members are drawn from; at least one member is always of our engine, which comes first. */
  readonly peers: readonly Peer[];
  readonly steps: number;
}

/** What happened, for the message of a failing test and for counting what was tried. */
export interface Story {
  readonly lines: string[];
  readonly forgiven: string[];
}

type Someone = World["population"][number];

/** What a member is that takes part: its place in the tree as well. */
interface Place {
  readonly name: string;
  readonly leaf: number;
}

const membersMax = 8;

export class RandomWorld {
  readonly story: Story = { lines: [], forgiven: [] };
  readonly #dice: Dice;
  readonly #life: RandomLife;
  readonly #world: World;
  #born = 0;
  /** Who began the present epoch. */
  #last = "";

  constructor(life: RandomLife) {
    this.#life = life;
    this.#dice = new Dice(life.seed);
    const { suite, handshake, credentials } = life;
    this.#world = new World({
      suite,
      handshake,
      ...(credentials === undefined ? {} : { credentials }),
      forgives: (error) => this.#forgives(error),
    });
  }

  /** Two faults of ts-mls that depend on the shape of the tree; see known-faults.node.test.ts. */
  #forgives(error: WorldError): boolean {
    const isKnown =
      error.peer === "ts-mls" &&
      (/joins[^:]*: .*must list leaf node in its unmerged_leaves/.test(error.message) ||
        /processes its removal: .*No overlap between provided private keys and update path/.test(error.message));
    if (isKnown) this.story.forgiven.push(error.message);
    return isKnown;
  }

  get #here(): readonly Someone[] {
    return this.#world.population.filter(({ isLost }) => !isLost);
  }

  get #ours(): readonly Someone[] {
    return this.#here.filter(({ peer }) => peer.name === "ours");
  }

  #can(what: keyof Peer["supports"], who = this.#here): readonly Someone[] {
    return who.filter(({ peer }) => peer.supports[what] === true);
  }

  #draw(): readonly [name: string, peer: Peer] {
    this.#born += 1;
    return [`m${String(this.#born)}`, this.#dice.pick(this.#life.peers)];
  }

  async live(): Promise<void> {
    const [first] = this.#life.peers;
    if (first === undefined) throw new Error("no peers");
    await this.#world.found("m0", first);
    this.#last = "m0";
    for (const peer of this.#life.peers) {
      this.#born += 1;
      await this.#commit("m0", { add: [[`m${String(this.#born)}`, peer]] });
    }
    for (let step = 0; step < this.#life.steps; step += 1) {
      await this.#step();
      if (step % 3 === 2) await this.#world.agree();
    }
    await this.#world.agree();
  }

  async #step(): Promise<void> {
    const act = this.#dice.weighted<() => Promise<void>>([
      [4, async () => await this.#change()],
      [3, async () => await this.#update()],
      [2, async () => await this.#refer()],
      [1, async () => await this.#externalJoin()],
      [this.#can("externalPsk").length === this.#here.length ? 2 : 0, async () => await this.#psk()],
    ]);
    await act();
  }

  async #commit(by: string, turn: Parameters<World["commit"]>[1] = {}): Promise<void> {
    const added = (turn.add ?? []).map(([name, peer]) => `+${name} ${peer.name}`);
    this.story.lines.push(
      [by, "commits", ...added, ...(turn.remove ?? []).map((name) => `-${name}`), ...(turn.psk === undefined ? [] : ["with a PSK"])].join(
        " ",
      ),
    );
    await this.#world.commit(by, turn);
    this.#last = by;
  }

  /** Adds and removes by value, both if the committer can. */
  async #change(): Promise<void> {
    const committer = this.#dice.pick(this.#can("add"));
    const { supports, name } = committer.peer;
    // A commit of openmls-wasm holds a reference, which no member of its own kind can process.
    const isAlone = this.#here.every(({ peer, ...one }) => peer.name !== name || one.name === committer.name);
    if (!supports.byReference && !isAlone) return;
    const room = membersMax - this.#world.population.length;
    const addsMax = Math.min(room, supports.remove ? 3 : 1);
    const remove = supports.remove ? await this.#removable([committer.name], this.#dice.pick([0, 1, 1, 2])) : [];
    const mayAdd = supports.mixedCommit || remove.length === 0;
    const adds = mayAdd ? this.#dice.between(remove.length === 0 ? 1 : 0, Math.max(addsMax, 0)) : 0;
    if (adds > addsMax || (adds === 0 && remove.length === 0)) return;
    const add = Array.from({ length: adds }, () => this.#draw());
    await this.#commit(committer.name, { ...(adds === 0 ? {} : { add }), ...(remove.length === 0 ? {} : { remove }) });
  }

  async #update(): Promise<void> {
    await this.#commit(this.#dice.pick(this.#can("update")).name);
  }

  /** Proposals by some, and a commit by another that refers to them. */
  async #refer(): Promise<void> {
    if (this.#can("byReference").length < this.#here.length) return;
    const committer = this.#dice.pick(this.#can("commitPending")).name;
    const proposers = this.#can("propose");
    const remove = await this.#removable([committer], this.#dice.below(3));
    for (const name of remove) {
      const proposer = this.#dice.pick(proposers.filter((each) => each.name !== name)).name;
      this.story.lines.push(`${proposer} proposes -${name}`);
      await this.#world.propose(proposer, { kind: "remove", name });
    }
    const room = Math.min(2, membersMax - this.#world.population.length);
    for (let left = this.#dice.between(0, Math.max(room, 0)); left > 0; left -= 1) {
      const proposer = this.#dice.pick(proposers).name;
      const newcomer = this.#draw();
      this.story.lines.push(`${proposer} proposes +${newcomer[0]} ${newcomer[1].name}`);
      await this.#world.propose(proposer, { kind: "add", newcomer });
    }
    await this.#commit(committer);
  }

  /** ts-mls writes and reads external_pub in a way of its own, so only it joins through it. core-crypto shows its own epochs only. */
  async #externalJoin(): Promise<void> {
    if (this.#world.population.length >= membersMax) return;
    const hosts = this.#can("groupInfo").filter(({ name, peer }) => peer.name !== "core-crypto" || name === this.#last);
    const host = this.#dice.pick(hosts);
    const isTsMls = host.peer.name === "ts-mls";
    const peers = this.#life.peers.filter((peer) => peer.supports.externalCommit && (peer.name === "ts-mls") === isTsMls);
    const name = this.#draw()[0];
    const peer = this.#dice.pick(peers);
    this.story.lines.push(`${name} ${peer.name} joins through ${host.name}`);
    try {
      await this.#world.externalJoin(host.name, [name, peer]);
      this.#last = name;
    } catch (error) {
      // Nothing was sent yet, so the group goes on as it was.
      if (!(error instanceof WorldError) || !this.#forgives(error)) throw error;
    }
  }

  async #psk(): Promise<void> {
    const id = this.#dice.bytes(4) as Uint8Array<ArrayBuffer>;
    const secret = this.#dice.bytes(32) as Uint8Array<ArrayBuffer>;
    for (const { name } of this.#here) await this.#world.member(name).rememberPsk(id, secret);
    await this.#commit(this.#dice.pick(this.#here).name, { psk: [id] });
  }

  /**
   * Up to `count` others, the lost first, who may go: one of ours stays, and where ts-mls is in the group the left half of the tree does not
   * become blank, since it would compute another commit secret.
   */
  async #removable(staying: readonly string[], count: number): Promise<string[]> {
    const [ours] = this.#ours;
    if (ours === undefined) throw new Error("none of ours is here");
    const lost = this.#world.population.filter(({ isLost }) => isLost);
    const candidates = [...lost, ...this.#dice.shuffled(this.#here)].filter(({ name }) => !staying.includes(name));
    const places = await this.#places(ours.name);
    const hasTsMls = this.#here.some(({ peer }) => peer.name === "ts-mls");
    const gone: string[] = [];
    for (const { name } of candidates) {
      if (gone.length >= count) break;
      const next = [...gone, name];
      const oursLeft = this.#ours.some((each) => !next.includes(each.name));
      const isSafe = !hasTsMls || !isLeftHalfBlank(places.filter((place) => !next.includes(place.name)));
      if (oursLeft && isSafe) gone.push(name);
    }
    return gone;
  }

  async #places(by: string): Promise<Place[]> {
    const members = await this.#world.member(by).members();
    return this.#world.population.map(({ name }) => {
      const { identity } = this.#world.member(name);
      const found = members.find((member) => Buffer.compare(member.identity, identity) === 0);
      if (found?.leaf === undefined) throw new Error(`${name} has no leaf`);
      return { name, leaf: found.leaf };
    });
  }
}

function isLeftHalfBlank(places: readonly Place[]): boolean {
  const last = Math.max(...places.map(({ leaf }) => leaf));
  let half = 0;
  while (half < last) half = half === 0 ? 1 : half * 2;
  half = last === half ? half : half / 2;
  return last > 0 && places.every(({ leaf }) => leaf >= half);
}
