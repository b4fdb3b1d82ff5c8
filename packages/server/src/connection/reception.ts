/** What happens to a connection once it is open, whatever carries it: the hello, each frame, and its end (spec/log.md §Connections). */
import { type Connection, encodePush, type Hello, LOGIN_NONCE_BYTES } from "@sotto/protocol";
import type { Settings } from "../options.ts";
import type { Dispatcher } from "./dispatch.ts";
import { Peer, type Socket } from "./peer.ts";

export type ReceptionOptions = {
  readonly settings: Settings;
  readonly dispatcher: Dispatcher;
  readonly random: (length: number) => Uint8Array;
  readonly hello: () => Omit<Hello, "nonce">;
  readonly onClosed: (peer: Peer) => void;
};

export class Reception {
  readonly #options: ReceptionOptions;

  constructor(options: ReceptionOptions) {
    this.#options = options;
  }

  welcome(socket: Socket, { kind, address }: { readonly kind: Connection; readonly address: string }): Peer {
    const { settings, hello, random } = this.#options;
    const { limits, timers } = settings;
    const peer = new Peer(socket, { kind, address, limits, timers, now: settings.now() });
    if (kind === "account") peer.nonce = random(LOGIN_NONCE_BYTES);
    const payload: Hello = { ...hello(), nonce: peer.nonce ?? null };
    peer.send(kind === "account" ? encodePush("account.hello", payload) : encodePush("anonymous.hello", payload));
    return peer;
  }

  receive(peer: Peer, frame: Uint8Array): void {
    peer.isAlive = true;
    if (peer.isOpen) this.#options.dispatcher.receive(peer, frame);
  }

  leave(peer: Peer): void {
    for (const run of peer.onClose) run();
    this.#options.onClosed(peer);
  }
}
