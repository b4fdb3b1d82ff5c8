/** Words that people write and names that they give show something: nobody could tell blank ones from a fault. */
import { ClientError } from "../client-error.ts";

/** Anything but blanks, controls and what takes no room; U+2800 is a blank that Unicode counts as a symbol. */
const VISIBLE = /[^\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** Throws `text_empty`. */
export function needVisible(text: string): void {
  if (!VISIBLE.test(text)) throw new ClientError("text_empty");
}
