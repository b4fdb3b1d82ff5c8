/** How the operations of the API table are answered: one function each, typed by the table. */
import type { Failure, FrameOperation, Outcome, RequestOf, ResponseOf } from "@sotto/protocol";
import type { Peer } from "./peer.ts";

/** A failure after which waiting helps. */
export type Delayed = Failure & { readonly retryAfterMs: number };

export type Answer<Name extends FrameOperation> = Outcome<ResponseOf<Name>> | Delayed;
export type Handler<Name extends FrameOperation> = (request: RequestOf<Name>, peer: Peer) => Answer<Name> | Promise<Answer<Name>>;
export type HandlersOf<Names extends FrameOperation> = { readonly [Name in Names]: Handler<Name> };
export type Handlers = HandlersOf<FrameOperation>;

export type NamesWith<Prefix extends string> = Extract<FrameOperation, `${Prefix}.${string}`>;
