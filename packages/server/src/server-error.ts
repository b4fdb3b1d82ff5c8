/** The one error of this package: a stable code of the protocol, its sentence, and a cause. It holds no user data, so it can be logged. */
import { type ErrorCode, ERRORS } from "@sotto/protocol";

export class ServerError extends Error {
  override readonly name = "ServerError";
  readonly code: ErrorCode;
  constructor(code: ErrorCode, options?: { readonly cause?: unknown }) {
    super(ERRORS[code].message, options);
    this.code = code;
  }
}

/** The code to answer for whatever was thrown. Only codes leave the server, never the text of an error of a library. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof ServerError ? error.code : "server_failed";
}
