/**
 * Overwriting the secrets of a state that is not needed any more.
 *
 * What JavaScript allows: the arrays that this engine holds are filled with zeros. What it does not: copies that the runtime
 * made when it moved or compiled things, swapped pages, and key objects inside a crypto library are out of reach.
 */
import type { GroupState } from "../group/state.ts";
import type { SecretNode } from "../schedule/secret-tree.ts";

function addTree(node: SecretNode, secrets: Set<Uint8Array>): void {
  if (node.kind === "secret") secrets.add(node.secret);
  else if (node.kind === "branch") {
    addTree(node.left, secrets);
    addTree(node.right, secrets);
  } else {
    for (const ratchet of [node.ratchets.handshake, node.ratchets.application]) {
      secrets.add(ratchet.secret);
      for (const entry of ratchet.skipped) secrets.add(entry.key).add(entry.nonce);
    }
  }
}

/** Every secret array of a state, by identity. All are the state's own: what came from the caller was copied. */
function secretsOf(state: GroupState): Set<Uint8Array> {
  const secrets = new Set<Uint8Array>([...Object.values(state.secrets), state.signaturePrivateKey]);
  addTree(state.secretTree.top, secrets);
  for (const pair of state.privateKeys.values()) secrets.add(pair.privateKey);
  for (const update of state.ownUpdates) secrets.add(update.encryptionKeys.privateKey).add(update.signaturePrivateKey);
  for (const psk of state.resumptionPsks) secrets.add(psk.secret);
  for (const past of state.pastEpochs) {
    secrets.add(past.senderData);
    addTree(past.secretTree.top, secrets);
  }
  return secrets;
}

/**
 * Overwrites what `old` holds and `kept` does not. Call it when `kept` is stored and nothing else refers to `old`; `old`
 * cannot be used afterwards. Without `kept` everything goes.
 */
export function discardState(old: GroupState, kept: GroupState | undefined): void {
  const needed = kept === undefined ? new Set<Uint8Array>() : secretsOf(kept);
  for (const secret of secretsOf(old)) if (!needed.has(secret)) secret.fill(0);
}
