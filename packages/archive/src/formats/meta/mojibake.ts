/**
 * Instagram and Facebook write each byte of UTF-8 as a character of its own: "é" stands as "Ã©". This turns runs of characters from U+0080 to U+00FF
 * back, where they are valid UTF-8, and leaves everything else as it is: a text that holds characters beyond U+00FF beside a damaged run, a cut
 * sequence, and half a surrogate pair (ED A0 …) survive unchanged.
 */
import { decodeUtf8 } from "@sotto/protocol";

const RUN = /[\u0080-\u00FF]{2,}/g;

function repairRun(run: string): string {
  const bytes = new Uint8Array(run.length);
  for (let i = 0; i < run.length; i++) bytes[i] = run.charCodeAt(i);
  return decodeUtf8(bytes) ?? run;
}

export function repairMojibake(text: string): string {
  return text.replaceAll(RUN, repairRun);
}
