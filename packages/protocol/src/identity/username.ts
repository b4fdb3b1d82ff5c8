/**
 * Usernames (spec/identity.md §Usernames): 3 to 32 of a-z, 0-9 and _, starting with a letter. Shown as @alice, written alice@host across
 * servers. ASCII only, so that two names that look alike are alike.
 */
import * as v from "valibot";
import { LIMITS } from "../limits.ts";
import { failure, type Outcome, success } from "../outcome.ts";

export type Username = string & { readonly __brand: "Username" };

const FORM = /^[a-z][a-z0-9_]*$/;
const HOST = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/;
const HOST_LENGTH_MAX = 259;

export const username = v.custom<Username, "username_invalid">(
  (value) =>
    typeof value === "string" && value.length >= LIMITS.usernameLengthMin && value.length <= LIMITS.usernameLengthMax && FORM.test(value),
  "username_invalid",
);

export type Address = { readonly username: Username; readonly host: string | undefined };

/** Reads what a person types: `alice`, `@alice`, `Alice@example.org`. */
export function parseAddress(typed: string): Outcome<Address> {
  const text = typed.trim().toLowerCase();
  const [name = "", host, ...more] = (text.startsWith("@") ? text.slice(1) : text).split("@");
  const hostFits = host === undefined || (host.length <= HOST_LENGTH_MAX && HOST.test(host));
  if (more.length > 0 || !hostFits || !v.is(username, name)) return failure("username_invalid");
  return success({ username: name, host });
}
