/** What each connection of a device asks: taken down between its engine and the network. */
import type { Transport } from "@sotto/client";
import { accountIdToText, type AnyRequest, type Connection, decodeRequestEnvelope, readRequest } from "@sotto/protocol";

type Recorded = {
  readonly kind: Connection;
  readonly asked: AnyRequest[];
};

export class Frames {
  readonly connections: Recorded[] = [];

  over(transport: Transport): Transport {
    return {
      origin: transport.origin,
      open: (kind, events) => {
        const recorded: Recorded = { kind, asked: [] };
        this.connections.push(recorded);
        const channel = transport.open(kind, events);
        return {
          send: (frame) => {
            recorded.asked.push(requestIn(frame, kind));
            channel.send(frame);
          },
          close: () => channel.close(),
        };
      },
    };
  }
}

function requestIn(frame: Uint8Array, kind: Connection): AnyRequest {
  const envelope = decodeRequestEnvelope(frame);
  const read = envelope.ok ? readRequest(envelope.value, kind) : envelope;
  if (!read.ok) throw new Error(`a frame that no server takes: ${read.code}`);
  return read.value;
}

/** Text forms of the accounts, and usernames. */
export function peopleIn(asked: readonly AnyRequest[]): string[] {
  return asked.flatMap(({ request }) => {
    if ("account" in request) return [accountIdToText(request.account)];
    return "username" in request && request.username !== null ? [request.username] : [];
  });
}
