/**
 * What a group does in its life, each thing as a scenario of two peers: the subject does it and the other goes along, so that every pair is
 * played in both directions. A peer that cannot do a thing makes the outcome "unsupported", never silently "agreed".
 */
import { type Bytes, decrypt, type Peer, text, Unsupported, utf8 } from "../peers/peer.ts";
import type { Cast, KnownFault, Scenario } from "../peers/scenarios.ts";
import { World } from "../peers/world.ts";

interface Pair {
  readonly world: World;
  readonly subject: Peer;
  readonly other: Peer;
}

/** The removed member does not see that it is removed when its leaf is filled again at once. */
const refilled = { peer: "ts-mls", message: /No overlap between provided private keys and update path/ } as const;
/** Its members drop the proposals they receive, and its commits hold a reference. */
const dropped = { peer: "openmls-wasm", message: /The proposal queue is missing a proposal for the commit/ } as const;

const feature = (
  [name, rfc]: readonly [name: string, rfc: string],
  act: (pair: Pair) => Promise<void>,
  known: readonly KnownFault[] = [],
): Scenario => ({
  name,
  rfc,
  known: [...known, { ...dropped, as: "subject" }, { ...dropped, as: "other" }],
  async play({ subject, other, ...options }: Cast) {
    await act({ world: new World(options), subject, other });
  },
});

function demand(peer: Peer, isThere: boolean, what: string): void {
  if (isThere) return;
  throw new Error(`${peer.name} cannot`, { cause: new Unsupported(peer.name, what) });
}

/** s0 is the subject and founder; o1, o2 are the other, s3 is the subject again. One by one, since not every peer adds two at once. */
async function four({ world, subject, other }: Pair): Promise<void> {
  await world.found("s0", subject);
  await world.commit("s0", { add: [["o1", other]] });
  await world.commit("s0", { add: [["o2", other]] });
  await world.commit("s0", { add: [["s3", subject]] });
}

const founding = feature(["subject founds, adds and is heard", "§11, §12.1.1, §12.4.3.1"], async (pair) => {
  await four(pair);
  await pair.world.agree();
  await pair.world.commit("o1", { add: [["s4", pair.subject]] });
  await pair.world.agree();
});

const inviting = feature(["subject founds and adds only others", "§11, §12.1.1, §12.4.3.1"], async ({ world, subject, other }) => {
  await world.found("s0", subject);
  for (const name of ["o1", "o2", "o3", "o4"]) {
    await world.commit("s0", { add: [[name, other]] });
    await world.agree();
  }
  if (other.supports.update) await world.commit("o2");
  await world.agree();
});

const updating = feature(["subject updates by commit", "§7.4, §12.4"], async (pair) => {
  await four(pair);
  demand(pair.subject, pair.subject.supports.update, "update");
  await pair.world.commit("s3");
  await pair.world.agree();
  await pair.world.commit("s0");
  await pair.world.agree();
  await pair.world.commit("s3");
  await pair.world.agree();
});

const removing = feature(["subject removes by value", "§12.1.3, §12.4"], async (pair) => {
  await four(pair);
  demand(pair.subject, pair.subject.supports.remove, "remove");
  await pair.world.commit("s3", { remove: ["o1"] });
  await pair.world.agree();
  await pair.world.commit("s0", { remove: ["s3", "o2"] });
  await pair.world.agree();
});

const beingRemoved = feature(
  ["subject is removed and comes back into another's leaf", "§12.1.3, §12.4.2"],
  async ({ world, subject, other }) => {
    demand(other, other.supports.remove, "remove");
    await world.found("o0", other);
    await world.commit("o0", { add: [["s1", subject]] });
    await world.commit("o0", { add: [["o2", other]] });
    await world.commit("o0", { remove: ["s1"] });
    await world.agree();
    await world.commit("o0", { add: [["n1", subject]] });
    await world.agree();
  },
);

const mixed = feature(
  ["subject adds two and removes two in one commit", "§12.3"],
  async (pair) => {
    await four(pair);
    demand(pair.subject, pair.subject.supports.mixedCommit, "add and remove in one commit");
    const add = [
      ["n1", pair.other],
      ["n2", pair.subject],
    ] as const;
    await pair.world.commit("s3", { remove: ["s0"], add });
    await pair.world.agree();
    await pair.world.commit("n2");
    await pair.world.agree();
  },
  [{ ...refilled, as: "subject" }],
);

const proposing = feature(["subject proposes, another commits by reference", "§12.1, §5.2"], async (pair) => {
  const { world, subject, other } = pair;
  demand(subject, subject.supports.propose, "propose");
  demand(other, other.supports.commitPending, "commit what others propose");
  await four(pair);
  await world.propose("s0", { kind: "add", newcomer: ["n4", other] });
  await world.commit("o1");
  await world.agree();
  await world.propose("s3", { kind: "remove", name: "o2" });
  await world.commit("o1");
  await world.agree();
});

const referring = feature(["subject commits its own proposal by reference", "§12.4, §5.2"], async (pair) => {
  const { world, subject, other } = pair;
  demand(subject, subject.supports.propose && subject.supports.commitPending, "propose");
  demand(other, other.supports.byReference, "process references");
  await four(pair);
  await world.propose("s0", { kind: "remove", name: "o1" });
  await world.commit("s0");
  await world.agree();
  await world.propose("s3", { kind: "add", newcomer: ["n1", other] });
  await world.propose("s3", { kind: "add", newcomer: ["n4", subject] });
  await world.commit("s3");
  await world.agree();
});

const psks = feature(["subject commits external PSKs", "§8.4"], async (pair) => {
  const { world, subject, other } = pair;
  for (const peer of [subject, other]) demand(peer, peer.supports.externalPsk, "external PSKs");
  await four(pair);
  const ids = ["first", "second"].map(utf8);
  const remember = async (name: string): Promise<void> => {
    for (const id of ids) await world.member(name).rememberPsk(id, utf8(`the secret of ${text(id)}, long enough`));
  };
  for (const { name } of world.population) await remember(name);
  await world.commit("s3", { psk: ids });
  await world.agree();
  await world.propose("s0", { kind: "psk", id: utf8("first") });
  await world.commit("s0");
  await world.agree();
});

const authenticating = feature(["subject sends authenticated data", "§6.1, §6.3.1"], async (pair) => {
  const { world, subject } = pair;
  demand(subject, subject.supports.authenticatedData, "send authenticated data");
  await four(pair);
  await world.commit("s3", { aad: utf8("with a commit") });
  await world.agree();
  const message = await world.member("s0").encrypt(utf8("a message"), utf8("with a message"));
  for (const name of ["o1", "o2", "s3"]) await reads(world, name, [message, "a message"]);
});

async function reads(world: World, name: string, [message, wanted]: readonly [Bytes, string]): Promise<void> {
  const got = text(await decrypt(world.member(name), message));
  if (got !== wanted) throw new Error(`${name} read ${got}, not ${wanted}`);
}

const disorder = feature(["subject's messages come late and out of order", "§9.1, §15.3"], async (pair) => {
  const { world, other } = pair;
  await four(pair);
  const sent: [Bytes, string][] = [];
  for (const word of ["one", "two", "three"]) sent.push([await world.member("s0").encrypt(utf8(word)), word]);
  const [one, two, three] = sent;
  if (one === undefined || two === undefined || three === undefined) throw new Error("three were sent");
  await reads(world, "o1", two);
  await reads(world, "o1", one);
  await world.commit("s0", { add: [["n4", other]] });
  demand(other, other.name !== "openmls-wasm", "read messages of a past epoch");
  await reads(world, "o1", three);
  await reads(world, "o2", three);
});

/** With nobody else there the filtered direct path has no node, and a path without nodes is a valid one. */
const alone = feature(["subject is left alone, updates, and adds again", "§4.1.2, §7.4, §12.4.1"], async ({ world, subject, other }) => {
  for (const can of ["remove", "update"] as const) demand(subject, subject.supports[can], can);
  await world.found("s0", subject);
  await world.commit("s0");
  await world.commit("s0", { add: [["o1", other]] });
  await world.commit("s0", { remove: ["o1"] });
  await world.commit("s0");
  await world.commit("s0", { add: [["n1", other]] });
  await world.agree();
  await world.commit("n1", { add: [["n2", subject]] });
  await world.agree();
});

/** Every recipient of the path is new, and §7.5 excludes the new: a node of the path has no ciphertext at all. */
const replaced = feature(
  ["subject removes all others and adds as many in one commit", "§7.5, §12.3"],
  async ({ world, subject, other }) => {
    demand(subject, subject.supports.mixedCommit, "add and remove in one commit");
    await world.found("s0", subject);
    await world.commit("s0", { add: [["s1", subject]] });
    await world.commit("s0", {
      remove: ["s1"],
      add: ["n1", "n2", "n3"].map((name) => [name, other] as const),
    });
    await world.agree();
    await world.commit("n2");
    await world.agree();
  },
  [{ ...refilled, as: "subject" }],
);

const growing = feature(["a group grows to nine and shrinks to two", "§7.7"], async ({ world, subject, other }) => {
  for (const peer of [subject, other]) demand(peer, peer.supports.remove && peer.supports.update, "remove and update");
  await world.found("m0", subject);
  for (let i = 1; i < 9; i += 1) await world.commit(i === 1 ? "m0" : "m1", { add: [[`m${String(i)}`, i % 2 === 0 ? subject : other]] });
  await world.commit("m8");
  await world.commit("m5");
  await world.agree();
  for (const name of ["m8", "m7", "m6", "m5", "m4", "m3", "m2"]) await world.commit(name === "m5" ? "m0" : "m1", { remove: [name] });
  await world.agree();
});

export const features: readonly Scenario[] = [
  founding,
  inviting,
  updating,
  removing,
  beingRemoved,
  mixed,
  proposing,
  referring,
  psks,
  authenticating,
  disorder,
  alone,
  replaced,
  growing,
];
