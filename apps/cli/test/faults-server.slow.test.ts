/** What a person reads when the server, or what stands at its address, does not do its part; and that nothing of theirs is lost by it. */
import { cpSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { saveServerAddress } from "@sotto/client";
import { openStore } from "@sotto/client/node";
import { expect, test } from "vitest";
import { MISTAKES, type Mistake, serveFalsely } from "./support/false-server.ts";
import { TEST_KEY } from "./support/keys.ts";
import { newFolder, run, serve } from "./support/processes.ts";
import { SmallDisk } from "./support/small-disk.ts";

const EXPECTED: Readonly<Record<Mistake, string>> = {
  garbage: "server_foreign",
  silence: "server_timeout",
  "hanging up": "server_unreachable",
  "a redirection": "server_foreign",
  "a web page": "server_foreign",
  "another version": "server_version",
  "a proxy without a server": "server_busy",
  "another subprotocol": "server_foreign",
  "frames of garbage": "answer_invalid",
  "frames of text": "answer_invalid",
  "a frame of a gigabyte": "answer_invalid",
  "no greeting": "server_timeout",
  "a greeting of another version": "server_version",
  "a greeting and no answers": "server_timeout",
};

/** A folder with the key of all profiles, and people who have signed up at a server there. */
class Town {
  readonly folder = newFolder();
  readonly #key = join(this.folder, "key");

  constructor() {
    writeFileSync(this.#key, TEST_KEY);
  }

  as(profile: string, ...args: readonly string[]) {
    return run([...args, "--profile", profile, "--key-file", this.#key]);
  }

  async signUp(profile: string, name: string, address: string): Promise<void> {
    const { exit, problem } = await this.as(profile, "signup", name, "--server", address);
    if (exit !== 0) throw new Error(problem);
  }
}

test("each kind of broken server has a code, and what is written there is sent later", { timeout: 240_000 }, async () => {
  const town = new Town();
  const [ada, bob] = [join(town.folder, "ada"), join(town.folder, "bob")];
  const server = await serve(join(town.folder, "data"));
  await town.signUp(ada, "ada", server.address);
  await town.signUp(bob, "bob", server.address);
  expect((await town.as(ada, "send", "@bob", "before")).exit).toBe(0);

  const met = async (mistake: Mistake): Promise<void> => {
    const profile = join(town.folder, `ada ${mistake}`);
    cpSync(ada, profile, { recursive: true });
    const store = openStore(join(profile, "profile.db"), { key: TEST_KEY });
    await saveServerAddress(store, await serveFalsely(mistake));
    await store.close();
    const signUpThere = town.as(join(town.folder, `new ${mistake}`), "signup", "carl", "--server", await serveFalsely(mistake));
    const shown = await town.as(profile, "list");
    const code = EXPECTED[mistake];
    // What is here already is shown, with the reason why there may be more.
    expect([mistake, shown.exit, shown.values.length, shown.problem]).toEqual([
      mistake,
      0,
      1,
      expect.stringContaining(`"warning":"${code}"`),
    ]);
    expect(await signUpThere).toMatchObject({
      exit: code === "server_unreachable" || code === "server_timeout" || code === "server_busy" ? 3 : 1,
      problem: expect.stringContaining(`"error":"${code}"`),
    });
  };
  await Promise.all(Object.keys(MISTAKES).map((mistake) => met(mistake as Mistake)));

  const away = await serveFalsely("another version");
  const store = openStore(join(ada, "profile.db"), { key: TEST_KEY });
  await saveServerAddress(store, away);
  await store.close();
  const kept = await town.as(ada, "send", "@bob", "written meanwhile");
  expect(kept).toMatchObject({ exit: 3, problem: expect.stringContaining("It is kept") });
  const again = openStore(join(ada, "profile.db"), { key: TEST_KEY });
  await saveServerAddress(again, server.address);
  await again.close();
  expect((await town.as(ada, "list")).exit).toBe(0);
  const read = await town.as(bob, "read", "@ada", "--peek");
  expect(read.values.map(({ text }) => text)).toEqual(["before", "written meanwhile"]);
});

test("a full disk of the server is told to who writes, and nothing is lost or half there", { timeout: 240_000 }, async (context) => {
  const meet = async (free: string): Promise<void> => {
    const disk = new SmallDisk(context, 12);
    const town = new Town();
    const [ada, bob, data] = [join(town.folder, "ada"), join(town.folder, "bob"), join(disk.path, "data")];
    const server = await serve(data, { args: ["--free-mib", free] });
    await town.signUp(ada, "ada", server.address);
    await town.signUp(bob, "bob", server.address);
    await town.as(ada, "send", "@bob", "before");
    disk.fill();
    const [sent, signedUp] = await Promise.all([
      town.as(ada, "send", "@bob", "to a full disk"),
      town.as(join(town.folder, "carl"), "signup", "carl", "--server", server.address),
    ]);
    expect(sent).toMatchObject({ exit: 3, problem: expect.stringContaining('"error":"server_disk_full"') });
    expect(signedUp).toMatchObject({ exit: 1, problem: expect.stringContaining('"error":"server_disk_full"') });
    expect((await run(["admin", "check", "--data", data])).values).toMatchObject([{ findings: [] }]);
    disk.empty();
    expect((await town.as(ada, "send", "@bob", "after")).exit).toBe(0);
    expect((await town.as(bob, "read", "@ada", "--peek")).values.map(({ text }) => text)).toEqual(["before", "to a full disk", "after"]);
    expect(await server.end("SIGTERM")).toBe(0);
    expect((await run(["admin", "check", "--data", data])).values).toMatchObject([{ findings: [] }]);
  };
  // The server's own limit, and the disk's.
  await Promise.all([meet("2"), meet("0")]);
});
