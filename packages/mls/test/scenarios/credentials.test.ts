/** The application decides whom it believes, at once or after asking somebody. */
import { expect, test } from "vitest";
import { createCommit, type CredentialCheck, joinGroup, type Policy, receiveMessage, type Verdict } from "../../src/index.ts";
import { codeOf, keyPackageOf, must } from "../support/clients.ts";
import { client, trio, under } from "./cast.ts";

function nameIn(check: CredentialCheck): string {
  return check.credential.kind === "basic" ? new TextDecoder().decode(check.credential.identity) : "?";
}

function believes(verdict: (name: string, check: CredentialCheck) => Verdict): Pick<Policy, "authenticate"> {
  return { authenticate: (check) => verdict(nameIn(check), check) };
}

const notEve = believes((name) => (name === "eve" ? "reject" : "accept"));

test("nobody adds whom it does not believe, and nobody follows a commit that does", async () => {
  const { ada, bob } = await trio();
  const eve = keyPackageOf(await client("eve"));
  const proposals = [{ kind: "add" as const, keyPackage: eve.keyPackage }];
  expect(codeOf(createCommit(ada.state, { proposals }, under(ada, notEve)))).toBe("credential_rejected");
  const made = must(createCommit(ada.state, { proposals }, ada.client.context));
  expect(codeOf(receiveMessage(bob.state, made.message, under(bob, notEve)))).toBe("credential_rejected");
  expect(codeOf(receiveMessage(bob.state, made.message, bob.client.context))).toBe("ok");
});

test("a newcomer looks at everybody who is there", async () => {
  const { ada } = await trio();
  const dan = await client("dan");
  const own = keyPackageOf(dan);
  const made = must(createCommit(ada.state, { proposals: [{ kind: "add", keyPackage: own.keyPackage }] }, ada.client.context));
  const options = { welcome: made.welcome ?? new Uint8Array(0), keyPackages: [own] };
  const seen: string[] = [];
  const asking = believes((name) => (seen.push(name), "accept"));
  expect(codeOf(joinGroup(options, under({ client: dan }, asking)))).toBe("ok");
  expect(seen.toSorted()).toEqual(["ada", "bob", "cyn", "dan"]);
  expect(
    codeOf(
      joinGroup(
        options,
        under(
          { client: dan },
          believes((name) => (name === "bob" ? "reject" : "accept")),
        ),
      ),
    ),
  ).toBe("credential_rejected");
});

test("what cannot be decided at once is listed, answered elsewhere, and the call made again", async () => {
  const { ada, bob } = await trio();
  const packages = await Promise.all(["dan", "eve"].map(async (name) => keyPackageOf(await client(name))));
  const proposals = packages.map(({ keyPackage }) => ({ kind: "add" as const, keyPackage }));
  const made = must(createCommit(ada.state, { proposals }, ada.client.context));
  const answers = new Map<string, Verdict>([["ada", "accept"]]);
  const asking = under(
    bob,
    believes((name) => answers.get(name) ?? "defer"),
  );
  const first = receiveMessage(bob.state, made.message, asking);
  expect(codeOf(first)).toBe("credential_deferred");
  const open = first.ok ? [] : (first.deferred ?? []);
  expect(open.map((check) => [nameIn(check), check.purpose])).toEqual([
    ["dan", "keyPackage"],
    ["eve", "keyPackage"],
  ]);
  for (const check of open) answers.set(nameIn(check), "accept");
  expect(codeOf(receiveMessage(bob.state, made.message, asking))).toBe("ok");
});

test("a refusal counts more than an open question", async () => {
  const { ada, bob } = await trio();
  const packages = await Promise.all(["dan", "eve"].map(async (name) => keyPackageOf(await client(name))));
  const proposals = packages.map(({ keyPackage }) => ({ kind: "add" as const, keyPackage }));
  const made = must(createCommit(ada.state, { proposals }, ada.client.context));
  const strict = believes((name) => (name === "eve" ? "reject" : name === "dan" ? "defer" : "accept"));
  expect(codeOf(receiveMessage(bob.state, made.message, under(bob, strict)))).toBe("credential_rejected");
});

test("a member's new name is seen beside the one it replaces", async () => {
  const { ada, bob } = await trio();
  const { identity } = await client("ada the second");
  const made = must(createCommit(ada.state, { leaf: { identity } }, ada.client.context));
  const seen: CredentialCheck[] = [];
  const asking = { authenticate: (check: CredentialCheck): Verdict => (seen.push(check), "accept") };
  must(receiveMessage(bob.state, made.message, under(bob, asking)));
  expect(seen).toMatchObject([{ credential: identity.credential, purpose: "commit", replaces: ada.client.identity.credential }]);
});
