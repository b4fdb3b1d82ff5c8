/**
 * Group histories in which published implementations are known to go wrong, each played by two peers: the `subject` in the place where the
 * fault shows, the `other` everywhere else. A peer that follows RFC 9420 plays every one to the end in both places, except against a peer
 * whose fault is listed in `known`.
 */
import { type Handshake, type Peer, Unsupported } from "./peer.ts";
import { World } from "./world.ts";

export interface Cast {
  readonly subject: Peer;
  readonly other: Peer;
  readonly suite: number;
  readonly handshake: Handshake;
  /** See MemberOptions. */
  readonly credentials?: readonly number[];
}

export interface KnownFault {
  /** The peer at fault, and the place it has when it is. */
  readonly peer: string;
  readonly as: "subject" | "other";
  readonly message: RegExp;
}

export interface Scenario {
  readonly name: string;
  readonly rfc: string;
  readonly known: readonly KnownFault[];
  play(cast: Cast): Promise<void>;
}

/** RFC 9420 §7.9.2: a leaf is listed by the non-blank nodes *between* it and a node that lists it, not by the same set of leaves in all. */
const unmergedLeaves: Scenario = {
  name: "subject joins a tree whose inner nodes have different unmerged leaves",
  rfc: "§7.9.2, §12.4.3.1",
  known: [{ peer: "ts-mls", as: "subject", message: /non-blank intermediate node must list leaf node in its unmerged_leaves/ }],
  async play({ subject, other, ...options }) {
    const world = new World(options);
    await world.found("m0", other);
    await world.commit("m0", { add: ["m1", "m2", "m3", "m4", "m5"].map((name) => [name, other] as const) });
    await world.commit("m0", { remove: ["m3", "m5"] });
    for (const name of ["m0", "m1", "m2", "m4"]) await world.commit(name);
    await world.commit("m0", {
      add: [
        ["n3", subject],
        ["n5", subject],
      ],
    });
    await world.agree();
    await world.commit("n5");
    await world.agree();
  },
};

/** §7.4: with m0 and m1 gone the filtered direct path of m2 ends below the root, and commit_secret comes from its last node. */
const blankLeftHalf = (subjectIs: "committer" | "receiver"): Scenario => ({
  name: `subject ${subjectIs === "committer" ? "commits" : "processes"} the removal of the left half of the tree`,
  rfc: "§4.1.2, §7.4",
  known: [
    { peer: "ts-mls", as: "subject", message: /[Cc]onfirmation tag|confirmation_tag/ },
    { peer: "ts-mls", as: "other", message: /[Cc]onfirmation tag|confirmation_tag/ },
  ],
  async play({ subject, other, ...options }) {
    const [m2, m3] = subjectIs === "committer" ? [subject, other] : [other, subject];
    const world = new World(options);
    await world.found("m0", other);
    await world.commit("m0", {
      add: [
        ["m1", other],
        ["m2", m2],
        ["m3", m3],
      ],
    });
    await world.commit("m1");
    await world.commit("m2", { remove: ["m0", "m1"] });
    await world.agree();
    await world.commit("m3");
    await world.agree();
  },
});

/** §12.1.3 and §12.3: removes come before adds, so the newcomer takes the leaf of the one who leaves. */
const refilledSlot: Scenario = {
  name: "subject is removed, and another put into its leaf, by one commit",
  rfc: "§12.3, §12.4.2",
  known: [{ peer: "ts-mls", as: "subject", message: /No overlap between provided private keys and update path/ }],
  async play({ subject, other, ...options }) {
    const world = new World(options);
    await world.found("m0", other);
    await world.commit("m0", {
      add: [
        ["m1", subject],
        ["m2", other],
      ],
    });
    await world.agree();
    await world.commit("m0", { remove: ["m1"], add: [["n1", other]] });
    await world.agree();
  },
};

/**
 * §12.4.3.2: `struct { HPKEPublicKey external_pub; } ExternalPub`, and HPKEPublicKey is `opaque<V>`: the key has a length of its own. One key in 256
 * begins with the number of bytes behind it: without its length it reads as a key that is too short (`invalid_key`).
 */
const MISREAD = /Invalid public key|Invalid key length|InvalidVectorLength|EndOfStream|external_pub|decode_\w+|invalid_key/;

const externalJoin = (subjectIs: "joiner" | "host"): Scenario => ({
  name: `subject ${subjectIs === "joiner" ? "joins by external commit" : "is joined by external commit"}`,
  rfc: "§12.4.3.2, §11.2.1",
  known: [
    { peer: "ts-mls", as: "subject", message: MISREAD },
    { peer: "ts-mls", as: "other", message: MISREAD },
  ],
  async play({ subject, other, ...options }) {
    const [host, joiner] = subjectIs === "host" ? [subject, other] : [other, subject];
    const world = new World(options);
    await world.found("m0", host);
    await world.commit("m0", { add: [["m1", joiner]] });
    await world.commit("m0");
    await world.externalJoin("m0", ["m2", joiner]);
    await world.agree();
    await world.commit("m2");
    await world.agree();
  },
});

/** §12.4: a commit with a Remove has a path, or the removed member could follow it into the next epoch. */
const oneRemove: Scenario = {
  name: "subject removes one member",
  rfc: "§12.4",
  known: [],
  async play({ subject, other, ...options }) {
    const world = new World(options);
    await world.found("m0", subject);
    await world.commit("m0", {
      add: [
        ["m1", other],
        ["m2", other],
        ["m3", subject],
      ],
    });
    await world.commit("m0", { remove: ["m2"] });
    await world.agree();
    await world.commit("m1", { remove: ["m3"] });
    await world.agree();
  },
};

export const scenarios: readonly Scenario[] = [
  unmergedLeaves,
  blankLeftHalf("committer"),
  blankLeftHalf("receiver"),
  refilledSlot,
  externalJoin("joiner"),
  externalJoin("host"),
  oneRemove,
];

export type Outcome = { readonly result: "agreed" } | { readonly result: "known" | "unsupported" | "failed"; readonly error: Error };

/** Plays a scenario and tells a known fault of one of the peers from a failure that somebody should look at. */
export async function play(scenario: Scenario, cast: Cast): Promise<Outcome> {
  try {
    await scenario.play(cast);
    return { result: "agreed" };
  } catch (cause) {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    if (error.cause instanceof Unsupported) return { result: "unsupported", error };
    const known = scenario.known.some((fault) => fault.message.test(error.message) && cast[fault.as].name === fault.peer);
    return { result: known ? "known" : "failed", error };
  }
}
