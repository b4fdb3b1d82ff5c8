/** Accounts for tests: keys from node:crypto, chain entries and logins signed with them. */
import { generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import {
  type AccountId,
  accountIdOf,
  type ChainChange,
  chainEntryHash,
  chainSignatureBytes,
  type Device,
  type DeviceId,
  deviceIdOf,
  ED25519,
  encodeChainEntry,
  encodeChainStatement,
  loginBytes,
  type PublicKey,
  type Username,
} from "@sotto/protocol";
import { connect, type TestConnection } from "./connection.ts";

export type TestKey = { readonly publicKey: PublicKey; readonly secret: KeyObject };
export type TestDevice = { readonly id: DeviceId; readonly device: Device; readonly key: TestKey };

function newKey(): TestKey {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return { publicKey: { algorithm: ED25519, key: new Uint8Array(raw) }, secret: privateKey };
}

const signWith = (key: TestKey, message: Uint8Array): Uint8Array => new Uint8Array(sign(null, message, key.secret));

export function newDevice(): TestDevice {
  const key = newKey();
  const device: Device = { signatureKey: key.publicKey, inboxKey: { algorithm: 1, key: new Uint8Array(randomBytes(32)) } };
  return { id: deviceIdOf(key.publicKey), device, key };
}

export class TestPerson {
  readonly recovery = newKey();
  readonly first = newDevice();
  readonly entries: Uint8Array[] = [];
  readonly account: AccountId;

  constructor() {
    this.entries.push(
      this.entry(
        { kind: "genesis", device: this.first.device, recoveryKey: this.recovery.publicKey },
        { by: this.first, proof: undefined },
      ),
    );
    this.account = accountIdOf(this.entries[0] ?? new Uint8Array());
  }

  /** An entry after the last one. */
  entry(change: ChainChange, { by, proof }: { readonly by: TestDevice | "recovery"; readonly proof: TestDevice | undefined }): Uint8Array {
    const last = this.entries.at(-1);
    const signed = encodeChainStatement({
      index: this.entries.length,
      previous: last && chainEntryHash(last),
      author: by === "recovery" ? "recovery" : by.id,
      claimedAt: 1_700_000_000_000,
      change,
    });
    const message = chainSignatureBytes(signed);
    return encodeChainEntry(signed, {
      signature: signWith(by === "recovery" ? this.recovery : by.key, message),
      proof: proof && signWith(proof.key, message),
    });
  }

  async register(address: string, username: string | null = null, invite = ""): Promise<TestConnection> {
    const { connection, hello } = await connect(address, "account");
    const signature = this.login(address, hello.nonce, this.first);
    await connection.request("account.register", {
      genesis: this.entries[0] ?? new Uint8Array(),
      signature,
      username: username as Username | null,
      invite,
    });
    return connection;
  }

  login(origin: string, nonce: Uint8Array | null, device: TestDevice): Uint8Array {
    return signWith(device.key, loginBytes({ origin, nonce: nonce ?? new Uint8Array(), account: this.account, device: device.id }));
  }

  async logIn(address: string, device: TestDevice = this.first): Promise<TestConnection> {
    const { connection, hello } = await connect(address, "account");
    await connection.request("account.login", {
      account: this.account,
      device: device.id,
      signature: this.login(address, hello.nonce, device),
    });
    return connection;
  }
}
