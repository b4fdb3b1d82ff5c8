import type { IncomingMessage } from "node:http";
import { expect, test } from "vitest";
import { addressOf } from "./address.ts";

function from(remoteAddress: string, forwarded?: string): Pick<IncomingMessage, "headers" | "socket"> {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- of a socket the part that is read
  return { headers, socket: { remoteAddress } as IncomingMessage["socket"] };
}

test("the address is the peer's, or behind a proxy the one that the proxy wrote", () => {
  expect(addressOf(from("192.0.2.1", "198.51.100.7"), false)).toBe("192.0.2.1");
  expect(addressOf(from("127.0.0.1", "198.51.100.7"), true)).toBe("198.51.100.7");
  expect(addressOf(from("127.0.0.1", "203.0.113.9, 198.51.100.7"), true)).toBe("198.51.100.7");
  expect(addressOf(from("127.0.0.1"), true)).toBe("127.0.0.1");
  for (const garbage of ["", "unknown", "198.51.100.7,", "1.2.3.4.5", "::1]@"])
    expect(addressOf(from("127.0.0.1", garbage), true)).toBe("127.0.0.1");
});

test("an IPv6 address counts with all others of its /64, and IPv4 in it as IPv4", () => {
  const networks = [
    "2001:db8::1",
    "2001:DB8:0:0:ffff::2",
    "2001:db8:0:0:1:2:3:4",
    "2001:db8:0:1::1",
    "::1",
    "fe80::1%eth0",
    "::ffff:192.0.2.1",
    "::ffff:c000:201",
  ];
  expect(networks.map((address) => addressOf(from(address), false))).toEqual([
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
    "2001:db8:0:0::/64",
    "2001:db8:0:1::/64",
    "0:0:0:0::/64",
    "fe80:0:0:0::/64",
    "192.0.2.1",
    "192.0.2.1",
  ]);
});
