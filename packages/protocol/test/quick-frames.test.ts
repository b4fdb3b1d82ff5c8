import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import * as p from "@sotto/protocol";
import { filled, LOG } from "./samples.ts";

const request = (change: Partial<p.AppendRequest> = {}): p.AppendRequest => ({
  log: LOG,
  epoch: 3,
  token: filled(32, 1),
  entryId: p.toId(p.entryId, filled(16, 2)),
  kind: "message",
  tag: filled(32, 3),
  body: filled(1_100, 4),
  next: null,
  ...change,
});

const generally = (frame: Uint8Array): unknown => {
  const envelope = p.decodeRequestEnvelope(frame);
  if (!envelope.ok) return envelope;
  const read = p.readRequest(envelope.value, "anonymous");
  return read.ok ? { id: envelope.value.id, request: read.value.request } : read;
};

describe("the quick way in", () => {
  const frames = [0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1].map((id) => p.encodeRequest(id, "log.append", request()));
  const epochs = [0, 24, 2 ** 32, Number.MAX_SAFE_INTEGER].map((epoch) => p.encodeRequest(7, "log.append", request({ epoch })));
  const bodies = [1, 23, 24, 255, 256, 65_535, 65_536, p.LIMITS.messageBodyBytesMax].map((length) =>
    p.encodeRequest(7, "log.append", request({ body: filled(length, 5) })),
  );

  test("reads what the general way reads", () => {
    for (const frame of [...frames, ...epochs, ...bodies]) expect(p.readAppendFrame(frame)).toEqual(generally(frame));
  });

  test("leaves what is no append of a message to the general way", () => {
    const next = { read: filled(32, 8), write: filled(32, 9) };
    const others = [
      p.encodeRequest(7, "log.append", request({ kind: "handshake", next })),
      p.encodeRequest(7, "log.append", request({ next })),
      p.encodeRequest(7, "log.append", request({ body: filled(p.LIMITS.messageBodyBytesMax + 1, 5) })),
      p.encodeRequest(7, "log.unsubscribe", { log: LOG }),
      new Uint8Array(),
    ];
    for (const frame of others) expect(p.readAppendFrame(frame)).toBeUndefined();
  });

  test("takes nothing that the general way refuses, whichever byte is another one or missing", () => {
    const [frame = new Uint8Array()] = bodies;
    const wrong: [at: number, value: number][] = [];
    for (let at = 0; at < frame.length; at++) {
      for (const value of [0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x3b, 0x40, 0x58, 0x5f, 0x78, 0xf6, 0xff]) {
        const changed = Uint8Array.from(frame);
        changed[at] = value;
        const read = p.readAppendFrame(changed);
        if (read !== undefined && !isDeepStrictEqual(read, generally(changed))) wrong.push([at, value]);
      }
      expect(p.readAppendFrame(frame.subarray(0, at))).toBeUndefined();
    }
    expect(wrong).toEqual([]);
    expect(p.readAppendFrame(Uint8Array.of(...frame, 0))).toBeUndefined();
  });
});

describe("the quick way out", () => {
  test("keeps a request as the general way does", () => {
    const next = { read: filled(32, 8), write: filled(32, 9) };
    const kept = [request(), request({ epoch: 2 ** 40 }), request({ body: filled(70_000, 1) }), request({ kind: "handshake", next })];
    for (const one of kept) expect(p.encodeAppendRequest(one)).toEqual(p.encodeCbor(one));
  });

  test("answers as the general way does", () => {
    for (const seq of [1, 24, 70_000, 2 ** 40]) {
      const result = { outcome: "appended" as const, seq, acceptedAt: 1_700_000_000_000 + seq, receipt: filled(32, 6) };
      expect(p.writeAppended(seq % 2 ** 32, result)).toEqual(p.encodeAnswer(seq % 2 ** 32, "log.append", result));
    }
  });

  test("pushes as the general way does", () => {
    for (const entries of [
      [filled(1, 1)],
      [filled(23, 1), filled(24, 2), filled(70_000, 3)],
      Array.from({ length: 300 }, () => filled(200, 4)),
    ]) {
      expect(p.writeEntriesPush(LOG, entries)).toEqual(p.encodePush("log.entries", { log: LOG, entries }));
    }
  });
});
