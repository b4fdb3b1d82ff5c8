/** Choosing a passphrase that nobody sees. */
import { expect, test } from "vitest";
import { chooseSecret } from "./passphrase.ts";

test("it is asked for until it is not empty and was typed the same twice", async () => {
  const answers = ["", "one", "other", "mine", "mine", "more"];
  const asked: string[] = [];
  const chosen = await chooseSecret("New: ", (question) => {
    asked.push(question);
    return Promise.resolve(answers.shift() ?? "");
  });
  expect(chosen).toBe("mine");
  const [again, empty, different] = ["Once more: ", "It cannot be empty. Choose one: ", "These were two different ones. Choose one: "];
  expect(asked).toEqual(["New: ", empty, again, different, again]);
  expect(answers).toEqual(["more"]);
});
