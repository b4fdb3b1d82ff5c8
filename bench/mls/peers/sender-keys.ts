/**
 * libsignal's sender keys: one ratchet and one signature key per sender, given to every member beforehand by 1:1 sessions. What a message
 * costs does not depend on N; a new key after every removal costs N-1 of the 1:1 messages.
 */
import { groupDecrypt, groupEncrypt, processSenderKeyDistributionMessage, SenderKeyDistributionMessage } from "@signalapp/libsignal-client";
import { type Contender, makeCase } from "../lib/contender.ts";
import { SignalUser } from "./signal-stores.ts";

const kibibyte = new Uint8Array(1024).fill(0x61);

interface Channel {
  encrypt(): Promise<Uint8Array<ArrayBuffer>>;
  decrypt(message: Uint8Array<ArrayBuffer>): Promise<Uint8Array>;
}

async function channel(): Promise<Channel> {
  const [alice, bob, id] = [new SignalUser("alice"), new SignalUser("bob"), crypto.randomUUID()];
  const distribution = await SenderKeyDistributionMessage.create(alice.address, id, alice.senderKeys);
  await processSenderKeyDistributionMessage(
    alice.address,
    SenderKeyDistributionMessage.deserialize(distribution.serialize()),
    bob.senderKeys,
  );
  return {
    encrypt: async () => (await groupEncrypt(alice.address, id, alice.senderKeys, kibibyte)).serialize(),
    decrypt: async (message) => await groupDecrypt(alice.address, bob.senderKeys, message),
  };
}

export const senderKeys: Contender = {
  name: "libsignal sender keys",
  notes: ["native; the same at every N; forward secrecy only, until a new key goes to N-1 members one by one"],
  ops: {
    encrypt1KiB: async () => {
      const { encrypt } = await channel();
      let last = 0;
      return makeCase({
        prepare: () => undefined,
        run: async () => {
          last = (await encrypt()).length;
        },
        bytes: () => last,
      });
    },
    decrypt1KiB: async () => {
      const { encrypt, decrypt } = await channel();
      return makeCase({ prepare: encrypt, run: decrypt });
    },
  },
};
