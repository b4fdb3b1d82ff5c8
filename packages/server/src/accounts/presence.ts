/** Which account connections are logged in, so that pushes find them. In memory only. */
import { type AccountId, accountIdToText, encodePush, equalBytes, type DeviceId } from "@sotto/protocol";
import { CLOSE, type Peer, type Session } from "../connection/peer.ts";

export class Presence {
  readonly #peersByAccount = new Map<string, Set<Peer>>();

  enter(peer: Peer, session: Session): void {
    peer.session = session;
    const key = accountIdToText(session.account);
    let peers = this.#peersByAccount.get(key);
    if (peers === undefined) {
      peers = new Set();
      this.#peersByAccount.set(key, peers);
    }
    peers.add(peer);
    peer.onClose.push(() => {
      const left = this.#peersByAccount.get(key);
      left?.delete(peer);
      if (left?.size === 0) this.#peersByAccount.delete(key);
    });
  }

  peersOf(account: AccountId, device?: DeviceId): Peer[] {
    const peers = [...(this.#peersByAccount.get(accountIdToText(account)) ?? [])];
    return device === undefined ? peers : peers.filter(({ session }) => session !== undefined && equalBytes(session.device, device));
  }

  /** Tells the account's connections that its chain grew, and ends those of devices that are out. */
  chainChanged(account: AccountId, chain: { readonly length: number; readonly isIn: (device: DeviceId) => boolean }): void {
    const frame = encodePush("account.chainChanged", { length: chain.length });
    for (const peer of this.peersOf(account)) {
      if (peer.session !== undefined && chain.isIn(peer.session.device)) peer.send(frame);
      else peer.close(CLOSE.revoked, "device_revoked");
    }
  }
}
