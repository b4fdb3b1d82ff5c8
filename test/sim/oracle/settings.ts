/** What must hold after a hard life beside the rest: what disappears is gone, rules of groups hold, own devices agree on what was set. */
import { cborLimits, decodeCbor } from "@sotto/protocol";
import type { Device } from "../world/device.ts";
import type { World } from "../world/world.ts";
import type { Said } from "./ledger.ts";
import { accountOf, type Seat } from "./views.ts";

export async function examineSettings(world: World, seats: readonly Seat[]): Promise<void> {
  for (const device of world.members) examineDisappeared(world, device);
  for (const { devices } of world.people) {
    examineOwn(
      world,
      devices.filter((device) => world.members.includes(device)),
    );
  }
  for (const { target } of world.ledger.revocations.values()) examineRevoked(world, target);
  examineTimers(world);
  for (const inLog of Map.groupBy(seats, ({ key }) => key).values()) {
    examineRules(world, inLog);
    await examineGroup(world, inLog);
  }
}

const WORDS = [
  "SELECT text AS words FROM messages WHERE kind <> 'system'",
  "SELECT content AS words FROM messages WHERE kind <> 'system' AND content IS NOT NULL",
  "SELECT draft AS words FROM outbox",
  "SELECT draft AS words FROM sent",
  "SELECT content AS words FROM traces",
  "SELECT evidence AS words FROM traces",
  "SELECT items AS words FROM history_held",
  "SELECT text AS words FROM drafts",
  "SELECT value AS words FROM own_settings",
  "SELECT item AS words FROM own_due",
];

/** No message is left whose time is over, and no word of one that is gone. */
function examineDisappeared(world: World, device: Device): void {
  const left = device.disk.rows(
    "SELECT hex(message_id) AS id, expires_at FROM messages WHERE expires_after IS NOT NULL AND seq IS NOT NULL",
  );
  for (const { id, expires_at: at } of left)
    world.problem(`${device.name} keeps ${String(id).slice(0, 8)}, which was to disappear (${String(at)})`);
  const rows = WORDS.flatMap((sql) => device.disk.rows(sql).map(({ words }) => ({ sql, words })));
  const gone = new Set(device.watch.gone.map(({ messageId }) => messageId));
  const tokens = world.ledger.said.filter((said) => gone.has(said.target ?? messageIdOf(world, said) ?? "")).map(({ token }) => token);
  for (const { sql, words } of rows) {
    const bytes = words instanceof Uint8Array ? Buffer.from(words) : Buffer.from(String(words));
    for (const token of tokens) if (bytes.includes(token)) world.problem(`${device.name} keeps ${token}, which is gone: ${sql}`);
  }
}

/** In hex, as the device knows it that said it; undefined if it was never sent. */
function messageIdOf(world: World, { by, localId }: Said): string | undefined {
  const device = world.devices.find(({ name }) => name === by);
  const gone = device?.watch.gone.find((one) => one.localId === localId);
  const [row] = device?.disk.rows("SELECT lower(hex(message_id)) AS id FROM messages WHERE lower(hex(local_id)) = ?", [localId]) ?? [];
  return gone?.messageId ?? (typeof row?.["id"] === "string" ? row["id"] : undefined);
}

/** Whoever was put out learns nothing any more. */
function examineRevoked(world: World, device: Device): void {
  const words = WORDS.flatMap((sql) =>
    device.disk.rows(sql).map((row) => Buffer.from(row["words"] instanceof Uint8Array ? row["words"] : String(row["words"]))),
  );
  for (const word of world.ledger.lastWords) {
    if (words.some((bytes) => bytes.includes(word))) world.problem(`${device.name} was put out and knows ${word}`);
  }
}

/** A message has the same time on all devices. */
function examineTimers(world: World): void {
  const gone = world.devices.flatMap(({ name, watch }) => watch.gone.map((one) => ({ name, ...one })));
  for (const [id, all] of Map.groupBy(gone, ({ messageId }) => messageId)) {
    if (new Set(all.map(({ expiresAfter }) => expiresAfter)).size > 1)
      world.problem(`${id.slice(0, 8)} has different times: ${all.map(({ name, expiresAfter }) => `${name} ${expiresAfter}`).join(", ")}`);
  }
}

const SHARED = "SELECT key, hex(subject) AS subject, hex(value) AS value FROM own_settings ORDER BY key, subject";
const MARKS = `SELECT hex(p.group_id) AS id, c.muted_until, c.is_pinned, coalesce(d.text, '') AS draft FROM conversations c
  JOIN places p ON p.log = c.log LEFT JOIN drafts d ON d.log = c.log WHERE c.kind <> 'self' ORDER BY p.group_id`;
const BLOCKED = "SELECT hex(account) AS account FROM contacts WHERE is_blocked = 1 ORDER BY account";

const differing = (some: readonly string[] = [], others: readonly string[] = []): string[] => some.filter((one) => !others.includes(one));

/** All own devices have the same settings, with the same effect. */
function examineOwn(world: World, devices: readonly Device[]): void {
  const [first, second] = devices.filter(({ client }) => client?.whoAmI() !== undefined);
  if (first === undefined || second === undefined) return;
  for (const sql of [SHARED, BLOCKED]) {
    const [one, other] = [first, second].map(({ disk }) => disk.rows(sql).map((row) => Object.values(row).join(" ")));
    const unlike = [...differing(one, other), ...differing(other, one)];
    if (unlike.length > 0) world.problem(`${first.name} and ${second.name} have set different things: ${unlike.join("; ").slice(0, 500)}`);
  }
  const marks = new Map(first.disk.rows(MARKS).map(({ id, ...marked }) => [id, Object.values(marked).join(" ")]));
  for (const { id, ...marked } of second.disk.rows(MARKS)) {
    const [here, there] = [marks.get(id), Object.values(marked).join(" ")];
    if (here !== undefined && here !== there)
      world.problem(`${first.name} has ${here} for ${String(id).slice(0, 8)}, ${second.name} ${there}`);
  }
}

/** All members agree on what may be done. */
async function examineGroup(world: World, seats: readonly Seat[]): Promise<void> {
  const infos = new Map<string, string>();
  for (const { device, log, members } of seats) {
    if (members.length === 0 || device.client === undefined) continue;
    const { policy, timerSeconds, members: ranked } = await device.client.groups.info(log);
    const roles = ranked.map(({ account, role }) => `${Buffer.from(account).toString("hex")} ${role}`).toSorted();
    infos.set(device.name, JSON.stringify([policy, timerSeconds, roles]));
  }
  if (new Set(infos.values()).size > 1) world.problem(`${seats[0]?.key.slice(0, 6) ?? ""}: ${JSON.stringify([...infos])}`);
}

const RANKS = { member: 0, admin: 1, owner: 2 } as const;

type Fact = { readonly seq: number; readonly sender: string; readonly form: readonly unknown[] };

function factsIn(seats: readonly Seat[]): Fact[] {
  const facts = new Map<number, Fact>();
  for (const { device, log } of seats) {
    for (const { seq, sender, content } of device.disk.rows("SELECT seq, sender, content FROM messages WHERE log = ? AND kind = 'system'", [
      log,
    ])) {
      const decoded = content instanceof Uint8Array ? decodeCbor(content, cborLimits(100_000)) : undefined;
      const form: unknown = decoded?.ok === true ? decoded.value : undefined;
      // Whoever is put out is not told who has which role then.
      const known = typeof seq === "number" ? listIn(facts.get(seq)?.form[4]).length : 0;
      if (typeof seq === "number" && sender instanceof Uint8Array && Array.isArray(form) && listIn(form[4]).length >= known)
        facts.set(seq, { seq, sender: Buffer.from(sender).toString("hex"), form });
    }
  }
  return [...facts.values()].toSorted((a, b) => a.seq - b.seq);
}

const hexIn = (value: unknown): string => (value instanceof Uint8Array ? Buffer.from(value).toString("hex") : "");
const listIn = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Nobody did what their role forbids, whatever the policy of the group says: roles, rules, and taking out somebody of the same rank or a higher one. */
function examineRules(world: World, seats: readonly Seat[]): void {
  const [first] = seats;
  const founder = world.people.find(({ username }) => username === world.ledger.founders.get(first?.key ?? ""));
  const device = founder?.devices[0];
  if (first === undefined || device === undefined) return;
  const ranks = new Map<string, number>([[accountOf(device), RANKS.owner]]);
  const rankOf = (account: string): number => ranks.get(account) ?? RANKS.member;
  const facts = factsIn(seats);
  for (const { seq, sender, form } of facts) {
    // [ version, added, removed, left, changes ], see packages/client/src/groups/commit-facts.ts
    const [, , removed, left, changes] = form;
    const own = rankOf(sender);
    const tell = (what: string): void => world.problem(`${first.key.slice(0, 6)}: ${sender.slice(0, 6)} ${what} at ${seq}`);
    const gone = [...listIn(removed), ...listIn(left)].map(hexIn);
    for (const account of listIn(removed).map(hexIn)) {
      if (account !== sender && own <= rankOf(account) && own !== RANKS.owner) tell(`removes ${account.slice(0, 6)}, who is not below,`);
    }
    for (const account of gone) ranks.delete(account);
    for (const change of listIn(changes)) {
      const [kind, who, rank] = listIn(change);
      if (kind === "policy" && own !== RANKS.owner) tell("changes the policy");
      if (kind !== "role" || typeof rank !== "number") continue;
      const account = hexIn(who);
      const isHeir = gone.length > 0 && rank === RANKS.owner;
      const isAllowed = own === RANKS.owner || (own === RANKS.admin && rankOf(account) < RANKS.owner && rank < RANKS.owner);
      if (!isHeir && !isAllowed) tell(`makes somebody ${rank}`);
      ranks.set(account, rank);
    }
  }
}
