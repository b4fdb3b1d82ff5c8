import { expect, test } from "vitest";
import * as p from "@sotto/protocol";
import { ENTRIES, filled, LOG } from "../../test/samples.ts";

const [message, handshake] = ENTRIES;

test("a message is smaller than a handshake may be", () => {
  const body = filled(p.LIMITS.messageBodyBytesMax + 1, 0);
  if (message === undefined || handshake === undefined) throw new Error("no samples");
  expect(() => p.encodeEntry({ ...message, body })).toThrow(p.ProtocolError);
  expect(p.decodeEntry(p.encodeEntry({ ...handshake, body })).ok).toBe(true);
  const disguised = p.encodeEntry({ ...handshake, body }).map((byte, i) => (i === 11 ? 0 : byte));
  expect(p.decodeEntry(disguised)).toMatchObject({ code: "log_entry_invalid" });
});

test("the largest padded content fits into a message with room for MLS", () => {
  expect(p.LIMITS.messageBodyBytesMax - (p.SIZE_CLASSES.at(-1) ?? 0)).toBeGreaterThan(4096);
});

test("the largest handshake fits into a frame and a push", () => {
  if (handshake === undefined) throw new Error("no samples");
  const entry = p.encodeEntry({ ...handshake, body: filled(p.LIMITS.handshakeBodyBytesMax, 0) });
  const push = p.encodePush("log.entries", { log: LOG, entries: [entry] });
  expect(push.length).toBeLessThanOrEqual(p.LIMITS.frameBytesMax);
  expect(p.decodeServerFrame(push).ok).toBe(true);
});

test("a token opens its log only", () => {
  const token = filled(32, 7);
  const other = p.toId(p.logId, filled(16, 9));
  const hash = p.capabilityHash(LOG, token);
  expect(p.isCapability(hash, LOG, token)).toBe(true);
  expect(p.isCapability(hash, other, token)).toBe(false);
  expect(p.isCapability(hash, LOG, filled(32, 8))).toBe(false);
});

test("the two kinds of connection share no operation", () => {
  const envelope = p.expectSuccess(p.decodeRequestEnvelope(p.encodeRequest(1, "log.unsubscribe", { log: LOG })));
  expect(p.readRequest(envelope, "anonymous")).toMatchObject({ ok: true });
  expect(p.readRequest(envelope, "account")).toMatchObject({ code: "operation_unknown" });
});

test("codes that are not known here are told from broken answers", () => {
  const later = p.encodeCbor([2, 1, "log_melted", null]);
  expect(p.decodeServerFrame(later)).toMatchObject({ ok: true, value: { type: "error", code: "code_unknown" } });
});
