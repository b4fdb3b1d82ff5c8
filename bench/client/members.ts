/** People who only have to exist so that they can be invited: an account and one key package each, without a store of their own. */
import { randomBytes } from "node:crypto";
import { createAccount, type CoreContext, makeKeyPackage, signLogin } from "@sotto/core";
import { createNodeProvider } from "@sotto/core/node";
import { createTransport } from "@sotto/client/node";
import type { Person } from "@sotto/client";
import { decodeServerFrame, encodeRequest, expectSuccess, type FrameOperation, parseAddress, type RequestOf } from "@sotto/protocol";

const AT_ONCE = 8;

/** Requests one after the other on an account connection. */
class AccountLine {
  readonly #channel;
  readonly hello: Promise<Uint8Array>;
  #answered: (error: string | undefined) => void = () => undefined;
  #nextId = 1;

  constructor(address: string) {
    let welcome: (nonce: Uint8Array) => void = () => undefined;
    this.hello = new Promise((resolve) => (welcome = resolve));
    this.#channel = createTransport(address).open("account", {
      onOpen: () => undefined,
      onClosed: () => this.#answered("closed"),
      onFrame: (bytes) => {
        const frame = expectSuccess(decodeServerFrame(bytes));
        if (frame.type === "answer") this.#answered(undefined);
        else if (frame.type === "error") this.#answered(frame.code);
        else if (frame.push === "account.hello") welcome(frame.payload.nonce ?? new Uint8Array());
      },
    });
  }

  async ask<Name extends FrameOperation>(operation: Name, request: RequestOf<Name>): Promise<void> {
    const error = await new Promise<string | undefined>((resolve) => {
      this.#answered = resolve;
      this.#channel.send(encodeRequest(this.#nextId++, operation, request));
    });
    if (error !== undefined) throw new Error(`${operation}: ${error}`);
  }

  close(): void {
    this.#channel.close();
  }
}

async function makeMember(address: string, name: string, context: CoreContext): Promise<Person> {
  const { username } = expectSuccess(parseAddress(name));
  const made = createAccount(context);
  if (!made.ok) throw new Error(made.code);
  const { account, device, genesis } = made.value;
  const line = new AccountLine(address);
  const nonce = await line.hello;
  await line.ask("account.register", { genesis, username, invite: "", signature: signLogin(device, { origin: address, nonce }, context) });
  const keyPackage = makeKeyPackage(device, { lastResort: true }, context);
  if (!keyPackage.ok) throw new Error(keyPackage.code);
  await line.ask("keyPackages.upload", { packages: [], lastResort: keyPackage.value.message, replacesAll: false });
  line.close();
  return { account, username };
}

export async function makeMembers(address: string, count: number): Promise<Person[]> {
  const crypto = await createNodeProvider();
  const random = (length: number): Uint8Array => new Uint8Array(randomBytes(length));
  const people: Person[] = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const names = Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, i) => `member${from + i}`);
    people.push(...(await Promise.all(names.map((name) => makeMember(address, name, { crypto, random, now: Date.now() })))));
  }
  return people;
}
