/** An operator's day: a server is copied while it runs, checked, moved elsewhere, and people are let in. Each step a process of its own. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newFolder, run, serve } from "./support/processes.ts";
import { SmallDisk } from "./support/small-disk.ts";

const TLS = join(import.meta.dirname, "..", "..", "..", "packages", "server", "test", "support", "tls");

test("a running server is copied and checked, and another one goes on from the copy", { timeout: 90_000 }, async () => {
  const folder = newFolder();
  const [data, copy, moved] = [join(folder, "data"), join(folder, "copy"), join(folder, "moved")];
  const server = await serve(data);
  const ada = { env: { SOTTO_PASSPHRASE: "ada" } };
  const bob = { env: { SOTTO_PASSPHRASE: "bob" } };
  const adas = ["--profile", join(folder, "ada")];
  await run(["signup", "ada", "--server", server.address, ...adas], ada);
  await run(["signup", "bob", "--server", server.address, "--profile", join(folder, "bob")], bob);
  expect((await run(["send", "@bob", "before the move", ...adas], ada)).exit).toBe(0);

  expect(await run(["serve", "--data", data, "--port", "0"])).toMatchObject({ exit: 1, problem: expect.stringContaining("store_locked") });
  const busy = await run(["serve", "--data", join(folder, "other"), "--port", String(server.port)]);
  expect(busy).toMatchObject({ exit: 1, problem: expect.stringContaining("server_address") });

  expect(await run(["admin", "check", "--data", data])).toMatchObject({ exit: 0, values: [{ accounts: 2, findings: [] }] });
  expect(await run(["admin", "backup", copy, "--data", data])).toMatchObject({ exit: 0, values: [{ backup: copy, blobs: 0 }] });
  expect(await run(["admin", "backup", copy, "--data", data])).toMatchObject({ exit: 1, problem: expect.stringContaining("store_exists") });
  expect(await server.end("SIGTERM")).toBe(0);
  expect(readdirSync(data).filter((name) => name.endsWith("-wal"))).toEqual([]);

  expect((await run(["admin", "restore", copy, "--data", moved])).exit).toBe(0);
  expect(await run(["admin", "restore", copy, "--data", moved])).toMatchObject({
    exit: 1,
    problem: expect.stringContaining("store_exists"),
  });
  expect((await run(["admin", "check", "--data", moved])).exit).toBe(0);
  const again = await serve(moved, { port: server.port });
  expect((await run(["list", "--profile", join(folder, "bob")], bob)).values).toMatchObject([{ status: "request", title: "ada" }]);
  expect(await again.end("SIGTERM")).toBe(0);
});

test("a check that finds something says what, and ends with 1", { timeout: 60_000 }, async () => {
  const data = join(newFolder(), "data");
  await (await serve(data)).end("SIGTERM");
  expect((await run(["admin", "check", "--data", data])).exit).toBe(0);
  const path = join(data, "logs.db");
  const bytes = readFileSync(path);
  // The second page, behind the header: the root of a table.
  bytes.fill(0xee, 4096, 8192);
  writeFileSync(path, bytes);
  const { exit, values, problem } = await run(["admin", "check", "--data", data]);
  expect([exit, values[0]?.["findings"]]).toEqual([1, expect.arrayContaining([{ kind: "database_damaged", at: 0 }])]);
  expect(problem).toContain("store_damaged");
  for (const task of [["check"], ["backup", join(data, "..", "copy")], ["invite"]]) {
    const refused = await run(["admin", ...task, "--data", join(data, "nowhere")]);
    expect(refused).toMatchObject({ exit: 1, problem: expect.stringContaining("store_unavailable") });
  }
});

test("a server takes logins for the addresses that its operator named, and for no others", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const [data, people] = [join(folder, "data"), join(folder, "people")];
  const first = await serve(data, { args: ["--origin", "https://chat.example.org"] });
  const signUp = (address: string) =>
    run(["signup", "ada", "--server", address, "--profile", people], { env: { SOTTO_PASSPHRASE: "ada" } });
  expect(await signUp(first.address)).toMatchObject({ exit: 1, problem: expect.stringContaining('"error":"login_failed"') });
  await first.end("SIGTERM");
  const origins = `https://chat.example.org,http://localhost:${first.port}`;
  await serve(data, { args: ["--origin", origins, "--behind-proxy"], port: first.port });
  expect((await signUp(`http://localhost:${first.port}`)).exit).toBe(0);
  expect(await run(["serve", "--origin", "chat.example.org", "--data", data])).toMatchObject({ exit: 2 });
});

test("a full disk is told to the operator, and leaves no half of a backup that counts", { timeout: 90_000 }, async (context) => {
  const disk = new SmallDisk(context, 8);
  const folder = newFolder();
  const data = join(folder, "data");
  await (await serve(data)).end("SIGTERM");
  disk.fill();
  const full = { exit: 1, problem: expect.stringContaining('"error":"store_disk_full"') };
  const copy = join(disk.path, "copy");
  expect(await run(["serve", "--data", join(disk.path, "data"), "--port", "0"])).toMatchObject(full);
  expect(await run(["admin", "backup", copy, "--data", data])).toMatchObject(full);
  expect(await run(["admin", "restore", copy, "--data", join(folder, "restored")])).toMatchObject({
    exit: 1,
    problem: expect.stringContaining("backup_incomplete"),
  });
  disk.empty();
  expect((await run(["admin", "backup", join(disk.path, "again"), "--data", data])).exit).toBe(0);
});

test("people come by invitation", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const data = join(folder, "data");
  const server = await serve(data, { args: ["--invite-only"] });
  const code = String((await run(["admin", "invite", "--data", data])).values[0]?.["invite"]);
  const signUp = (name: string, ...more: readonly string[]) =>
    run(["signup", name, "--server", server.address, "--profile", join(folder, name), ...more], { env: { SOTTO_PASSPHRASE: name } });
  expect(await signUp("ada")).toMatchObject({ exit: 1, problem: expect.stringContaining("invite_required") });
  expect((await signUp("ada", "--invite", code)).exit).toBe(0);
  expect(await signUp("bob", "--invite", code)).toMatchObject({ exit: 1, problem: expect.stringContaining("invite_invalid") });
});

test("a server speaks TLS with certificate files, and says so when they are none", { timeout: 60_000 }, async () => {
  const folder = newFolder();
  const [certificate, key] = [join(TLS, "certificate.pem"), join(TLS, "key.pem")];
  const server = await serve(join(folder, "data"), { args: ["--cert", certificate, "--key", key] });
  expect(server.address).toMatch(/^https:/);
  const trusting = { env: { SOTTO_PASSPHRASE: "ada", NODE_EXTRA_CA_CERTS: certificate } };
  const address = `https://localhost:${server.port}`;
  expect(await run(["signup", "ada", "--server", address, "--profile", join(folder, "ada")], trusting)).toMatchObject({
    exit: 0,
    problem: "",
  });
  for (const files of [
    [join(folder, "nowhere.pem"), key],
    [key, certificate],
  ]) {
    const [cert = "", other = ""] = files;
    const refused = await run(["serve", "--port", "0", "--data", join(folder, "other"), "--cert", cert, "--key", other]);
    expect(refused).toMatchObject({ exit: 1, problem: expect.stringContaining("server_certificate") });
  }
  expect(await run(["serve", "--cert", certificate])).toMatchObject({ exit: 2 });
  expect(statSync(join(folder, "data")).mode & 0o077).toBe(0);
});
