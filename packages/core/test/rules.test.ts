/** Rules for commits that no honest program reaches. */
import { accountId, deviceId, LIMITS, newGroupState, toId } from "@sotto/protocol";
import { expect, test } from "vitest";
import { type Before, type Deed, judgeCommit } from "../src/groups/rules.ts";
import { codeOf, must } from "./support/provider.ts";

const id = (first: number, second: number): Uint8Array => Uint8Array.from({ length: 32 }, (_, at) => [first, second][at] ?? 0);
const device = (account: number, number: number) => ({
  account: toId(accountId, id(account, account >> 8)),
  device: toId(deviceId, id(number, number >> 8).slice(0, 16)),
});
const owner = device(1, 1);
const before = (members: Before["members"]): Before => ({ kind: "group", group: newGroupState(owner.account, "Lake"), members });
const joining = (actor: Deed["actor"], removes: Deed["removes"] = []): Deed => ({
  actor,
  isExternal: true,
  adds: [],
  removes,
  leavers: [],
  changes: [],
});

test("a device that joins from outside counts for the devices of its account", () => {
  const devices = Array.from({ length: LIMITS.devicesPerAccountMax }, (_, index) => device(1, index + 1));
  expect(must(judgeCommit(before(devices.slice(1)), joining(owner)))).toBeDefined();
  expect(must(judgeCommit(before(devices), joining(owner, [owner])))).toBeDefined();
  expect(codeOf(judgeCommit(before(devices), joining(device(1, 999))))).toBe("group_forbidden");
});

test("a device that joins from outside counts for the devices of the group", () => {
  const members = Array.from({ length: LIMITS.groupDevicesMax }, (_, index) => device(1 + Math.floor(index / 2), index + 1));
  expect(must(judgeCommit(before(members.slice(1)), joining(device(1, 1_001))))).toBeDefined();
  expect(codeOf(judgeCommit(before(members), joining(device(1, 1_001))))).toBe("group_forbidden");
});
