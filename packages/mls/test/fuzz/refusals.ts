/** Calls that have to fail, and to leave everything as it was. */
import { fingerprint } from "./fingerprint.ts";
import { mustFail, same, type World } from "./world.ts";

export function refuse(world: World): void {
  const { dice, group } = world;
  const seat = dice.pick(group.seats);
  const { person, state } = seat;
  const { engine, context } = person;
  const print = fingerprint(state);
  const commit = (options: Parameters<typeof engine.createCommit>[1]): ReturnType<typeof engine.createCommit> =>
    engine.createCommit(state, { references: [], ...options }, context);
  const own = state.ownLeafIndex;
  const removeSelf = commit({ proposals: [{ kind: "remove", removed: own }] });
  mustFail("removing oneself", removeSelf, ["invalid_proposal_list"]);
  const nowhere = state.tree.leafCapacity + dice.below(5);
  mustFail("removing a blank leaf", commit({ proposals: [{ kind: "remove", removed: nowhere }] }), ["invalid_proposal"]);
  mustFail("leaving by value", commit({ proposals: [{ kind: "selfRemove" }] }), ["invalid_proposal_list"]);
  const extensions = [{ type: 0xff77, data: dice.bytes(1) }];
  mustFail("an extension that nobody supports", commit({ proposals: [{ kind: "groupContextExtensions", extensions }] }), [
    "unsupported_capability",
  ]);
  mustFail("a custom proposal that nobody supports", commit({ proposals: [{ kind: "custom", type: 0xf7f7, data: dice.bytes(1) }] }), [
    "unsupported_capability",
  ]);
  const psk = { kind: "external" as const, id: dice.bytes(12), nonce: dice.bytes(group.suite.hashLength) };
  mustFail("a key that nobody knows", commit({ proposals: [{ kind: "psk", psk }] }), ["unknown_psk"]);
  mustFail("a proposal that nobody made", commit({ references: [dice.bytes(32)] }), ["unknown_proposal"]);
  const leaf = state.tree.leaf(own);
  if (leaf !== undefined) mustFail("an update by value", commit({ proposals: [{ kind: "update", leafNode: leaf }] }));
  const other = group.seats.find((one) => one !== seat)?.state.ownLeafIndex;
  if (other !== undefined) {
    const twice = [other, other].map((removed) => ({ kind: "remove" as const, removed }));
    mustFail("removing somebody twice", commit({ proposals: twice }), ["invalid_proposal_list"]);
  }
  mustFail("noise", engine.receiveMessage(state, dice.bytes(dice.below(200)), context));
  same("state after what was refused", fingerprint(state), print);
}
