/**
 * Outcomes: what a decoder or a check returns. A caller can act on a failure by its code; the message is a fixed sentence without user data,
 * so it can be logged.
 */
import { ERRORS, type ErrorCode } from "./error-codes.ts";

export type Failure = { readonly ok: false; readonly code: ErrorCode; readonly message: string };
export type Success<T> = { readonly ok: true; readonly value: T };
export type Outcome<T> = Success<T> | Failure;

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function failure(code: ErrorCode): Failure {
  return { ok: false, code, message: ERRORS[code].message };
}

/** Thrown by encoders for a value that no correct caller passes: a mistake in the program, never the effect of input. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly code: ErrorCode;
  constructor(code: ErrorCode, options?: { readonly cause?: unknown }) {
    super(ERRORS[code].message, options);
    this.code = code;
  }
}

/** The value of a success; throws {@link ProtocolError} for a failure. For values that the program itself made. */
export function expectSuccess<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new ProtocolError(outcome.code);
}
