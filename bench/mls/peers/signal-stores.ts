/**
 * The stores libsignal asks of an application, in memory, and one user with all of them.
 */
import {
  type Direction,
  IdentityChange,
  IdentityKeyPair,
  IdentityKeyStore,
  KEMKeyPair,
  KyberPreKeyRecord,
  KyberPreKeyStore,
  PreKeyBundle,
  PreKeyRecord,
  PreKeyStore,
  PrivateKey,
  ProtocolAddress,
  type PublicKey,
  SenderKeyRecord,
  SenderKeyStore,
  SessionRecord,
  SessionStore,
  SignedPreKeyRecord,
  SignedPreKeyStore,
} from "@signalapp/libsignal-client";

type Bytes = Uint8Array<ArrayBuffer>;

const key = (address: ProtocolAddress): string => `${address.name()}.${String(address.deviceId())}`;

function existing<K, V>(map: ReadonlyMap<K, V>, at: K): V {
  const value = map.get(at);
  if (value === undefined) throw new Error(`nothing is stored at ${String(at)}`);
  return value;
}

/** Records are kept as bytes, since an application has to store them so. */
class Sessions extends SessionStore {
  readonly #kept = new Map<string, Bytes>();

  async saveSession(name: ProtocolAddress, record: SessionRecord): Promise<void> {
    this.#kept.set(key(name), record.serialize());
    await Promise.resolve();
  }

  async getSession(name: ProtocolAddress): Promise<SessionRecord | null> {
    const bytes = this.#kept.get(key(name));
    return await Promise.resolve(bytes === undefined ? null : SessionRecord.deserialize(bytes));
  }

  async getExistingSessions(addresses: ProtocolAddress[]): Promise<SessionRecord[]> {
    return await Promise.resolve(addresses.map((name) => SessionRecord.deserialize(existing(this.#kept, key(name)))));
  }
}

class Identities extends IdentityKeyStore {
  readonly pair = IdentityKeyPair.generate();
  readonly #others = new Map<string, PublicKey>();

  async getIdentityKey(): Promise<PrivateKey> {
    return await Promise.resolve(this.pair.privateKey);
  }

  async getLocalRegistrationId(): Promise<number> {
    return await Promise.resolve(1);
  }

  async saveIdentity(name: ProtocolAddress, identity: PublicKey): Promise<IdentityChange> {
    this.#others.set(key(name), identity);
    return await Promise.resolve(IdentityChange.NewOrUnchanged);
  }

  async isTrustedIdentity(_name: ProtocolAddress, _key: PublicKey, _direction: Direction): Promise<boolean> {
    return await Promise.resolve(true);
  }

  async getIdentity(name: ProtocolAddress): Promise<PublicKey | null> {
    return await Promise.resolve(this.#others.get(key(name)) ?? null);
  }
}

class PreKeys extends PreKeyStore {
  readonly #kept = new Map<number, PreKeyRecord>();

  async savePreKey(id: number, record: PreKeyRecord): Promise<void> {
    this.#kept.set(id, record);
    await Promise.resolve();
  }

  async getPreKey(id: number): Promise<PreKeyRecord> {
    return await Promise.resolve(existing(this.#kept, id));
  }

  async removePreKey(id: number): Promise<void> {
    this.#kept.delete(id);
    await Promise.resolve();
  }
}

class SignedPreKeys extends SignedPreKeyStore {
  readonly #kept = new Map<number, SignedPreKeyRecord>();

  async saveSignedPreKey(id: number, record: SignedPreKeyRecord): Promise<void> {
    this.#kept.set(id, record);
    await Promise.resolve();
  }

  async getSignedPreKey(id: number): Promise<SignedPreKeyRecord> {
    return await Promise.resolve(existing(this.#kept, id));
  }
}

class KyberPreKeys extends KyberPreKeyStore {
  readonly #kept = new Map<number, KyberPreKeyRecord>();

  async saveKyberPreKey(id: number, record: KyberPreKeyRecord): Promise<void> {
    this.#kept.set(id, record);
    await Promise.resolve();
  }

  async getKyberPreKey(id: number): Promise<KyberPreKeyRecord> {
    return await Promise.resolve(existing(this.#kept, id));
  }

  async markKyberPreKeyUsed(id: number): Promise<void> {
    this.#kept.delete(id);
    await Promise.resolve();
  }
}

class SenderKeys extends SenderKeyStore {
  readonly #kept = new Map<string, Bytes>();

  async saveSenderKey(sender: ProtocolAddress, distributionId: string, record: SenderKeyRecord): Promise<void> {
    this.#kept.set(key(sender) + distributionId, record.serialize());
    await Promise.resolve();
  }

  async getSenderKey(sender: ProtocolAddress, distributionId: string): Promise<SenderKeyRecord | null> {
    const bytes = this.#kept.get(key(sender) + distributionId);
    return await Promise.resolve(bytes === undefined ? null : SenderKeyRecord.deserialize(bytes));
  }
}

export class SignalUser {
  readonly address: ProtocolAddress;
  readonly sessions = new Sessions();
  readonly identities = new Identities();
  readonly preKeys = new PreKeys();
  readonly signedPreKeys = new SignedPreKeys();
  readonly kyberPreKeys = new KyberPreKeys();
  readonly senderKeys = new SenderKeys();
  #lastId = 0;

  constructor(name: string) {
    this.address = ProtocolAddress.new(name, 1);
  }

  /** New one-time, signed and Kyber prekeys, stored and signed: what a key package is in MLS. */
  async preKeyBundle(): Promise<PreKeyBundle> {
    const id = (this.#lastId += 1);
    const identity = this.identities.pair;
    const [preKey, signedPreKey, kyber] = [PrivateKey.generate(), PrivateKey.generate(), KEMKeyPair.generate()];
    const signature = identity.privateKey.sign(signedPreKey.getPublicKey().serialize());
    const kyberSignature = identity.privateKey.sign(kyber.getPublicKey().serialize());
    await this.preKeys.savePreKey(id, PreKeyRecord.new(id, preKey.getPublicKey(), preKey));
    await this.signedPreKeys.saveSignedPreKey(
      id,
      SignedPreKeyRecord.new(id, Date.now(), signedPreKey.getPublicKey(), signedPreKey, signature),
    );
    await this.kyberPreKeys.saveKyberPreKey(id, KyberPreKeyRecord.new(id, Date.now(), kyber, kyberSignature));
    return PreKeyBundle.new(
      1,
      1,
      id,
      preKey.getPublicKey(),
      id,
      signedPreKey.getPublicKey(),
      signature,
      identity.publicKey,
      id,
      kyber.getPublicKey(),
      kyberSignature,
    );
  }
}
