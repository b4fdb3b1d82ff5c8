/**
 * libsignal between two: the double ratchet with the post-quantum ratchet beside it, the stores in memory.
 */
import {
  CiphertextMessageType,
  PreKeySignalMessage,
  processPreKeyBundle,
  signalDecrypt,
  signalDecryptPreKey,
  signalEncrypt,
  SignalMessage,
} from "@signalapp/libsignal-client";
import { type Contender, makeCase } from "../lib/contender.ts";
import { SignalUser } from "./signal-stores.ts";

interface Sealed {
  readonly type: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const kibibyte = new Uint8Array(1024).fill(0x61);

async function encrypt(from: SignalUser, to: SignalUser): Promise<Sealed> {
  const message = await signalEncrypt(kibibyte, to.address, from.address, from.sessions, from.identities);
  return { type: message.type(), bytes: message.serialize() };
}

async function decrypt(to: SignalUser, from: SignalUser, { type, bytes }: Sealed): Promise<Uint8Array> {
  if (type !== (CiphertextMessageType.PreKey as number)) {
    return await signalDecrypt(SignalMessage.deserialize(bytes), from.address, to.address, to.sessions, to.identities);
  }
  const message = PreKeySignalMessage.deserialize(bytes);
  const { sessions, identities, preKeys, signedPreKeys, kyberPreKeys } = to;
  return await signalDecryptPreKey(message, from.address, to.address, sessions, identities, preKeys, signedPreKeys, kyberPreKeys);
}

/** Two users who have each heard the other, so that messages no longer carry the prekeys. */
async function session(): Promise<readonly [SignalUser, SignalUser]> {
  const [alice, bob] = [new SignalUser("alice"), new SignalUser("bob")];
  await processPreKeyBundle(await bob.preKeyBundle(), bob.address, alice.address, alice.sessions, alice.identities);
  await decrypt(bob, alice, await encrypt(alice, bob));
  await decrypt(alice, bob, await encrypt(bob, alice));
  return [alice, bob];
}

export const libsignal: Contender = {
  name: "libsignal 1:1",
  notes: ["native; in one direction without an answer; a message to N members is N-1 of these"],
  limits: { encrypt1KiB: 2, decrypt1KiB: 2 },
  ops: {
    keyPackage: async () => {
      const user = new SignalUser("publisher");
      return await Promise.resolve(makeCase({ prepare: () => undefined, run: async () => await user.preKeyBundle() }));
    },
    encrypt1KiB: async () => {
      const [alice, bob] = await session();
      let last = 0;
      return makeCase({
        prepare: () => undefined,
        run: async () => {
          last = (await encrypt(alice, bob)).bytes.length;
        },
        bytes: () => last,
      });
    },
    decrypt1KiB: async () => {
      const [alice, bob] = await session();
      return makeCase({
        prepare: async () => await encrypt(alice, bob),
        run: async (sealed: Sealed) => await decrypt(bob, alice, sealed),
      });
    },
  },
};
