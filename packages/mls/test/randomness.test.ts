/** Randomness that does not give what it was asked for is refused wherever it is drawn. */
import { expect, test } from "vitest";
import {
  createCommit,
  createExternalCommit,
  createGroup,
  createIdentity,
  createKeyPackage,
  createProposal,
  exportGroupInfo,
  type MlsContext,
  type Random,
  resumptionPskId,
  sealMessage,
  SUITE,
} from "../src/index.ts";
import { codeOf, createClient, must, seatAll, text } from "./support/clients.ts";
import { testProvider } from "./support/provider.ts";

const sources: readonly [string, Random][] = [
  ["too few bytes", () => new Uint8Array(3)],
  ["too many bytes", (length) => new Uint8Array(length + 1)],
  ["no bytes", () => new Uint8Array(0)],
];

for (const [suiteName, suiteId] of Object.entries(SUITE)) {
  test.each(sources)(`${suiteName}: %s`, async (_, random) => {
    const crypto = await testProvider();
    const client = createClient(crypto, "ada", { suiteId });
    const [seat] = seatAll([client, createClient(crypto, "bob", { suiteId })]);
    if (seat === undefined) throw new Error("a seat");
    const context: MlsContext = { ...client.context, random };
    const { identity } = client;
    const groupInfo = must(exportGroupInfo(seat.state, {}, client.context));
    const outsider = createClient(crypto, "eve", { suiteId });
    const outcomes = [
      createIdentity({ suiteId, credential: identity.credential }, context),
      createKeyPackage({ suiteId, identity }, context),
      createGroup({ suiteId, identity, groupId: text("new") }, context),
      sealMessage(seat.state, { data: text("hello") }, context),
      createCommit(seat.state, {}, context),
      createProposal(seat.state, { proposal: { kind: "update" } }, context),
      createExternalCommit({ groupInfo, identity: outsider.identity }, { ...outsider.context, random }),
      resumptionPskId(seat.state, context),
    ];
    expect(outcomes.map(codeOf)).toEqual(outcomes.map(() => "usage"));
  });
}
