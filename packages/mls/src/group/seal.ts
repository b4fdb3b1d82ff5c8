/**
 * Application messages, sending side (RFC 9420 §6.3, §15).
 */
import { empty } from "../bytes.ts";
import { attempt, type Outcome } from "../outcome.ts";
import { type MlsContext, suiteOf } from "./context.ts";
import { frame, signFramed } from "./framing.ts";
import { type GroupState, requireActive } from "./state.ts";

export type SealOptions = {
  readonly data: Uint8Array;
  /** Sent in clear and authenticated. In a group with Safe AAD it starts with the encoded items. */
  readonly authenticatedData?: Uint8Array;
};

export type Sealed = {
  /** Keep it before the message leaves: a key must not be used twice. */
  readonly state: GroupState;
  /** MLSMessage */
  readonly message: Uint8Array;
};

export function sealMessage(state: GroupState, options: SealOptions, context: MlsContext): Outcome<Sealed> {
  return attempt(() => {
    requireActive(state);
    const suite = suiteOf(context, state.context.suiteId);
    const framed = {
      groupId: state.context.groupId,
      epoch: state.context.epoch,
      sender: { kind: "member" as const, leafIndex: state.ownLeafIndex },
      authenticatedData: options.authenticatedData ?? empty(),
      content: { kind: "application" as const, data: options.data },
    };
    const by = { wireFormat: "privateMessage" as const, context: state.context, privateKey: state.signaturePrivateKey };
    return frame(suite, state, { content: signFramed(suite, framed, by), context });
  });
}
