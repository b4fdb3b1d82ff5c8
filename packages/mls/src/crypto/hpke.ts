/**
 * HPKE in base mode (RFC 9180 §5.1.1 and §6): single-shot encryption and secret export, as MLS uses it (RFC 9420 §5.1.3, §8.3).
 *
 * A key schedule lives for one call, so its intermediates are overwritten before that call returns.
 */
import { ascii, concat, empty } from "../bytes.ts";
import { createLabeledKdf } from "./hpke-kdf.ts";
import type { Kdf } from "./hpke-kdf.ts";
import type { Kem } from "./kem.ts";
import type { AeadInput, CipherSuite, HpkeCiphertext, HpkeContext, HpkeExport, KeyPair, Random } from "./provider.ts";

/** An AEAD from a library. `open` gives `undefined` on a bad tag or length. */
export type Aead = {
  /** Registered in RFC 9180 §7.3. */
  readonly id: number;
  readonly keyLength: number;
  readonly nonceLength: number;
  readonly tagLength: number;
  readonly seal: (key: Uint8Array, nonce: Uint8Array, content: AeadInput) => Uint8Array;
  readonly open: (key: Uint8Array, nonce: Uint8Array, content: AeadInput) => Uint8Array | undefined;
};

export type HpkeParts = { readonly kem: Kem; readonly kdf: Kdf; readonly aead: Aead };

export type Hpke = Pick<CipherSuite, "hpkeSeal" | "hpkeOpen" | "hpkeExportSend" | "hpkeExportReceive">;

type Schedule = { readonly secret: Uint8Array; readonly context: Uint8Array };

const MODE_BASE = 0;

export function createHpke({ kem, kdf, aead }: HpkeParts): Hpke {
  const ids = [kem.id, kdf.id, aead.id].flatMap((id) => [id >> 8, id & 0xff]);
  const labeled = createLabeledKdf(kdf, concat(ascii("HPKE"), Uint8Array.from(ids)));
  const contextStart = concat(Uint8Array.of(MODE_BASE), labeled.extract(empty(), "psk_id_hash", empty()));

  let last: { readonly info: Uint8Array; readonly hash: Uint8Array } | undefined;

  /** `info_hash`, public; remembered for the array that was used last, since many recipients share one. */
  function infoHash(info: Uint8Array): Uint8Array {
    if (last?.info !== info) last = { info, hash: labeled.extract(empty(), "info_hash", info) };
    return last.hash;
  }

  /** The first half of `KeySchedule`; overwrites the KEM's shared secret. */
  function startSchedule(sharedSecret: Uint8Array, info: Uint8Array): Schedule {
    const context = concat(contextStart, infoHash(info));
    const secret = labeled.extract(sharedSecret, "secret", empty());
    sharedSecret.fill(0);
    return { secret, context };
  }

  /** Hands key and base nonce (sequence number 0) to `use` and overwrites them. */
  function withKey<T>({ secret, context }: Schedule, use: (key: Uint8Array, nonce: Uint8Array) => T): T {
    const key = labeled.expand(secret, "key", { info: context, length: aead.keyLength });
    const nonce = labeled.expand(secret, "base_nonce", { info: context, length: aead.nonceLength });
    secret.fill(0);
    const result = use(key, nonce);
    key.fill(0);
    nonce.fill(0);
    return result;
  }

  function exportSecret({ secret, context }: Schedule, wanted: HpkeExport): Uint8Array {
    const exporter = labeled.expand(secret, "exp", { info: context, length: kdf.hashLength });
    secret.fill(0);
    const exported = labeled.expand(exporter, "sec", { info: wanted.exporterContext, length: wanted.length });
    exporter.fill(0);
    return exported;
  }

  return {
    hpkeSeal(publicKey: Uint8Array, content: HpkeContext & { readonly plaintext: Uint8Array }, random: Random): HpkeCiphertext | undefined {
      const sent = kem.encapsulate(publicKey, random);
      if (sent === undefined) return undefined;
      const input = { aad: content.aad, data: content.plaintext };
      const schedule = startSchedule(sent.sharedSecret, content.info);
      return { kemOutput: sent.kemOutput, ciphertext: withKey(schedule, (key, nonce) => aead.seal(key, nonce, input)) };
    },
    hpkeOpen(keys: KeyPair, sealed: HpkeCiphertext, { info, aad }: HpkeContext): Uint8Array | undefined {
      const sharedSecret = kem.decapsulate(keys, sealed.kemOutput);
      if (sharedSecret === undefined) return undefined;
      const input = { aad, data: sealed.ciphertext };
      return withKey(startSchedule(sharedSecret, info), (key, nonce) => aead.open(key, nonce, input));
    },
    hpkeExportSend(publicKey, wanted, random) {
      const sent = kem.encapsulate(publicKey, random);
      return sent && { kemOutput: sent.kemOutput, secret: exportSecret(startSchedule(sent.sharedSecret, wanted.info), wanted) };
    },
    hpkeExportReceive(keys, kemOutput, wanted) {
      const sharedSecret = kem.decapsulate(keys, kemOutput);
      return sharedSecret && exportSecret(startSchedule(sharedSecret, wanted.info), wanted);
    },
  };
}
