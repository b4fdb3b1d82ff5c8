/** Linking goes wrong in every way that people and servers have, and leaves nothing half-done. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LinkHost } from "@sotto/client";
import { type Person, soon, World } from "./support/world.ts";

const world = new World();
let ada: Person;

beforeAll(async () => {
  await world.startServer();
  ada = await world.person("ada");
});
afterAll(() => world.end());

type Attempt = { readonly code: string; readonly linking: Promise<unknown> };

function start(old: Person, host: Partial<LinkHost> = {}): Promise<Attempt> {
  return new Promise((resolve, reject) => {
    const askDigits = (): Promise<undefined> => Promise.resolve(undefined);
    const linking = old.client.devices.link({
      showCode: (code) => resolve({ code, linking }),
      askDigits,
      timeoutMs: 10_000,
      ...host,
    });
    linking.catch(reject);
  });
}

const join = (device: Person, code: string, timeoutMs = 10_000): Promise<void> =>
  device.client.devices.join({ code, name: "new", showDigits: () => undefined, timeoutMs });

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => "done",
    (error: unknown) => (error instanceof Error && "code" in error ? error.code : error),
  );

describe("linking ends with a code", () => {
  test("on both sides when the person gives up, and when the digits are wrong", async () => {
    const device = await world.empty("ada", "one");
    const given = await start(ada);
    expect(await Promise.all([codeOf(given.linking), codeOf(join(device, given.code))])).toEqual(["link_cancelled", "link_cancelled"]);
    const wrong = await start(ada, { askDigits: () => Promise.resolve("1234567") });
    expect(await Promise.all([codeOf(wrong.linking), codeOf(join(device, wrong.code))])).toEqual([
      "link_digits_wrong",
      "link_digits_wrong",
    ]);
    expect(await ada.client.devices.list()).toHaveLength(1);
    expect(device.client.whoAmI()).toBeUndefined();
  });

  test("when nobody comes in time, and when the code is old, wrong or mistyped", async () => {
    const device = await world.empty("ada", "two");
    const late = await start(ada, { timeoutMs: 1 });
    expect(await codeOf(late.linking)).toBe("link_expired");
    expect(await codeOf(join(device, late.code, 1))).toBe("link_expired");
    expect(await codeOf(join(device, "aaaa bbbb cccc dddd eeee ffff aa"))).toBe("link_expired");
    expect(await codeOf(join(device, "hello"))).toBe("link_code_invalid");
  });

  test("when the profile has an account already", async () => {
    expect(await codeOf(join(ada, "aaaa bbbb cccc dddd eeee ffff aa"))).toBe("profile_exists");
  });

  test("for the second of two devices that type the same code", async () => {
    const [first, second] = [await world.empty("ada", "first"), await world.empty("ada", "second")];
    let show: (digits: string) => void = () => undefined;
    const shown = new Promise<string>((resolve) => {
      show = resolve;
    });
    const { code, linking } = await start(ada, { askDigits: () => shown });
    const joining = first.client.devices.join({ code, name: "first", showDigits: show, timeoutMs: 10_000 });
    await soon(async () => void (await shown));
    expect(await codeOf(join(second, code))).toBe("chain_device_unknown");
    expect(await Promise.all([codeOf(linking), codeOf(joining)])).toEqual(["done", "done"]);
    expect(second.client.whoAmI()).toBeUndefined();
  });
});
