/** Key packages of this device: made and stored before they are published, since whoever takes one counts on the private half being here. */
import { decodeStoredKeyPackage, encodeStoredKeyPackage, makeKeyPackage, type StoredKeyPackage } from "@sotto/core";
import { orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Statement } from "../ports.ts";
import type { Line } from "../net/line.ts";
import { bytesIn, numberIn, setting, sql } from "../store/statements.ts";

const WANTED = 40;
const REFILL_BELOW = 20;

export type KeptKeyPackage = { readonly id: number; readonly stored: StoredKeyPackage; readonly isPublished: boolean };

/** Without those that cannot be read: an invitation to one of them finds no key here, and the others still do. */
export async function loadKeyPackages(engine: Engine): Promise<KeptKeyPackage[]> {
  const rows = await engine.ports.store.all("SELECT id, stored, is_published FROM key_packages ORDER BY id");
  return rows.flatMap((row) => {
    const stored = decodeStoredKeyPackage(bytesIn(row, "stored"), engine.self, engine.context);
    return stored.ok ? [{ id: numberIn(row, "id"), stored: stored.value, isPublished: numberIn(row, "is_published") === 1 }] : [];
  });
}

/** The server was set back: it hands out again what was used, and whose private halves are gone. All of it is to be replaced. */
export function staleKeyPackages(): Statement {
  return setting("key_packages_stale", 1);
}

export async function areKeyPackagesStale(engine: Engine): Promise<boolean> {
  return (await engine.ports.store.all("SELECT 1 FROM settings WHERE key = 'key_packages_stale'")).length > 0;
}

/** Publishes what is missing at the server. What was stored and not published, after a crash, goes first. */
export async function supplyKeyPackages(engine: Engine, line: Line): Promise<void> {
  const quotas = await line.ask("account.quotas", {});
  const isUsed = (await engine.ports.store.all("SELECT 1 FROM settings WHERE key = 'last_resort_used'")).length > 0;
  const replacesAll = await areKeyPackagesStale(engine);
  if (!quotas.ok || (quotas.value.keyPackages >= REFILL_BELOW && quotas.value.hasLastResort && !isUsed && !replacesAll)) return;
  const waiting = (await loadKeyPackages(engine)).filter(({ isPublished }) => !isPublished);
  const missing = WANTED - (replacesAll ? 0 : quotas.value.keyPackages) - waiting.filter(({ stored }) => !stored.isLastResort).length;
  const lastResortMissing = (!quotas.value.hasLastResort || isUsed) && !waiting.some(({ stored }) => stored.isLastResort);
  const kinds = [...Array.from({ length: Math.max(0, missing) }, () => false), ...(lastResortMissing ? [true] : [])];
  const made = kinds.map((lastResort) => orThrow(makeKeyPackage(engine.self, { lastResort }, engine.context)));
  const insert = "INSERT INTO key_packages (stored, is_last_resort, is_published) VALUES (?, ?, 0)";
  await engine.ports.store.write(made.map((stored) => sql(insert, encodeStoredKeyPackage(stored), stored.isLastResort ? 1 : 0)));
  const unpublished = (await loadKeyPackages(engine)).filter(({ isPublished }) => !isPublished);
  const packages = unpublished.filter(({ stored }) => !stored.isLastResort).map(({ stored }) => stored.message);
  const lastResort = unpublished.findLast(({ stored }) => stored.isLastResort)?.stored.message ?? null;
  const uploaded = await line.ask("keyPackages.upload", { packages, lastResort, replacesAll });
  if (!uploaded.ok) return;
  await engine.ports.store.write([
    ...unpublished.map(({ id }) => sql("UPDATE key_packages SET is_published = 1 WHERE id = ?", id)),
    ...(replacesAll ? [sql("DELETE FROM settings WHERE key = 'key_packages_stale'")] : []),
    // The one that was used gave its place to the new one; its keys stay for invitations that are on their way.
    ...(lastResort === null ? [] : [sql("DELETE FROM settings WHERE key = 'last_resort_used'")]),
  ]);
}
