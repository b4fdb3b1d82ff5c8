import { expect, test } from "vitest";
import { needVisible } from "./visible.ts";

test.each(["", " ", "\n\t ", "\u00a0", "\u200b\u200d", "\u2800", "\u3164", "\u202e", "\ufe0f"])("%j shows nothing", (text) => {
  expect(() => needVisible(text)).toThrow(expect.objectContaining({ code: "text_empty" }));
});

test.each(["a", " . ", "\u{1F33F}", "\u2764\ufe0f", "\u05d0", "-"])("%j shows something", (text) => {
  expect(() => needVisible(text)).not.toThrow();
});
