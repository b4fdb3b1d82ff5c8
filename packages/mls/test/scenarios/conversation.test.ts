/** A first conversation in every suite. */
import { expect, test } from "vitest";
import { SUITE } from "../../src/index.ts";
import { commitAndDeliver, createClient, deliver, say, seatAll } from "../support/clients.ts";
import { testProvider } from "../support/provider.ts";
import { epochOf } from "./cast.ts";

test.each(Object.entries(SUITE))("three people talk, one leaves: %s", async (_, suiteId) => {
  const crypto = await testProvider();
  const [ada, bob, cyn] = seatAll(["ada", "bob", "cyn"].map((who) => createClient(crypto, who, { suiteId })));
  if (ada === undefined || bob === undefined || cyn === undefined) throw new Error("three seats");
  const heard = deliver([ada, cyn], say(bob, "hello"));
  expect(heard.map((received) => received.kind === "application" && new TextDecoder().decode(received.data))).toEqual(["hello", "hello"]);
  commitAndDeliver(bob, [ada, cyn]);
  commitAndDeliver(cyn, [ada, bob], { wireFormat: "publicMessage" });
  commitAndDeliver(ada, [bob, cyn], { proposals: [{ kind: "remove", removed: cyn.state.ownLeafIndex }] });
  expect(cyn.state.status).toBe("removed");
  expect(epochOf(bob.state)).toBe(epochOf(ada.state));
  deliver([ada], say(bob, "just us"));
});
