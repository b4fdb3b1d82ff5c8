/** What each connection of a device asks: taken down between its engine and the network. */
import type { Transport } from "@sotto/client";
import { accountIdToText, type AnyRequest, type Connection, decodeRequestEnvelope, idToText, readRequest } from "@sotto/protocol";

export type Recorded = {
  readonly kind: Connection;
  readonly asked: AnyRequest[];
  isClosed: boolean;
};

export class Frames {
  readonly connections: Recorded[] = [];

  over(transport: Transport): Transport {
    return {
      origin: transport.origin,
      open: (kind, events) => {
        const recorded: Recorded = { kind, asked: [], isClosed: false };
        this.connections.push(recorded);
        const onClosed: typeof events.onClosed = (why) => {
          recorded.isClosed = true;
          events.onClosed(why);
        };
        const channel = transport.open(kind, { ...events, onClosed });
        return {
          send: (frame) => {
            recorded.asked.push(requestIn(frame, kind));
            channel.send(frame);
          },
          close: () => {
            recorded.isClosed = true;
            channel.close();
          },
        };
      },
    };
  }

  anonymous(): Recorded[] {
    return this.connections.filter(({ kind }) => kind === "anonymous");
  }
}

function requestIn(frame: Uint8Array, kind: Connection): AnyRequest {
  const envelope = decodeRequestEnvelope(frame);
  const read = envelope.ok ? readRequest(envelope.value, kind) : envelope;
  if (!read.ok) throw new Error(`a frame that no server takes: ${read.code}`);
  return read.value;
}

/** Text forms of the logs that requests name. */
export function logsIn(asked: readonly AnyRequest[]): string[] {
  return asked.flatMap(({ request }) => ("log" in request ? [idToText(request.log)] : []));
}

/** Text forms of the accounts, and usernames. */
export function peopleIn(asked: readonly AnyRequest[]): string[] {
  return asked.flatMap(({ request }) => {
    if ("account" in request) return [accountIdToText(request.account)];
    return "username" in request && request.username !== null ? [request.username] : [];
  });
}
