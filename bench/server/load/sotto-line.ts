/**
 * A connection to Sotto's server: an anonymous WebSocket, subscribed to one log with a read token, appending with a write token. Everybody is
 * subscribed, senders too, as clients are. Frames are made once; only ids and stamps change.
 */
import { randomBytes, createHash } from "node:crypto";
import {
  capabilityHash,
  CONNECTION_PATHS,
  encodeRequest,
  entryId,
  type FrameOperation,
  type LogId,
  logId,
  type RequestOf,
  SUBPROTOCOL,
  toId,
} from "@sotto/protocol";
import { type Line, openTcp, secure, Talk, workingLine } from "./line.ts";
import { BODY, digitsAt, writeStamp } from "./stamp.ts";

/** A client has to mask; a mask of zeros leaves the bytes as they are. */
function masked(payload: Uint8Array): Buffer {
  const long = payload.length > 125;
  const head = long
    ? Buffer.from([0x82, 0xfe, payload.length >> 8, payload.length & 0xff, 0, 0, 0, 0])
    : Buffer.from([0x82, 0x80 | payload.length, 0, 0, 0, 0]);
  return Buffer.concat([head, payload]);
}

const bytesFrom = (text: string, length: number): Uint8Array =>
  new Uint8Array(createHash("sha256").update(text).digest().subarray(0, length));

type LogKeys = { readonly log: LogId; readonly read: Uint8Array; readonly write: Uint8Array };

function keysOf(name: string): LogKeys {
  return { log: toId(logId, bytesFrom(`log ${name}`, 16)), read: bytesFrom(`read ${name}`, 32), write: bytesFrom(`write ${name}`, 32) };
}

const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 15_000;

/** Five bytes in CBOR from here on, so that frames keep their length. */
const FIRST_ID = 0x1_0000;

function appendFrames({ log, write }: LogKeys): (stamp: number) => Buffer {
  const entry = toId(entryId, new Uint8Array(randomBytes(16)));
  const body = new TextEncoder().encode(BODY);
  const request = {
    log,
    epoch: 0,
    token: write,
    entryId: entry,
    kind: "message" as const,
    tag: new Uint8Array(32).fill(7),
    body,
    next: null,
  };
  const template = masked(encodeRequest(FIRST_ID, "log.append", request));
  const [idAt, entryAt, stampAt] = [template.indexOf(Uint8Array.of(0x84, 0, 0x1a)) + 3, template.indexOf(entry), digitsAt(template)];
  let id = FIRST_ID;
  return (stamp) => {
    const frame = Buffer.from(template);
    frame.writeUInt32BE(id++, idAt);
    frame.writeUInt32BE(id, entryAt);
    writeStamp(frame, stampAt, stamp);
    return frame;
  };
}

export async function openSotto(at: {
  readonly port: number;
  readonly isPlain: boolean;
  readonly index: number;
  readonly name: string;
  readonly isFirst: boolean;
}): Promise<Line> {
  const tcp = await openTcp(at.port, at.index);
  const socket = at.isPlain ? tcp : await secure(tcp);
  const talk = new Talk(socket);
  const key = randomBytes(16).toString("base64");
  talk.say(
    `GET ${CONNECTION_PATHS.anonymous} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: ${SUBPROTOCOL}\r\n\r\n`,
  );
  await talk.until("anonymous.hello");
  const ask = <Name extends FrameOperation>(id: number, operation: Name, request: RequestOf<Name>): void =>
    talk.say(masked(encodeRequest(id, operation, request)));
  const keys = keysOf(at.name);
  const { log, read, write } = keys;
  if (at.isFirst) {
    const hashes = { read: capabilityHash(log, read), write: capabilityHash(log, write) };
    ask(1, "log.create", { log, epoch: 0, hashes, payment: [] });
    await talk.until("created");
  }
  ask(2, "log.subscribe", { log, epoch: 0, token: read, from: 1 });
  await talk.until("log.live");
  // The server asks by pings who is still there; a pong that nobody asked for is an answer too (RFC 6455 §5.5.3).
  setInterval(() => socket.write(PONG), PONG_MS).unref();
  return workingLine(socket, talk, appendFrames(keys));
}
