import { describe, expect, test } from "vitest";
import * as p from "@sotto/protocol";
import {
  ACCOUNT_2,
  as,
  byRecovery,
  CHAIN,
  LAPTOP,
  PHONE,
  RECOVERY,
  RECOVERY_2,
  sampleChain,
  signedEntry,
  TABLET,
} from "../../test/samples.ts";
import { testDevice, verifyEd25519 as verify } from "../../test/signatures.ts";

const GENESIS: p.ChainChange = { kind: "genesis", device: PHONE.device, recoveryKey: RECOVERY.publicKey };
const genesis = signedEntry([], GENESIS, { signer: as(PHONE) });
const added = signedEntry([genesis], { kind: "add", device: LAPTOP.device }, { signer: as(PHONE), newcomer: LAPTOP });

const deviceIds = (chain: readonly Uint8Array[]): string[] => [...p.expectSuccess(p.validateChain(chain, verify)).devicesById.keys()];
const refusal = (chain: readonly Uint8Array[]): string => {
  const outcome = p.validateChain(chain, verify);
  return outcome.ok ? "accepted" : outcome.code;
};
const id = ({ id: device }: { id: p.DeviceId }): string => p.idToText(device);

describe("an identity chain", () => {
  test("gives the devices of each moment", () => {
    expect(CHAIN.map((_, i) => deviceIds(CHAIN.slice(0, i + 1)))).toEqual([
      [id(PHONE)],
      [id(PHONE), id(LAPTOP)],
      [id(PHONE), id(LAPTOP)],
      [id(LAPTOP)],
      [id(TABLET)],
    ]);
  });

  test("names its account, and is refused for another one", () => {
    const account = p.accountIdOf(genesis);
    expect(p.expectSuccess(p.validateChain(CHAIN, verify, account)).account).toEqual(account);
    expect(p.validateChain(CHAIN, verify, ACCOUNT_2)).toMatchObject({ code: "chain_account" });
  });

  test("extends entry by entry to the same state", () => {
    let state: p.ChainState | undefined;
    for (const bytes of CHAIN) state = p.expectSuccess(p.extendChain(state, bytes, verify));
    expect(state).toEqual(p.expectSuccess(p.validateChain(CHAIN, verify)));
  });
});

describe("a server without a device key", () => {
  test("cannot add a device", () => {
    const ghost = testDevice(66);
    const change: p.ChainChange = { kind: "add", device: ghost.device };
    expect(refusal([genesis, signedEntry([genesis], change, { signer: as(ghost), newcomer: ghost })])).toBe("chain_author");
    const forged = { sign: ghost.sign, author: PHONE.id };
    expect(refusal([genesis, signedEntry([genesis], change, { signer: forged, newcomer: ghost })])).toBe("chain_signature");
  });

  test("cannot leave out, repeat or reorder entries", () => {
    const [first = genesis, second = genesis, third = genesis] = CHAIN;
    expect(refusal([first, third])).toBe("chain_index");
    expect(refusal([first, second, second])).toBe("chain_index");
    expect(refusal([second])).toBe("chain_kind");
    expect(refusal([first, first])).toBe("chain_kind");
    expect(refusal([])).toBe("chain_empty");
  });

  test("cannot put an entry of another history in", () => {
    const other = signedEntry([genesis], { kind: "rotateRecovery", recoveryKey: RECOVERY_2.publicKey }, { signer: as(PHONE) });
    const onOther = signedEntry([genesis, other], { kind: "add", device: TABLET.device }, { signer: as(PHONE), newcomer: TABLET });
    expect(refusal([genesis, added, onOther])).toBe("chain_previous");
  });

  test("cannot change a byte", () => {
    const chain = sampleChain();
    chain.forEach((bytes, which) => {
      for (let at = 0; at < bytes.length; at += 7) {
        const broken = bytes.map((byte, i) => (i === at ? byte ^ 1 : byte));
        const outcome = p.validateChain([...chain.slice(0, which), broken, ...chain.slice(which + 1)], verify, p.accountIdOf(genesis));
        expect(outcome.ok).toBe(false);
      }
    });
  });
});

describe("the rules", () => {
  test("ask a new device to prove its key", () => {
    expect(refusal([genesis, signedEntry([genesis], { kind: "add", device: LAPTOP.device }, { signer: as(PHONE) })])).toBe(
      "chain_signature",
    );
    const byAnother = signedEntry([genesis], { kind: "add", device: LAPTOP.device }, { signer: as(PHONE), newcomer: TABLET });
    expect(refusal([genesis, byAnother])).toBe("chain_signature");
  });

  test("take nothing from a revoked device, and never take it back", () => {
    const chain = [genesis, added];
    chain.push(signedEntry(chain, { kind: "revoke", deviceId: PHONE.id }, { signer: as(LAPTOP) }));
    const byPhone = signedEntry(chain, { kind: "add", device: TABLET.device }, { signer: as(PHONE), newcomer: TABLET });
    expect(refusal([...chain, byPhone])).toBe("chain_author");
    const again = signedEntry(chain, { kind: "add", device: PHONE.device }, { signer: as(LAPTOP), newcomer: PHONE });
    expect(refusal([...chain, again])).toBe("chain_device_exists");
  });

  test("keep the last device, and let a device leave by itself", () => {
    expect(refusal([genesis, signedEntry([genesis], { kind: "revoke", deviceId: PHONE.id }, { signer: as(PHONE) })])).toBe(
      "chain_last_device",
    );
    const leaving = signedEntry([genesis, added], { kind: "revoke", deviceId: LAPTOP.id }, { signer: as(LAPTOP) });
    expect(deviceIds([genesis, added, leaving])).toEqual([id(PHONE)]);
  });

  test("let only the current recovery key reset", () => {
    const reset: p.ChainChange = { kind: "reset", device: TABLET.device, recoveryKey: RECOVERY_2.publicKey };
    expect(refusal([genesis, signedEntry([genesis], reset, { signer: as(PHONE), newcomer: TABLET })])).toBe("chain_author");
    expect(refusal([genesis, signedEntry([genesis], reset, { signer: byRecovery(RECOVERY_2), newcomer: TABLET })])).toBe("chain_signature");
    expect(deviceIds([genesis, signedEntry([genesis], reset, { signer: byRecovery(RECOVERY), newcomer: TABLET })])).toEqual([id(TABLET)]);
  });

  test("let the recovery key add a device", () => {
    const change: p.ChainChange = { kind: "add", device: TABLET.device };
    const chain = [genesis, signedEntry([genesis], change, { signer: byRecovery(RECOVERY), newcomer: TABLET })];
    expect(deviceIds(chain)).toEqual([id(PHONE), id(TABLET)]);
  });

  test("limit the devices", () => {
    const chain = [genesis];
    for (let i = 0; i < p.LIMITS.devicesPerAccountMax; i++) {
      const newcomer = testDevice(100 + i);
      chain.push(signedEntry(chain, { kind: "add", device: newcomer.device }, { signer: as(PHONE), newcomer }));
    }
    expect(refusal(chain.slice(0, -1))).toBe("accepted");
    expect(refusal(chain)).toBe("chain_device_limit");
  });
});
