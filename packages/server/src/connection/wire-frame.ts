/**
 * A WebSocket message as a server writes it (RFC 6455 §5.2): one final binary frame, not masked, the length in its shortest form.
 *
 *   0x82 ‖ length[1], or 126 ‖ length[2], or 127 ‖ length[8] ‖ payload
 */
const FINAL_BINARY = 0x82;

/** The last one: a push to many is asked for once for each of them. */
let last: { readonly payload: Uint8Array; readonly frame: Buffer } | undefined;

/** The payload must not change afterwards. */
export function wireFrame(payload: Uint8Array): Buffer {
  if (last?.payload === payload) return last.frame;
  const { length } = payload;
  const headBytes = length < 126 ? 2 : length < 0x1_0000 ? 4 : 10;
  const frame = Buffer.allocUnsafe(headBytes + length);
  frame[0] = FINAL_BINARY;
  if (headBytes === 2) frame[1] = length;
  else if (headBytes === 4) frame.writeUInt16BE(length, frame.writeUInt8(126, 1));
  else frame.writeUIntBE(length, frame.writeUInt16BE(0, frame.writeUInt8(127, 1)), 6);
  frame.set(payload, headBytes);
  last = { payload, frame };
  return frame;
}
