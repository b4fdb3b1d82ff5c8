/**
 * Tokens of services, by their published prefixes, and encoded private keys of wallets. A pattern is tried once for each word, at its start, so that
 * the time is linear in the text.
 */
import { bech32, createBase58check } from "@scure/base";
import { sha256 } from "@noble/hashes/sha2.js";
import type { ExposureFinding, ExposureKind, ExposureLevel } from "@sotto/protocol";
import { bitsPerCharacter } from "./entropy.ts";

type Rule = {
  readonly what: string;
  readonly kind?: ExposureKind;
  /** With the prefix; anchored at the start of a word. */
  readonly pattern: RegExp;
  readonly isConfirmed?: (token: string) => boolean;
};

const base58check = createBase58check(sha256);
const throwsNot = (call: () => unknown): boolean => {
  try {
    call();
    return true;
  } catch {
    return false;
  }
};
const hasBase58Check = (token: string): boolean => throwsNot(() => base58check.decode(token));
const isBech32 = (token: string): token is `${string}1${string}` => token.includes("1");
const hasBech32Check = (token: string): boolean => {
  const lower = token.toLowerCase();
  return isBech32(lower) && throwsNot(() => bech32.decode(lower));
};

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const CRC_CHARACTERS = 6;

function crc32(text: string): number {
  let crc = -1;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 0 ? 0 : 0xed_b8_83_20);
  }
  return ~crc >>> 0;
}

/** GitHub and npm: the last six characters are the CRC-32 of those between prefix and them, in base 62. */
function hasCrc(token: string): boolean {
  const body = token.slice(token.indexOf("_") + 1);
  let rest = crc32(body.slice(0, -CRC_CHARACTERS));
  let expected = "";
  for (let at = 0; at < CRC_CHARACTERS; at++, rest = Math.floor(rest / 62)) expected = (ALPHABET[rest % 62] ?? "") + expected;
  return body.endsWith(expected);
}

const RULES: readonly Rule[] = [
  { what: "github-token", pattern: /^gh[pousr]_[A-Za-z0-9]{36}$/, isConfirmed: hasCrc },
  { what: "github-token", pattern: /^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$/ },
  { what: "gitlab-token", pattern: /^gl(?:pat|dt|rt|soat|ptt)-[A-Za-z0-9_-]{20,60}$/ },
  { what: "npm-token", pattern: /^npm_[A-Za-z0-9]{36}$/, isConfirmed: hasCrc },
  { what: "pypi-token", pattern: /^pypi-AgE[A-Za-z0-9_-]{50,1000}$/ },
  { what: "aws-access-key", pattern: /^(?:AKIA|ASIA)[A-Z2-7]{16}$/ },
  { what: "google-api-key", pattern: /^AIza[A-Za-z0-9_-]{35}$/ },
  { what: "google-oauth-secret", pattern: /^GOCSPX-[A-Za-z0-9_-]{28}$/ },
  { what: "slack-token", pattern: /^xox[abeoprs]-[A-Za-z0-9-]{20,250}$/ },
  { what: "slack-token", pattern: /^xapp-\d-[A-Z0-9]{8,14}-\d{10,14}-[a-f0-9]{64}$/ },
  { what: "stripe-key", pattern: /^(?:sk|rk)_live_[A-Za-z0-9]{16,110}$/ },
  { what: "stripe-webhook-secret", pattern: /^whsec_[A-Za-z0-9]{32,64}$/ },
  { what: "anthropic-key", pattern: /^sk-ant-[a-z]{3,6}\d{2}-[A-Za-z0-9_-]{80,120}$/ },
  { what: "openai-key", pattern: /^sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{40,200}$/ },
  { what: "openai-key", pattern: /^sk-[A-Za-z0-9]{48}$/ },
  { what: "huggingface-token", pattern: /^hf_[A-Za-z]{34}$/ },
  { what: "digitalocean-token", pattern: /^do[opr]_v1_[a-f0-9]{64}$/ },
  { what: "shopify-token", pattern: /^shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}$/ },
  { what: "mailgun-key", pattern: /^key-[a-f0-9]{32}$/ },
  { what: "mailchimp-key", pattern: /^[a-f0-9]{32}-us\d{1,2}$/ },
  { what: "square-token", pattern: /^sq0(?:atp|csp)-[A-Za-z0-9_-]{22,43}$/ },
  { what: "dropbox-token", pattern: /^sl\.[A-Za-z0-9_-]{130,200}$/ },
  { what: "sendgrid-key", pattern: /^SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}$/ },
  { what: "telegram-bot-token", pattern: /^\d{8,10}:AA[A-Za-z0-9_-]{33}$/ },
  { what: "discord-bot-token", pattern: /^[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,38}$/ },
  { what: "json-web-token", pattern: /^eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,6000}\.[A-Za-z0-9_-]{20,1400}$/ },
  { what: "age-key", kind: "key", pattern: /^AGE-SECRET-KEY-1[AC-HJ-NP-Z02-9]{58}$/, isConfirmed: hasBech32Check },
  { what: "nostr-key", kind: "key", pattern: /^nsec1[ac-hj-np-z02-9]{58}$/, isConfirmed: hasBech32Check },
  { what: "wallet-master-key", kind: "key", pattern: /^[xyzt]prv[1-9A-HJ-NP-Za-km-z]{107}$/, isConfirmed: hasBase58Check },
  {
    what: "wallet-key",
    kind: "key",
    pattern: /^(?:5[HJK][1-9A-HJ-NP-Za-km-z]{49}|[KL][1-9A-HJ-NP-Za-km-z]{51})$/,
    isConfirmed: hasBase58Check,
  },
];

const WORD = /[A-Za-z0-9][A-Za-z0-9_.:-]{18,}/g;
const TOKEN_MAX = 10_000;
const ENTROPY_MIN = 2.8;
const PREFIX_SHOWN = 4;
/** Of an address, a token is at most a part: "https://host/ghp_…" is a word of its own behind the slash. */
const ENDING = /[.:_-]+$/;

function levelOf({ pattern, isConfirmed }: Rule, token: string): ExposureLevel | undefined {
  if (!pattern.test(token)) return undefined;
  if (isConfirmed !== undefined) return isConfirmed(token) ? "confirmed" : "possible";
  return bitsPerCharacter(token) >= ENTROPY_MIN ? "likely" : undefined;
}

export function* findTokens(text: string): Generator<ExposureFinding> {
  for (const { 0: word, index: start } of text.matchAll(WORD)) {
    if (word.length > TOKEN_MAX) continue;
    const token = word.replace(ENDING, "");
    for (const rule of RULES) {
      const level = levelOf(rule, token);
      if (level === undefined) continue;
      const { what, kind = "token" } = rule;
      yield { kind, level, what, masked: `${token.slice(0, PREFIX_SHOWN)}••••`, value: token, start, length: token.length };
      break;
    }
  }
}
