import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as p from "@sotto/protocol";
import { ACCOUNT as OWNER, counting } from "../../test/samples.ts";

const account = (seed: number): p.AccountId => p.toId(p.accountId, counting(32, seed));
const [ADMIN, ADMIN_2, MEMBER] = [account(1), account(2), account(3)];

function changed(
  state: p.GroupState,
  actor: p.AccountId,
  change: Omit<Extract<p.GroupChange, { kind: "role" }>, "revision" | "kind">,
): p.GroupState {
  return p.expectSuccess(p.applyGroupChange(state, actor, { kind: "role", revision: state.revision, ...change }));
}

const fresh = p.newGroupState(OWNER, "Lake");
const oneAdmin = changed(fresh, OWNER, { account: ADMIN, role: "admin" });
const state = changed(oneAdmin, OWNER, { account: ADMIN_2, role: "admin" });

describe("who may do what", () => {
  test("members invite and post, admins rename and remove members", () => {
    expect(p.isAllowed(state, MEMBER, { kind: "invite" })).toBe(true);
    expect(p.isAllowed(state, MEMBER, { kind: "post" })).toBe(true);
    expect(p.isAllowed(state, MEMBER, { kind: "remove", account: ADMIN })).toBe(false);
    expect(p.isAllowed(state, ADMIN, { kind: "remove", account: MEMBER })).toBe(true);
    expect(p.isAllowed(state, ADMIN, { kind: "remove", account: ADMIN_2 })).toBe(false);
    expect(p.isAllowed(state, ADMIN, { kind: "remove", account: OWNER })).toBe(false);
    expect(p.isAllowed(state, OWNER, { kind: "remove", account: ADMIN })).toBe(true);
  });

  test("everybody may leave", () => {
    for (const who of [OWNER, ADMIN, MEMBER]) expect(p.isAllowed(state, who, { kind: "remove", account: who })).toBe(true);
  });

  test("admins make admins but no owners, members make nobody", () => {
    const role = (who: p.AccountId, target: p.AccountId, to: p.Role): boolean =>
      p.isAllowed(state, who, { kind: "change", change: { kind: "role", revision: state.revision, account: target, role: to } });
    expect(role(ADMIN, MEMBER, "admin")).toBe(true);
    expect(role(ADMIN, MEMBER, "owner")).toBe(false);
    expect(role(ADMIN, OWNER, "member")).toBe(false);
    expect(role(MEMBER, MEMBER, "admin")).toBe(false);
  });

  test("a policy for owners only shuts admins out", () => {
    const policy: p.GroupPolicy = { invite: "owner", remove: "owner", rename: "owner", post: "admin" };
    const strict = p.expectSuccess(p.applyGroupChange(state, OWNER, { kind: "policy", revision: state.revision, policy }));
    expect(p.isAllowed(strict, ADMIN, { kind: "invite" })).toBe(false);
    expect(p.isAllowed(strict, MEMBER, { kind: "post" })).toBe(false);
    expect(p.applyGroupChange(strict, ADMIN, { kind: "name", revision: strict.revision, name: "x" })).toMatchObject({
      code: "group_forbidden",
    });
  });
});

describe("changes", () => {
  test("of an old revision do not count", () => {
    expect(p.applyGroupChange(state, OWNER, { kind: "name", revision: 0, name: "x" })).toMatchObject({ code: "group_change_invalid" });
  });

  test("leave an owner", () => {
    const change: p.GroupChange = { kind: "role", revision: state.revision, account: OWNER, role: "member" };
    expect(p.applyGroupChange(state, OWNER, change)).toMatchObject({ code: "group_needs_owner" });
  });

  test("hold against every sequence: always an owner, the revision counts, the state has an encoding", () => {
    const people = [OWNER, ADMIN, ADMIN_2, MEMBER];
    const step = fc.record({
      actor: fc.constantFrom(...people),
      account: fc.constantFrom(...people),
      role: fc.constantFrom(...p.ROLES),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        let current = fresh;
        for (const { actor, account: target, role } of steps) {
          const next = p.applyGroupChange(current, actor, { kind: "role", revision: current.revision, account: target, role });
          if (next.ok) current = next.value;
        }
        expect(people.some((who) => p.roleOf(current, who) === "owner")).toBe(true);
        expect(p.decodeGroupState(p.encodeGroupState(current)).ok).toBe(true);
      }),
    );
  });
});

describe("when the owner leaves", () => {
  test("the admin with the lowest id follows, else the member with the lowest", () => {
    expect(p.roleOf(p.withoutFormerMembers(state, [MEMBER, ADMIN_2, ADMIN]), ADMIN)).toBe("owner");
    expect(p.roleOf(p.withoutFormerMembers(fresh, [MEMBER, ADMIN_2]), ADMIN_2)).toBe("owner");
    expect(p.successorOf(fresh, [])).toBeUndefined();
  });

  test("nothing changes while an owner is there", () => {
    expect(p.withoutFormerMembers(state, [OWNER, ADMIN])).toEqual({ ...state, rolesById: oneAdmin.rolesById });
  });
});
