/**
 * An invitation that does not open because the private half of its key package is gone (spec/groups.md §Returning): a server that was set back hands
 * out what was used before. The device replaces its key packages and asks who invited it, and they put it into the group anew.
 *
 * Strangers hear nothing: an answer would tell them that somebody is there.
 */
import { type DeviceAddress, isActive, memberDevices } from "@sotto/core";
import { type AccountId, equalBytes, type LogId } from "@sotto/protocol";
import { areKeyPackagesStale, staleKeyPackages, supplyKeyPackages } from "../account/key-packages.ts";
import type { Engine } from "../engine.ts";
import { encodePlan } from "../groups/plan.ts";
import type { Line } from "../net/line.ts";
import type { Statement } from "../ports.ts";
import { enqueue } from "../send/outbox.ts";
import { newLocalId } from "../store/local-id.ts";
import { allPlaces, type Place } from "../store/places.ts";
import { numberIn, setting } from "../store/statements.ts";
import { noteStatements } from "./notes.ts";

/** Whoever sends invitations that do not open cannot make this device work more often. */
const REPLACED_AT_MOST_EVERY_MS = 3_600_000;
const REPLACED_AT = "key_packages_replaced_at";

async function isHeard(engine: Engine, inviter: AccountId): Promise<boolean> {
  if (equalBytes(inviter, engine.me.account)) return true;
  const select = `SELECT 1 FROM conversations c LEFT JOIN contacts p ON p.account = ? WHERE c.status = 'active' AND (c.peer = ? OR c.inviter = ?)
    AND coalesce(p.is_blocked, 0) = 0 LIMIT 1`;
  return (await engine.ports.store.all(select, [inviter, inviter, inviter])).length > 0;
}

async function replaceKeyPackages(engine: Engine, line: Line): Promise<void> {
  const { store } = engine.ports;
  const [row] = await store.all("SELECT value FROM settings WHERE key = ?", [REPLACED_AT]);
  const { now } = engine.context;
  if (row !== undefined && Math.abs(now - numberIn(row, "value")) < REPLACED_AT_MOST_EVERY_MS) return;
  await store.write([staleKeyPackages()]);
  await supplyKeyPackages(engine, line);
  if (!(await areKeyPackagesStale(engine))) await store.write([setting(REPLACED_AT, now)]);
}

/** What goes with passing an invitation that did not open. The note leaves only after the key packages were replaced. */
export async function askForAnother(
  engine: Engine,
  line: Line | undefined,
  { from, log }: { readonly from: DeviceAddress; readonly log: LogId },
): Promise<Statement[]> {
  if (line === undefined || !(await isHeard(engine, from.account))) return [];
  await replaceKeyPackages(engine, line);
  return noteStatements(engine, log, { to: [from], note: { kind: "reinvite", log } });
}

/** The conversation in that log, if this device is in it with the one who asks. */
export async function placeToReinvite(engine: Engine, sender: DeviceAddress, log: LogId): Promise<Place | undefined> {
  const place = (await allPlaces(engine.ports.store)).find(({ anchor, log: name }) => equalBytes(anchor, log) || equalBytes(name, log));
  if (place === undefined || place.isRejoining) return undefined;
  const conversation = await engine.conversations.get(place.log);
  const isIn = memberDevices(conversation).some(({ device }) => equalBytes(device, sender.device));
  return isActive(conversation) && isIn ? place : undefined;
}

/** A commit that takes the device out and adds it with a new key package. */
export function reinvite(engine: Engine, log: LogId, device: DeviceAddress): Statement {
  return enqueue({ log, localId: newLocalId(engine.context), kind: "commit", draft: encodePlan({ kind: "replace", devices: [device] }) });
}
