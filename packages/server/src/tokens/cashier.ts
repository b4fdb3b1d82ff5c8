/**
 * Takes payments (spec/server.md §Payment). A spent token is remembered with a keyed hash of what it paid for: the same request again, after a
 * lost answer, is not a second use. Tokens are blind, so this links to no account.
 */
import { createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type AnonymousToken, equalBytes, failure, type Outcome, success } from "@sotto/protocol";
import { bytesAt } from "../sqlite/columns.ts";
import type { GroupCommit } from "../sqlite/group-commit.ts";
import type { TokenKeys } from "./token-keys.ts";

export interface Cashier {
  /** Takes at least `count` tokens for this purpose, all or none; nothing where no payment is asked for. */
  take(payment: readonly AnonymousToken[], price: { readonly count: number; readonly purpose: Uint8Array }): Promise<Outcome<null>>;
}

export const freeOfCharge: Cashier = { take: () => Promise.resolve(success(null)) };

export type CashierOptions = {
  readonly database: DatabaseSync;
  readonly commit: GroupCommit;
  readonly keys: TokenKeys;
  /** Under which purposes are hashed. */
  readonly purposeKey: Uint8Array;
};

export function createCashier({ database, commit, keys, purposeKey }: CashierOptions): Cashier {
  const find = database.prepare("SELECT purpose FROM spent WHERE nonce = ?");
  const insert = database.prepare("INSERT INTO spent VALUES (?, ?, ?)");
  return {
    take: async (payment, { count, purpose }) => {
      if (payment.length < count) return failure("payment_required");
      const tokens = payment.slice(0, count);
      const areDistinct = new Set(tokens.map(({ nonce }) => Buffer.from(nonce).toString("hex"))).size === count;
      if (!areDistinct || !tokens.every((token) => keys.isGenuine(token))) return failure("payment_invalid");
      const hashed = createHmac("sha256", purposeKey).update("payment").update(purpose).digest();
      return commit.run((): Outcome<null> => {
        const rows = tokens.map((token) => ({ token, row: find.get(token.nonce) }));
        if (rows.some(({ row }) => row !== undefined && !equalBytes(bytesAt(row, "purpose"), hashed))) return failure("payment_spent");
        for (const { token, row } of rows) if (row === undefined) insert.run(token.nonce, token.key, hashed);
        return success(null);
      });
    },
  };
}
