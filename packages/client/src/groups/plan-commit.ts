/** Turns a plan into what a commit takes: fetches chains and claims key packages, which costs time and requests, before any state is held. */
import {
  type CommitPlan,
  type Conversation,
  type DeviceAddress,
  devicesOf,
  isCommitDue,
  type Invitee,
  memberDevices,
  missingDevices,
  revokedMembers,
} from "@sotto/core";
import { type AccountId, equalBytes, type LogId } from "@sotto/protocol";
import { asKnownOrStranger } from "../account/authorisation.ts";
import type { ClientOutcome } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { askPatiently } from "../net/patiently.ts";
import { isTransient } from "../net/transient.ts";
import type { Plan } from "./plan.ts";

export async function planCommit(engine: Engine, log: LogId, plan: Plan): Promise<ClientOutcome<CommitPlan>> {
  const conversation = await engine.conversations.get(log);
  switch (plan.kind) {
    case "due":
      return isCommitDue(conversation) ? { ok: true, value: {} } : { ok: false, code: "nothing_to_do" };
    case "renew":
      return { ok: true, value: {} };
    case "change":
      return { ok: true, value: { changes: [plan.change] } };
    case "remove": {
      const removes = plan.accounts
        .flatMap((account) => devicesOf(conversation, account))
        .map(({ account, device }) => ({ account, device }));
      return removes.length === 0 ? { ok: false, code: "nothing_to_do" } : { ok: true, value: { removes } };
    }
    case "devices":
      return planDevices(engine, conversation, plan.accounts);
    case "replace": {
      const members = memberDevices(conversation);
      const removes = plan.devices.filter(({ device }) => members.some((member) => equalBytes(member.device, device)));
      const adds = await claim(engine, removes);
      if (!adds.ok) return adds;
      return adds.value.length === 0 ? { ok: false, code: "nothing_to_do" } : { ok: true, value: { removes, adds: adds.value } };
    }
    case "invite": {
      const wanted: DeviceAddress[] = [];
      for (const account of plan.accounts) {
        const fetched = await engine.chains.fetch(account);
        if (!fetched.ok) return fetched;
        wanted.push(...missingDevices(conversation, account, engine.chains.lookup()));
      }
      if (wanted.length === 0) return { ok: false, code: "nothing_to_do" };
      const adds = await claim(engine, wanted);
      return adds.ok ? { ok: true, value: { adds: adds.value } } : adds;
    }
  }
}

/** Devices without a key package are left out: they ask for it again when they are there. */
async function planDevices(engine: Engine, conversation: Conversation, accounts: readonly AccountId[]): Promise<ClientOutcome<CommitPlan>> {
  const wanted: DeviceAddress[] = [];
  for (const account of accounts) {
    const fetched = await engine.chains.fetch(account);
    if (!fetched.ok) return fetched;
    wanted.push(...missingDevices(conversation, account, engine.chains.lookup()));
  }
  const revoked = revokedMembers(conversation, engine.chains.lookup()).filter(({ account }) => equalBytes(account, engine.me.account));
  const removes = revoked.map(({ account, device }) => ({ account, device }));
  const claimed = await claim(engine, wanted);
  if (!claimed.ok && isTransient(claimed.code)) return claimed;
  const adds = claimed.ok ? claimed.value : [];
  return adds.length + removes.length === 0 ? { ok: false, code: "nothing_to_do" } : { ok: true, value: { adds, removes } };
}

/** One key package for each device. Devices without one are left out; a person without any device that can be invited is a failure. */
export async function claim(engine: Engine, wanted: readonly DeviceAddress[]): Promise<ClientOutcome<Invitee[]>> {
  const invitees: Invitee[] = [];
  const rest = [...wanted];
  for (let [first] = rest; first !== undefined; [first] = rest) {
    const { account }: { account: AccountId } = first;
    const devices = rest.filter((device) => equalBytes(device.account, account)).map(({ device }) => device);
    rest.splice(0, rest.length, ...rest.filter((device) => !equalBytes(device.account, account)));
    const answer = await asKnownOrStranger(engine, account, (authorisation) =>
      askPatiently(engine, "keyPackages.claim", { account, devices, authorisation }),
    );
    // Own devices that cannot be added now are added later: they are no reason not to talk to others.
    const isOwn = equalBytes(account, engine.me.account);
    if (!answer.ok && isOwn && !isTransient(answer.code)) continue;
    if (!answer.ok) return answer;
    const got = answer.value.claimed.flatMap(({ device, keyPackage }) => (keyPackage === null ? [] : [{ account, device, keyPackage }]));
    if (got.length === 0 && !isOwn) return { ok: false, code: "people_unreachable" };
    invitees.push(...got);
  }
  return { ok: true, value: invitees };
}
