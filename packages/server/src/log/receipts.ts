/** Receipts (spec/log.md §Receipts): HMAC-SHA256 with the hub key, which never leaves the server. */
import { createHmac, createSecretKey } from "node:crypto";
import { receiptBytes, type ReceiptFacts } from "@sotto/protocol";

export type ReceiptOf = (facts: ReceiptFacts) => Uint8Array;

export function createReceipts(hubKey: Uint8Array): ReceiptOf {
  const key = createSecretKey(hubKey);
  return (facts) => new Uint8Array(createHmac("sha256", key).update(receiptBytes(facts)).digest());
}
