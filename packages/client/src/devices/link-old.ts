/**
 * Linking, on the device that is in the account (spec/identity.md §Linking): shows a code, hears the keys of the new device, has the digits compared,
 * signs the entry, and hands over chain and master key. Nothing is stored here: a device that is in the chain and got no keys, since one of the two
 * was cut short, links again with a new code and is given them.
 */
import {
  composeEntry,
  createLinkCode,
  deviceSigner,
  finishEntry,
  linkCodeToText,
  linkDigits,
  linkKeys,
  type LinkMessage,
  sealGrantedKey,
} from "@sotto/core";
import {
  type ChainState,
  type ChainStatement,
  decodeChainEntry,
  decodeChainStatement,
  type Device,
  type DeviceId,
  deviceIdOf,
  equalBytes,
  idToText,
} from "@sotto/protocol";
import { latestMasterKey } from "../account/master-keys.ts";
import { ClientError, orThrow } from "../client-error.ts";
import type { Engine } from "../engine.ts";
import type { Line } from "../net/line.ts";
import { LinkChannel } from "./link-channel.ts";
import { hasCurrentMasterKey } from "./rotation.ts";

export type LinkHost = {
  /** Shows the code that the new device asks for, as text; also good for a QR code. */
  readonly showCode: (code: string) => void;
  /** The six digits that the new device shows, as the person typed them; undefined if they give up. */
  readonly askDigits: (newcomer: { readonly name: string }) => Promise<string | undefined>;
  readonly timeoutMs: number;
};

export type LinkedDevice = { readonly device: DeviceId; readonly name: string };

type Offer = Extract<LinkMessage, { readonly step: "offer" }>;

export async function linkNewDevice(engine: Engine, account: Pick<Line, "ask">, host: LinkHost): Promise<LinkedDevice> {
  const code = createLinkCode(engine.context.random);
  const keys = linkKeys(code, engine.context);
  if (!(await hasCurrentMasterKey(engine, await ownChain(engine)))) throw new ClientError("master_key_behind");
  const channel = new LinkChannel(engine.ports, engine.anonymous, { keys, timeoutMs: host.timeoutMs });
  await channel.create();
  host.showCode(linkCodeToText(code));
  const offer = await channel.hear("offer");
  try {
    const signed = await statementFor(engine, offer);
    await channel.say({ step: "statement", account: engine.me.account, statement: signed });
    await compare(host, offer, linkDigits(signed, keys, engine.context));
    const { proof } = await channel.hear("proof");
    await admit(engine, account, { signed, proof });
  } catch (error) {
    const reason = error instanceof ClientError ? error.code : "link_refused";
    await channel.say({ step: "refusal", reason }).catch(() => undefined);
    throw error;
  }
  const masterKey = await latestMasterKey(engine.ports.store);
  const to = { account: engine.me.account, keys, device: offer.device };
  await channel.say({ step: "grant", sealedKey: orThrow(sealGrantedKey(masterKey, to, engine.context)) });
  return { device: deviceIdOf(offer.device.signatureKey), name: offer.name };
}

async function ownChain(engine: Engine): Promise<ChainState> {
  orThrow(await engine.chains.fetch(engine.me.account));
  const chain = engine.chains.known(engine.me.account);
  if (chain === undefined) throw new ClientError("chain_empty");
  return chain;
}

/** The statement that adds the device: a new one, or that of the entry which has added it already. */
async function statementFor(engine: Engine, { device }: Offer): Promise<Uint8Array> {
  const chain = await ownChain(engine);
  const known = await addingEntry(engine, device);
  if (known !== undefined) return known.signed;
  return composeEntry(chain, { author: deviceSigner(engine.self).author, change: { kind: "add", device } }, engine.context);
}

const brings = ({ change }: ChainStatement, device: Device): boolean =>
  change.kind === "add" &&
  equalBytes(change.device.signatureKey.key, device.signatureKey.key) &&
  equalBytes(change.device.inboxKey.key, device.inboxKey.key);

async function addingEntry(engine: Engine, device: Device): Promise<{ readonly signed: Uint8Array } | undefined> {
  const chain = engine.chains.known(engine.me.account);
  if (chain?.devicesById.has(idToText(deviceIdOf(device.signatureKey))) !== true) return undefined;
  for (const bytes of await engine.chains.entries(engine.me.account)) {
    const entry = decodeChainEntry(bytes);
    if (entry.ok && brings(entry.value.statement, device)) return { signed: entry.value.signed };
  }
  return undefined;
}

async function compare(host: LinkHost, { name }: Offer, digits: string): Promise<void> {
  const typed = await host.askDigits({ name });
  if (typed === undefined) throw new ClientError("link_cancelled");
  if (typed.replaceAll(/\s/g, "") !== digits) throw new ClientError("link_digits_wrong");
}

/** Signs the entry and has the server keep it. The person may have taken minutes: then the chain may have grown. */
async function admit(
  engine: Engine,
  account: Pick<Line, "ask">,
  by: { readonly signed: Uint8Array; readonly proof: Uint8Array },
): Promise<void> {
  const chain = await ownChain(engine);
  const statement = orThrow(decodeChainStatement(by.signed));
  if (statement.change.kind !== "add") throw new ClientError("chain_kind");
  if ((await addingEntry(engine, statement.change.device)) !== undefined) return;
  if (statement.index !== chain.length) throw new ClientError("link_changed");
  const { entry } = orThrow(finishEntry(chain, { ...by, privateKey: engine.self.signatureKeys.privateKey }, engine.context));
  const answer = orThrow(await account.ask("account.chainAppend", { entry }));
  if (answer.outcome === "conflict") throw new ClientError("link_changed");
  orThrow(await engine.chains.fetch(engine.me.account));
}
