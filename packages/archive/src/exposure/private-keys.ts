/** Private keys as text (RFC 7468, OpenSSH, OpenPGP, PuTTY). The whole block, or its beginning if the end was cut off. */
import type { ExposureFinding } from "@sotto/protocol";

const MARKER = /-----(BEGIN|END) ([A-Z0-9 ]{0,40})-----|^PuTTY-User-Key-File-\d/gm;
const BODY_MIN = 64;
const OPEN_LENGTH_MAX = 20_000;

type Open = { readonly label: string; readonly start: number; readonly bodyAt: number };

const isPrivate = (label: string): boolean => label.includes("PRIVATE KEY");

function finding(text: string, { label, start, bodyAt }: Open, end: number | undefined): ExposureFinding | undefined {
  const body = text.slice(bodyAt, Math.min(end ?? text.length, bodyAt + OPEN_LENGTH_MAX));
  if ((body.match(/[A-Za-z0-9+/=]/g)?.length ?? 0) < BODY_MIN) return undefined;
  const what = /OPENSSH/.test(label) ? "ssh-private-key" : /PGP/.test(label) ? "pgp-private-key" : "private-key";
  const value = body.replaceAll(/\s/g, "");
  const level = end === undefined ? "likely" : "confirmed";
  return { kind: "key", level, what, masked: `${value.length} characters`, value, start, length: (end ?? text.length) - start };
}

export function* findPrivateKeys(text: string): Generator<ExposureFinding> {
  let open: Open | undefined;
  for (const { 0: marker, 1: side, 2: label = "", index } of text.matchAll(MARKER)) {
    if (side === undefined) {
      const found = finding(text, { label: "PuTTY", start: index, bodyAt: index + marker.length }, undefined);
      if (found !== undefined) yield { ...found, what: "ssh-private-key" };
      return;
    }
    if (side === "BEGIN") open = isPrivate(label) ? { label, start: index, bodyAt: index + marker.length } : undefined;
    else if (open !== undefined && label === open.label) {
      const found = finding(text, open, index);
      if (found !== undefined) yield { ...found, length: found.length + marker.length };
      open = undefined;
    }
  }
  const cut = open && finding(text, open, undefined);
  if (cut !== undefined) yield cut;
}
