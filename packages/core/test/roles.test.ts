/** Roles: what members may do, and that what they may not do is refused by all alike, whatever their own program says. */
import { describe, expect, test } from "vitest";
import { decodeMlsMessage, encodeMlsMessage, type Proposal } from "@sotto/mls";
import { openEntry, sealContent, stageCommit } from "@sotto/core";
import { NO_TAG, plainContent, roleOf } from "@sotto/protocol";
import { codesOf, forgeCommit, forgeEntry, verdicts } from "./support/forging.ts";
import { codeOf, must } from "./support/provider.ts";
import { add, addressOf, catchUp, commit, type Device, Person, say, type Seat, text, wordsAt, World } from "./support/people.ts";

function addProposal(device: Device): Proposal {
  const message = must(decodeMlsMessage(device.invitee().keyPackage));
  if (message.kind !== "keyPackage") throw new Error("no key package");
  return { kind: "add", keyPackage: message.keyPackage };
}

function group() {
  const world = new World();
  const [ada, bob, eve, dan] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve"), new Person(world, "dan")];
  const devices = [ada.laptop, bob.phone, bob.laptop, eve.phone, eve.laptop];
  const seats = ada.phone.start("group", devices, "Lake people");
  const [adaPhone, adaLaptop, bobPhone, bobLaptop, evePhone, eveLaptop] = seats as [Seat, Seat, Seat, Seat, Seat, Seat];
  return { world, ada, bob, eve, dan, seats, adaPhone, adaLaptop, bobPhone, bobLaptop, evePhone, eveLaptop };
}

/** The leaf of a device, as this seat sees it. */
const leafOf = (seat: Seat, device: Device): number =>
  [...seat.conversation.mls.tree.members()].find(({ leaf }) => Buffer.from(leaf.signatureKey).equals(device.own.signatureKeys.publicKey))
    ?.leafIndex ?? -1;

describe("roles", () => {
  test("an owner makes an admin, who removes a member; everybody sees the same", () => {
    const { bob, eve, adaPhone, bobPhone, bobLaptop, adaLaptop } = group();
    commit(adaPhone, { changes: [{ kind: "role", account: bob.account, role: "admin" }] });
    commit(bobPhone, { removes: eve.devices.map(addressOf), changes: [{ kind: "name", name: "Without Eve" }] });
    for (const seat of [adaPhone, bobLaptop, adaLaptop]) {
      catchUp(seat);
      expect(roleOf(seat.conversation.group, bob.account)).toBe("admin");
      expect(seat.conversation.group.name).toBe("Without Eve");
      expect(seat.conversation.group.revision).toBe(2);
    }
  });

  test("a newcomer gets the state that the others have, and talks at once", () => {
    const { bob, dan, adaPhone, bobPhone } = group();
    commit(adaPhone, {
      changes: [
        { kind: "role", account: bob.account, role: "admin" },
        { kind: "timer", timerSeconds: 60 },
      ],
    });
    const [danPhone] = add(bobPhone, dan.phone, dan.laptop) as [Seat, Seat];
    expect(danPhone.conversation.group).toEqual(bobPhone.conversation.group);
    say(danPhone, "hello");
    expect(wordsAt(adaPhone)).toEqual(["hello"]);
  });

  test("own programs refuse before anything is sent", () => {
    const { ada, bob, eve, bobPhone } = group();
    const acting = { conversation: bobPhone.conversation, self: bob.phone.own };
    const context = bob.phone.context;
    const plans = [
      { removes: eve.devices.map(addressOf) },
      { removes: ada.devices.map(addressOf) },
      { changes: [{ kind: "name" as const, name: "Mine" }] },
      { changes: [{ kind: "role" as const, account: bob.account, role: "owner" as const }] },
    ];
    for (const plan of plans) expect(codeOf(stageCommit(acting, plan, context))).toBe("group_forbidden");
    const twice = [bob.phone, bob.phone].map((device) => device.invitee());
    expect(codeOf(stageCommit(acting, { adds: twice }, context))).toBe("key_package_invalid");
  });

  test("nobody can end the last owner", () => {
    const { ada, adaPhone } = group();
    const acting = { conversation: adaPhone.conversation, self: ada.phone.own };
    const changes = [{ kind: "role" as const, account: ada.account, role: "member" as const }];
    expect(codeOf(stageCommit(acting, { changes }, ada.phone.context))).toBe("group_needs_owner");
  });
});

describe("a member whose program breaks the rules", () => {
  type Fixture = ReturnType<typeof group>;
  const cases: readonly (readonly [string, string, (at: Fixture) => number])[] = [
    ["removes another", "group_forbidden", (at) => forgeCommit(at.bobPhone, removing(at, at.eve.devices))],
    ["removes the owner", "group_forbidden", (at) => forgeCommit(at.bobPhone, removing(at, at.ada.devices))],
    ["removes one device of another", "group_forbidden", (at) => forgeCommit(at.bobPhone, removing(at, [at.eve.phone]))],
    [
      "adds somebody without telling the state that members agree on",
      "conversation_mismatch",
      (at) => {
        forbidInvites(at);
        return forgeCommit(at.adaPhone, { proposals: [addProposal(at.dan.phone), extension(at.adaPhone)] });
      },
    ],
    [
      "adds somebody although only admins may",
      "group_forbidden",
      (at) => {
        forbidInvites(at);
        return forgeCommit(at.bobPhone, { proposals: [addProposal(at.dan.phone)] });
      },
    ],
    ["replaces the group's extensions", "conversation_mismatch", (at) => forgeCommit(at.bobPhone, { proposals: [extension(at.bobPhone)] })],
    [
      "closes the group",
      "invalid_proposal",
      (at) =>
        forgeCommit(at.bobPhone, {
          proposals: [{ kind: "reinit", groupId: at.bob.phone.random(16), version: 1, suiteId: 1, extensions: [] }],
        }),
    ],
  ];

  function removing(at: Fixture, devices: readonly Device[]): { proposals: Proposal[] } {
    return { proposals: devices.map((device) => ({ kind: "remove", removed: leafOf(at.bobPhone, device) })) };
  }

  function forbidInvites(at: Fixture): void {
    commit(at.adaPhone, { changes: [{ kind: "policy", policy: { invite: "admin", remove: "admin", rename: "admin", post: "member" } }] });
    for (const seat of at.seats) catchUp(seat);
  }

  /** The present extensions without the hash of the state. */
  function extension(seat: Seat): Proposal {
    return { kind: "groupContextExtensions", extensions: seat.conversation.mls.context.extensions.slice(0, 1) };
  }

  test.each(cases)("%s: %s, by all", (_name, code, forge) => {
    const at = group();
    for (const seat of at.seats) catchUp(seat);
    const before = at.seats.map((seat) => seat.conversation);
    const seq = forge(at);
    const entry = at.world.server.entry(at.adaPhone.conversation.log, seq);
    const judges = at.seats.filter((seat) => codeOf(openEntry(seat.conversation, entry, seat.device.context)) !== "own_message");
    expect(judges).toHaveLength(at.seats.length - 1);
    expect(new Set(codesOf(verdicts(judges, seq)))).toEqual(new Set([code]));
    expect(before).toHaveLength(at.seats.length);
  });

  test("sends a commit as a message, or a message as a commit: refused by all", () => {
    const { bob, bobPhone, seats } = group();
    const acting = { conversation: bobPhone.conversation, self: bob.phone.own };
    const others = seats.filter((seat) => seat !== bobPhone);
    const staged = must(stageCommit(acting, {}, bob.phone.context));
    const asMessage = forgeEntry(bobPhone, { kind: "message", body: staged.request.body, tag: NO_TAG, next: null });
    expect(new Set(codesOf(verdicts(others, asMessage)))).toEqual(new Set(["log_entry_invalid"]));
    const { salt: _, ...draft } = plainContent(new Uint8Array(16), text("words"));
    const sealed = must(sealContent(acting, draft, bob.phone.context));
    const { body, tag } = sealed.request;
    const asHandshake = forgeEntry(bobPhone, { kind: "handshake", body, tag, next: staged.request.next });
    expect(new Set(codesOf(verdicts(others, asHandshake)))).toEqual(new Set(["log_entry_invalid"]));
  });

  test("proposes what only a commit may hold: not kept, so no commit can refer to it", () => {
    const { seats, bobPhone } = group();
    const message = encodeMlsMessage(must(decodeMlsMessage(bobPhone.device.invitee().keyPackage)));
    const seq = forgeEntry(bobPhone, { kind: "message", body: message, tag: NO_TAG, next: null });
    for (const code of codesOf(verdicts(seats, seq))) expect(code).toBe("unsupported_wire_format");
  });

  test("writes where only admins may: opened, and rejected by all", () => {
    const { bob, adaPhone, bobPhone, seats } = group();
    commit(adaPhone, { changes: [{ kind: "policy", policy: { invite: "admin", remove: "admin", rename: "admin", post: "admin" } }] });
    for (const seat of seats) catchUp(seat);
    const { salt: _, ...draft } = plainContent(new Uint8Array(16), text("words"));
    expect(codeOf(sealContent({ conversation: bobPhone.conversation, self: bob.phone.own }, draft, bob.phone.context))).toBe(
      "group_forbidden",
    );
    const freely = { ...bobPhone.conversation, kind: "direct" as const };
    const sealed = must(sealContent({ conversation: freely, self: bob.phone.own }, draft, bob.phone.context));
    const seq = forgeEntry(bobPhone, { kind: "message", body: sealed.request.body, tag: sealed.request.tag, next: null });
    for (const outcome of verdicts(
      seats.filter((seat) => seat !== bobPhone),
      seq,
    )) {
      expect(outcome).toMatchObject({ ok: true, value: { kind: "rejected", code: "group_forbidden" } });
    }
  });
});

describe("a conversation of two", () => {
  test("takes no third person, from either side, and has no names or roles", () => {
    const world = new World();
    const [ada, bob, eve] = [new Person(world, "ada"), new Person(world, "bob"), new Person(world, "eve", 1)];
    const [adaPhone, , bobPhone] = ada.phone.start("direct", [ada.laptop, bob.phone, bob.laptop]) as [Seat, Seat, Seat, Seat];
    for (const seat of [adaPhone, bobPhone]) {
      const acting = { conversation: seat.conversation, self: seat.device.own };
      const { context } = seat.device;
      expect(codeOf(stageCommit(acting, { adds: [eve.phone.invitee()] }, context))).toBe("group_forbidden");
      expect(codeOf(stageCommit(acting, { changes: [{ kind: "name", name: "Us" }] }, context))).toBe("group_forbidden");
      const other = seat === adaPhone ? bob : ada;
      expect(codeOf(stageCommit(acting, { removes: other.devices.map(addressOf) }, context))).toBe("group_forbidden");
    }
    commit(bobPhone, { changes: [{ kind: "timer", timerSeconds: 3600 }] });
    catchUp(adaPhone);
    expect(adaPhone.conversation.group.timerSeconds).toBe(3600);
  });

  test("a self group takes own devices only", () => {
    const world = new World();
    const [ada, bob] = [new Person(world, "ada"), new Person(world, "bob", 1)];
    const [adaPhone] = ada.phone.start("self", [ada.laptop]) as [Seat, Seat];
    const acting = { conversation: adaPhone.conversation, self: ada.phone.own };
    expect(codeOf(stageCommit(acting, { adds: [bob.phone.invitee()] }, ada.phone.context))).toBe("group_forbidden");
  });
});
