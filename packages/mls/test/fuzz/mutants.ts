/**
 * Faults that are put into a copy of the engine, to see that a fuzzed life finds them. Each names what it breaks, the text it replaces
 * (which must stand exactly once in its file), and who notices: a group whose other half has the engine as it is always does; a group
 * that is wrong as a whole only where some rule is checked from outside. What is consistently wrong in a whole group is the business of
 * the official vectors and of the other implementations.
 */
type Replacement = { readonly file: string; readonly from: string; readonly to: string };

export type Mutant = {
  readonly name: string;
  readonly rfc: string;
  readonly replacements: readonly Replacement[];
  /** Whether a group in which everybody has the fault also fails. */
  readonly isFoundAlone: boolean;
};

const UPDATE_PATH = "tree/update-path.ts";
const RATCHET_TREE = "tree/ratchet-tree.ts";
const SECRET_TREE = "schedule/secret-tree.ts";
const KEY_SCHEDULE = "schedule/key-schedule.ts";

/** A commit secret that is right only when the filtered direct path reaches the root. */
const wrongAtBlankRoot = (steps: string, root: string): string =>
  `((derived) => ({ ...derived, commitSecret: ${steps}.at(-1)?.node === ${root} ? derived.commitSecret : deriveSecret(suite, derived.commitSecret, "path") }))`;

export const mutants: readonly Mutant[] = [
  {
    name: "the commit secret comes from a step above the filtered direct path",
    rfc: "§7.4",
    replacements: [
      {
        file: UPDATE_PATH,
        from: "return { steps, ...derivePath(suite, steps, draw(maker.random, suite.hashLength)) };",
        to: `return { steps, ...${wrongAtBlankRoot("steps", "tree.root")}(derivePath(suite, steps, draw(maker.random, suite.hashLength))) };`,
      },
      {
        file: UPDATE_PATH,
        from: "const derived = derivePath(suite, at.steps.slice(start), secret);",
        to: `const derived = ${wrongAtBlankRoot("at.steps", "at.tree.root")}(derivePath(suite, at.steps.slice(start), secret));`,
      },
    ],
    isFoundAlone: false,
  },
  {
    name: "path secrets also go to the leaves that the same commit adds",
    rfc: "§7.6",
    replacements: [
      {
        file: UPDATE_PATH,
        from: "tree.resolution(step.copath).filter((node) => !added.has(node))",
        to: "[...tree.resolution(step.copath), ...[...added].slice(0, 0)]",
      },
    ],
    isFoundAlone: false,
  },
  {
    name: "the parent hash takes the sibling's tree with its unmerged leaves",
    rfc: "§7.9",
    replacements: [{ file: "tree/tree-hash.ts", from: "without: new Set(parent.unmergedLeaves) }", to: "without: new Set<number>() }" }],
    isFoundAlone: true,
  },
  {
    name: "the parent hash of the node above is left out",
    rfc: "§7.9",
    replacements: [{ file: "tree/tree-hash.ts", from: ".opaque(parent.parentHash)", to: ".opaque(new Uint8Array(0))" }],
    isFoundAlone: true,
  },
  {
    name: "a new leaf is not written into the nodes above it",
    rfc: "§7.7",
    replacements: [
      {
        file: RATCHET_TREE,
        from: "withInserted(parent.unmergedLeaves, leafIndex)",
        to: "[...parent.unmergedLeaves, ...[leafIndex].slice(1)]",
      },
    ],
    isFoundAlone: true,
  },
  {
    name: "a new path keeps the unmerged leaves of the old one",
    rfc: "§7.5",
    replacements: [
      {
        file: UPDATE_PATH,
        from: "  tree.blankPath(path.leafIndex);",
        to: "  const old = new Map(path.steps.map(({ node }) => [node, tree.parent(node)?.unmergedLeaves]));\n  tree.blankPath(path.leafIndex);",
      },
      {
        file: UPDATE_PATH,
        from: "parentHash: hash, unmergedLeaves: [] }",
        to: "parentHash: hash, unmergedLeaves: old.get(step.node) ?? [] }",
      },
    ],
    isFoundAlone: true,
  },
  {
    name: "a removal leaves the keys above the leaf",
    rfc: "§7.8",
    replacements: [
      {
        file: RATCHET_TREE,
        from: "    this.setLeaf(leafIndex, undefined);\n    this.blankPath(leafIndex);",
        to: "    this.setLeaf(leafIndex, undefined);",
      },
    ],
    isFoundAlone: true,
  },
  {
    name: "pre-shared keys do not enter the key schedule",
    rfc: "§8",
    replacements: [
      {
        file: KEY_SCHEDULE,
        from: "const member = suite.hkdfExtract(from.joiner, from.pskSecret);",
        to: "const member = suite.hkdfExtract(from.joiner, new Uint8Array(suite.hashLength));",
      },
    ],
    isFoundAlone: false,
  },
  {
    name: "the init secret of the epoch before does not enter the key schedule",
    rfc: "§8",
    replacements: [
      {
        file: KEY_SCHEDULE,
        from: "suite.hkdfExtract(from.init, from.commitSecret)",
        to: "suite.hkdfExtract(new Uint8Array(suite.hashLength), from.commitSecret)",
      },
    ],
    isFoundAlone: false,
  },
  {
    name: "left and right are swapped in the secret tree",
    rfc: "§9",
    replacements: [
      { file: SECRET_TREE, from: 'const LEFT = ascii("left");', to: 'const LEFT = ascii("right");' },
      { file: SECRET_TREE, from: 'const RIGHT = ascii("right");', to: 'const RIGHT = ascii("left");' },
    ],
    isFoundAlone: false,
  },
  {
    name: "the nonce of a message belongs to the next generation",
    rfc: "§9.1",
    replacements: [
      { file: "schedule/ratchet.ts", from: '{ label: "nonce", generation, ', to: '{ label: "nonce", generation: generation + 1, ' },
    ],
    isFoundAlone: false,
  },
  {
    name: "a message key can be had twice",
    rfc: "§9.2",
    replacements: [{ file: "schedule/ratchet.ts", from: "ratchet.skipped.filter((entry) => entry !== key)", to: "ratchet.skipped" }],
    isFoundAlone: true,
  },
  {
    name: "a commit that removes somebody needs no path",
    rfc: "§12.4",
    replacements: [
      {
        file: "group/proposal-rules.ts",
        from: "[PROPOSAL.add, PROPOSAL.psk, PROPOSAL.reinit]",
        to: "[PROPOSAL.add, PROPOSAL.psk, PROPOSAL.reinit, PROPOSAL.remove, PROPOSAL.selfRemove]",
      },
    ],
    isFoundAlone: true,
  },
  {
    name: "the confirmation tag is not compared",
    rfc: "§12.4.2",
    replacements: [
      {
        file: "group/next-epoch.ts",
        from: "check(equalTags(tag, epoch.confirmationTag), ",
        to: "check(equalTags(tag, epoch.confirmationTag) || tag.length > 0, ",
      },
    ],
    isFoundAlone: true,
  },
];
