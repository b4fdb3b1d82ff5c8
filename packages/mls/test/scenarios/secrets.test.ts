/** Secrets that come in by pre-shared keys, and secrets that go out by the exporter. */
import { expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  epochAuthenticator,
  exportGroupInfo,
  exportSecret,
  joinGroup,
  type PskId,
  receiveMessage,
  resumptionPskId,
} from "../../src/index.ts";
import { codeOf, commitAndDeliver, deliver, keyPackageOf, must, text } from "../support/clients.ts";
import { accept, client, commit, epochOf, trio, under } from "./cast.ts";

const PSK: PskId = { kind: "external", id: text("paper"), nonce: new Uint8Array(32).fill(9) };
const knows = (value: string): { psk: (id: PskId) => Uint8Array | undefined } => ({
  psk: (id) => (id.kind === "external" && id.id.join() === text("paper").join() ? text(value) : undefined),
});

test("who knows the key on the paper follows into the next epoch, who does not stays behind", async () => {
  const { ada, bob, cyn } = await trio();
  const proposals = [{ kind: "psk" as const, psk: PSK }];
  expect(codeOf(createCommit(ada.state, { proposals }, ada.client.context))).toBe("unknown_psk");
  const made = must(createCommit(ada.state, { proposals, path: false }, under(ada, knows("secret"))));
  const followed = must(receiveMessage(bob.state, made.message, under(bob, knows("secret"))));
  expect(epochOf(followed.state)).toBe(epochOf(made.next));
  expect(codeOf(receiveMessage(cyn.state, made.message, cyn.client.context))).toBe("unknown_psk");
  expect(codeOf(receiveMessage(cyn.state, made.message, under(cyn, knows("guess"))))).toBe("invalid_confirmation_tag");
});

test("a Welcome into an epoch with a pre-shared key opens with that key", async () => {
  const { ada } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const proposals = [
    { kind: "add" as const, keyPackage: own.keyPackage },
    { kind: "psk" as const, psk: PSK },
  ];
  const made = must(createCommit(ada.state, { proposals }, under(ada, knows("secret"))));
  const options = { welcome: made.welcome ?? new Uint8Array(0), keyPackages: [own] };
  expect(codeOf(joinGroup(options, dan.context))).toBe("unknown_psk");
  expect(codeOf(joinGroup(options, under({ client: dan }, knows("guess"))))).toBe("decrypt_failed");
  expect(codeOf(joinGroup(options, under({ client: dan }, knows("secret"))))).toBe("ok");
});

test("members carry a secret of an earlier epoch into a later one without keeping it elsewhere", async () => {
  const { ada, bob, cyn } = await trio();
  const psk = must(resumptionPskId(bob.state, bob.client.context));
  commitAndDeliver(ada, [bob, cyn]);
  commitAndDeliver(cyn, [ada, bob], { proposals: [{ kind: "psk", psk }] });
  expect(epochOf(ada.state)).toBe(epochOf(bob.state));
  const future: PskId = { ...psk, nonce: new Uint8Array(32), ...(psk.kind === "resumption" ? { epoch: 99n } : {}) };
  expect(codeOf(createCommit(ada.state, { proposals: [{ kind: "psk", psk: future }] }, ada.client.context))).toBe("unknown_psk");
});

test("one who joins from outside proves a pre-shared key", async () => {
  const { ada, bob } = await trio();
  const dan = await client("dan");
  const groupInfo = must(exportGroupInfo(ada.state, {}, ada.client.context));
  const options = { groupInfo, identity: dan.identity, psks: [PSK] };
  const made = must(createExternalCommit(options, under({ client: dan }, knows("secret"))));
  const wrong = must(createExternalCommit(options, under({ client: dan }, knows("guess"))));
  expect(codeOf(receiveMessage(bob.state, wrong.message, under(bob, knows("secret"))))).toBe("invalid_confirmation_tag");
  expect(epochOf(must(receiveMessage(bob.state, made.message, under(bob, knows("secret")))).state)).toBe(epochOf(made.next));
});

test("all members export the same secret, another one for each label, context and epoch", async () => {
  const { ada, bob, cyn } = await trio();
  const request = { label: "call", context: text("room 1"), length: 32 };
  const [adas, bobs] = [ada, bob].map(({ state, client: person }) => must(exportSecret(state, request, person.context)));
  expect(adas).toEqual(bobs);
  const { context } = ada.client;
  const others = [
    { ...request, label: "file" },
    { ...request, context: text("room 2") },
  ];
  for (const other of others) expect(must(exportSecret(ada.state, other, context))).not.toEqual(adas);
  expect(must(exportSecret(ada.state, { ...request, length: 40 }, context))).toHaveLength(40);
  for (const length of [0, -1, 0.5, 255 * 32 + 1]) expect(codeOf(exportSecret(ada.state, { ...request, length }, context))).toBe("usage");
  commitAndDeliver(ada, [bob, cyn]);
  expect(must(exportSecret(ada.state, request, context))).not.toEqual(adas);
});

test("people compare an authenticator of the epoch out of band", async () => {
  const { ada, bob, cyn } = await trio();
  const before = must(epochAuthenticator(ada.state));
  expect(must(epochAuthenticator(cyn.state))).toEqual(before);
  const result = commit(bob);
  accept(bob, result, [ada, cyn]);
  expect(must(epochAuthenticator(ada.state))).toEqual(must(epochAuthenticator(cyn.state)));
  expect(must(epochAuthenticator(ada.state))).not.toEqual(before);
  expect(deliver([], result.message)).toEqual([]);
});
