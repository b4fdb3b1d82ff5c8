/**
 * Megolm through Matrix's OlmMachine, as its clients use it: JSON in, JSON out. The homeserver between the two machines is played here, as far
 * as it is needed to give the room key from one to the other.
 */
import {
  DecryptionSettings,
  DeviceId,
  DeviceLists,
  EncryptionSettings,
  initAsync,
  KeysClaimRequest,
  KeysQueryRequest,
  KeysUploadRequest,
  OlmMachine,
  RequestType,
  RoomId,
  type ToDeviceRequest,
  TrustRequirement,
  UserId,
} from "@matrix-org/matrix-sdk-crypto-wasm";
import { type Contender, makeCase } from "../lib/contender.ts";

interface Device {
  readonly user: string;
  readonly id: string;
  readonly machine: OlmMachine;
}

type Json = Record<string, unknown>;

const room = "!room:example.org";
const content = JSON.stringify({ msgtype: "m.text", body: "a".repeat(1024) });
const trust = (): DecryptionSettings => new DecryptionSettings(TrustRequirement.Untrusted);

/** What the homeserver has been told: device keys and one-time keys, by user. */
class Homeserver {
  readonly #deviceKeys: Record<string, Json> = {};
  readonly #oneTimeKeys: Record<string, Json> = {};

  async serve({ user, id, machine }: Device): Promise<void> {
    for (const request of await machine.outgoingRequests()) {
      if (request instanceof KeysUploadRequest) {
        const { device_keys, one_time_keys } = JSON.parse(request.body) as { readonly device_keys?: Json; readonly one_time_keys?: Json };
        if (device_keys !== undefined) this.#deviceKeys[user] = { [id]: device_keys };
        if (one_time_keys !== undefined) this.#oneTimeKeys[user] = { [id]: one_time_keys };
        await machine.markRequestAsSent(
          request.id,
          RequestType.KeysUpload,
          JSON.stringify({ one_time_key_counts: { signed_curve25519: 50 } }),
        );
      } else if (request instanceof KeysQueryRequest) {
        await machine.markRequestAsSent(request.id, RequestType.KeysQuery, JSON.stringify({ device_keys: this.#deviceKeys, failures: {} }));
      }
    }
  }

  async claim({ machine }: Device, user: string): Promise<void> {
    const request = await machine.getMissingSessions([new UserId(user)]);
    if (!(request instanceof KeysClaimRequest)) return;
    const claimed = Object.entries(this.#oneTimeKeys[user] ?? {}).map(([id, keys]) => [
      id,
      Object.fromEntries(Object.entries(keys as Json).slice(0, 1)),
    ]);
    const response = { one_time_keys: { [user]: Object.fromEntries(claimed) as Json }, failures: {} };
    await machine.markRequestAsSent(request.id, RequestType.KeysClaim, JSON.stringify(response));
  }
}

async function newDevice(name: string): Promise<Device> {
  const [user, id] = [`@${name}:example.org`, `${name.toUpperCase()}DEVICE`];
  return { user, id, machine: await OlmMachine.initialize(new UserId(user), new DeviceId(id)) };
}

async function deliver(request: ToDeviceRequest, from: Device, to: Device): Promise<void> {
  const { messages } = JSON.parse(request.body) as { readonly messages: Record<string, Record<string, Json>> };
  const event = { sender: from.user, type: request.event_type, content: messages[to.user]?.[to.id] };
  if (event.content === undefined) return;
  await to.machine.receiveSyncChanges(JSON.stringify([event]), new DeviceLists([], []), new Map(), undefined, trust());
}

interface Room {
  encrypt(): Promise<string>;
  decrypt(encrypted: string): Promise<unknown>;
}

async function newRoom(): Promise<Room> {
  await initAsync();
  const [alice, bob, server] = [await newDevice("alice"), await newDevice("bob"), new Homeserver()];
  await server.serve(alice);
  await server.serve(bob);
  await alice.machine.updateTrackedUsers([new UserId(bob.user)]);
  await bob.machine.updateTrackedUsers([new UserId(alice.user)]);
  await server.serve(alice);
  await server.serve(bob);
  await server.claim(alice, bob.user);
  const settings = new EncryptionSettings();
  // Otherwise there is a new room key after a hundred messages, which the other machine would have to be given.
  settings.rotationPeriodMessages = 1_000_000n;
  const shared = await alice.machine.shareRoomKey(new RoomId(room), [new UserId(bob.user)], settings);
  if (shared.length === 0) throw new Error("megolm: the room key was not shared");
  for (const request of shared) {
    await deliver(request, alice, bob);
    await alice.machine.markRequestAsSent(request.id, RequestType.ToDevice, "{}");
  }
  let serial = 0;
  return {
    encrypt: async () => await alice.machine.encryptRoomEvent(new RoomId(room), "m.room.message", content),
    decrypt: async (encrypted) => {
      const event = {
        event_id: `$event${String((serial += 1))}`,
        origin_server_ts: Date.now(),
        sender: alice.user,
        type: "m.room.encrypted",
        room_id: room,
        content: JSON.parse(encrypted) as unknown,
      };
      return await bob.machine.decryptRoomEvent(JSON.stringify(event), new RoomId(room), trust());
    },
  };
}

export const megolm: Contender = {
  name: "matrix megolm",
  notes: ["WebAssembly, events as JSON and base64, stores in memory; the same at every N"],
  ops: {
    encrypt1KiB: async () => {
      const { encrypt } = await newRoom();
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
      const { encrypt, decrypt } = await newRoom();
      return makeCase({ prepare: encrypt, run: decrypt });
    },
  },
};
