/** A person takes their other device out of the account: once in a life, and again until it is done. */
import { type DeviceId, equalBytes } from "@sotto/protocol";
import type { Device } from "../world/device.ts";
import type { Deed, Doing, Possible } from "./deed.ts";

/** Undefined for one that is only about to come in, and does not know it yet. */
async function otherDevice({ client }: Doing, other: Device): Promise<DeviceId | undefined> {
  const [row] = other.disk.rows("SELECT value FROM settings WHERE key = 'account'");
  const account = client.whoAmI()?.account;
  const isIn = account !== undefined && row?.["value"] instanceof Uint8Array && equalBytes(account, row["value"]);
  return isIn ? (await client.devices.list()).find(({ isThis }) => !isThis)?.id : undefined;
}

const REVOKE: Deed = async (doing) => {
  const { world, person, device, client } = doing;
  const { revocations, secrets } = world.ledger;
  const other = person.devices.find((one) => one !== device);
  const begun = revocations.get(person.username);
  if (other === undefined || (begun !== undefined && begun.by !== device)) return "nothing to revoke";
  const id = begun?.id ?? (await otherDevice(doing, other));
  if (id === undefined) return "nothing to revoke";
  const now = revocations.get(person.username);
  if (now !== undefined && now.by !== device) return "the other one was first";
  revocations.set(person.username, { by: device, target: other, id, isDone: false });
  const { recoveryKey } = await client.devices.revoke(id);
  secrets.push(recoveryKey);
  revocations.set(person.username, { by: device, target: other, id, isDone: true });
  return `${other.name} is out`;
};

export const REVOKING: readonly Possible[] = [[2, "revoke", REVOKE]];
