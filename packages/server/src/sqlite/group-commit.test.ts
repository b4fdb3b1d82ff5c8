import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { ServerError } from "../server-error.ts";
import { GroupCommit } from "./group-commit.ts";

test("on a full disk, what only deletes is done, and what adds is refused, also in one turn", async () => {
  const database = new DatabaseSync(":memory:");
  onTestFinished(() => database.close());
  database.exec("CREATE TABLE thing (id INTEGER); INSERT INTO thing VALUES (1), (2)");
  const commit = new GroupCommit(database, () => {
    throw new ServerError("server_disk_full");
  });
  const add = () => commit.run(() => database.exec("INSERT INTO thing VALUES (3)"));
  const remove = (id: number) => commit.runFreeing(() => database.prepare("DELETE FROM thing WHERE id = ?").run(id).changes);
  const results = await Promise.allSettled([remove(1), add(), remove(2)]);
  expect(results).toMatchObject([{ value: 1 }, { reason: { code: "server_disk_full" } }, { value: 1 }]);
  await expect(add()).rejects.toMatchObject({ code: "server_disk_full" });
  expect(database.prepare("SELECT id FROM thing").all()).toEqual([]);
});
