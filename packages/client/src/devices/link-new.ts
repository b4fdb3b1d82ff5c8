/** Linking, on the new device (spec/identity.md §Linking): reads the code, offers its keys, shows the digits, and takes what it is given. */
import { devicePublic, linkDigits, linkKeys, type LinkMessage, openGrantedKey, parseLinkCode, proveDevice } from "@sotto/core";
import { decodeChainEntry, decodeChainStatement, equalBytes } from "@sotto/protocol";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import { withLine } from "../net/with-line.ts";
import { arrive, type Chain, fetchChain, forgetPending, pendingDevice } from "./arrival.ts";
import { LinkChannel } from "./link-channel.ts";
import type { NewProfile } from "../account/profile.ts";

export type LinkGuest = {
  /** As the other device shows it. */
  readonly code: string;
  /** What the person calls this device. */
  readonly name: string;
  /** Six digits that the person types into the other device. */
  readonly showDigits: (digits: string) => void;
  readonly timeoutMs: number;
};

type Statement = Extract<LinkMessage, { readonly step: "statement" }>;

/** Stores nothing but the keys of this device. Refused or given up, these are forgotten; after anything else the same code may be tried again. */
export async function linkThisDevice(engine: Engine, guest: LinkGuest): Promise<NewProfile> {
  const keys = linkKeys(orThrow(parseLinkCode(guest.code)), engine.context);
  const device = await pendingDevice(engine);
  return withLine(engine.ports, "anonymous", async (line) => {
    const channel = new LinkChannel(engine.ports, line, { keys, timeoutMs: guest.timeoutMs });
    try {
      await channel.say({ step: "offer", device: devicePublic(device), name: guest.name });
      const asked = await channel.hear("statement");
      const proof = orThrow(proveDevice(asked.statement, device, engine.context));
      guest.showDigits(linkDigits(asked.statement, keys, engine.context));
      await channel.say({ step: "proof", proof });
      const { sealedKey } = await channel.hear("grant");
      const masterKey = orThrow(openGrantedKey(sealedKey, { account: asked.account, keys, device }, engine.context));
      const chain = await fetchChain(engine, line, asked.account);
      checkStatement(chain, asked);
      const kept = await withLine(engine.ports, "account", (own) => own.ask("account.kept", { account: asked.account }));
      return arrive(engine, { keys: device, chain, masterKey, kept: orThrow(kept) });
    } catch (error) {
      if (error instanceof ClientError && FINAL.has(error.code)) await forgetPending(engine);
      throw error;
    }
  });
}

/** After these the device is in no chain, so nothing is lost with its keys. */
const FINAL: ReadonlySet<string> = new Set(["link_digits_wrong", "link_cancelled", "link_refused", "chain_device_limit"]);

/** The server may not leave out the end of the chain: the entry that was compared stands where it says. */
function checkStatement(chain: Chain, { statement }: Statement): void {
  const { index } = orThrow(decodeChainStatement(statement));
  const entry = decodeChainEntry(chain.entries[index] ?? new Uint8Array());
  if (!entry.ok || !equalBytes(entry.value.signed, statement)) throw new ClientError("chain_fork");
}
