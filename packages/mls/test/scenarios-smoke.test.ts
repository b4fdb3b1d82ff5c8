import { expect, test } from "vitest";
import { SUITE } from "../src/index.ts";
import { commitAndDeliver, createClient, deliver, say, seatAll } from "./support/clients.ts";
import { testProvider } from "./support/provider.ts";

for (const [name, suiteId] of Object.entries(SUITE)) {
  test(`three people talk, one leaves: ${name}`, async () => {
    const crypto = await testProvider();
    const seats = seatAll(["ada", "bob", "cyn"].map((who) => createClient(crypto, who, { suiteId })));
    const [ada, bob, cyn] = seats;
    if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
    expect(deliver([ada, cyn], say(bob, "hello")).map((r) => r.kind === "application" && new TextDecoder().decode(r.data))).toEqual([
      "hello",
      "hello",
    ]);
    commitAndDeliver(bob, [ada, cyn]);
    commitAndDeliver(cyn, [ada, bob], { wireFormat: "publicMessage" });
    commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "remove", removed: cyn.state.ownLeafIndex }] });
    expect(cyn.state.status).toBe("removed");
    expect(bob.state.secrets.epochAuthenticator).toEqual(ada.state.secrets.epochAuthenticator);
    deliver([ada], say(bob, "just us"));
  });
}
