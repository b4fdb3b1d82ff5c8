/**
 * Devices that came to the account since this one last told its owner (known-devices.ts): a device that nobody remembers linking is
 * the sign of a stolen recovery key or code.
 */
import { type ChainDevice, type DeviceId, equalBytes } from "@sotto/protocol";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import { setting } from "../store/statements.ts";
import { decodeKnownDevices, encodeKnownDevices } from "./known-devices.ts";

/** A list that cannot be read is one that was never told. */
async function knownIds(engine: Engine): Promise<readonly DeviceId[] | undefined> {
  const [row] = await engine.ports.store.all("SELECT value FROM settings WHERE key = 'known_devices'");
  const joined = row?.["value"];
  if (!(joined instanceof Uint8Array)) return undefined;
  const known = decodeKnownDevices(joined);
  return known.ok ? known.value : undefined;
}

/** None before anything was told: whoever links a device sees the list. */
export async function unknownDevices(engine: Engine): Promise<readonly ChainDevice[]> {
  const [known, chain] = [await knownIds(engine), engine.chains.known(engine.me.account)];
  if (known === undefined || chain === undefined) return [];
  return [...chain.devicesById.values()].filter(({ id }) => !known.some((other) => equalBytes(other, id)));
}

export function devicesTold(ids: readonly DeviceId[]): Statement {
  return setting("known_devices", encodeKnownDevices(ids));
}

export async function areDevicesTold(engine: Engine): Promise<boolean> {
  return (await knownIds(engine)) !== undefined;
}
