/** People of imported history: one person can be known to several services. Several become one only when somebody says so. */
import type { ArchivePerson } from "@sotto/protocol";
import type { Store } from "../ports.ts";
import { bytesIn, numberIn, optionalBytes, sql } from "../store/statements.ts";
import { ClientError } from "../client-error.ts";
import { personFrom } from "./archive-reading.ts";

export type ArchivePersonView = ArchivePerson & { readonly messages: number };

export class ArchivePeople {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async list(): Promise<ArchivePersonView[]> {
    const select = `SELECT p.*, coalesce(c.count, 0) AS messages FROM archive_people p
      LEFT JOIN (SELECT sender, count(*) AS count FROM messages WHERE state = 'imported' GROUP BY sender) c ON c.sender = p.person
      ORDER BY messages DESC, p.person`;
    return (await this.#store.all(select)).map((row) => ({ ...personFrom(row), messages: numberIn(row, "messages") }));
  }

  /** The person and all who were made one with them. Throws {@link ClientError} `person_unknown`. */
  async together(person: Uint8Array): Promise<Uint8Array[]> {
    const root = await this.#root(person);
    const rows = await this.#store.all("SELECT person FROM archive_people WHERE person = ? OR merged_into = ?", [root, root]);
    return rows.map((row) => bytesIn(row, "person"));
  }

  async #root(person: Uint8Array): Promise<Uint8Array> {
    const [row] = await this.#store.all("SELECT person, merged_into FROM archive_people WHERE person = ?", [person]);
    if (row === undefined) throw new ClientError("person_unknown");
    return optionalBytes(row, "merged_into") ?? bytesIn(row, "person");
  }

  /** From now on `other` and all who are one with them are the same as `person`. */
  async merge(person: Uint8Array, other: Uint8Array): Promise<void> {
    const [into, from] = [await this.#root(person), await this.#root(other)];
    if (into.every((byte, index) => byte === from[index])) return;
    await this.#store.write([sql("UPDATE archive_people SET merged_into = ? WHERE person = ? OR merged_into = ?", into, from, from)]);
  }

  async split(person: Uint8Array): Promise<void> {
    await this.#store.write([sql("UPDATE archive_people SET merged_into = NULL WHERE person = ?", person)]);
  }

  async markAsMe(person: Uint8Array): Promise<void> {
    const service = "SELECT service FROM archive_people WHERE person = ?";
    await this.#store.write([
      sql(`UPDATE archive_people SET is_me = 0 WHERE service = (${service})`, person),
      sql("UPDATE archive_people SET is_me = 1 WHERE person = ?", person),
    ]);
  }

  /** Pairs of different services and one name: worth asking about, and never merged by themselves. */
  async suggestions(): Promise<(readonly [ArchivePerson, ArchivePerson])[]> {
    const people = (await this.list()).filter(({ isPlaceholder, name }) => !isPlaceholder && name !== "");
    const byName = new Map<string, ArchivePersonView[]>();
    for (const person of people) {
      const name = person.name.normalize("NFKC").toLowerCase().trim();
      byName.set(name, [...(byName.get(name) ?? []), person]);
    }
    const isOne = (a: ArchivePerson, b: ArchivePerson): boolean => (a.mergedInto ?? a.id) === (b.mergedInto ?? b.id);
    return [...byName.values()].flatMap(([first, ...others]) =>
      first === undefined
        ? []
        : others.filter((other) => other.service !== first.service && !isOne(first, other)).map((other) => [first, other] as const),
    );
  }
}
