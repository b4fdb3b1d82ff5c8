/** Loaded into a server before it starts, it keeps SQLite from waiting for the disk: a mistake that a power cut has to show. */
import { DatabaseSync } from "node:sqlite";

const exec = Reflect.get(DatabaseSync.prototype, "exec");
DatabaseSync.prototype.exec = function forgetful(sql: string): void {
  Reflect.apply(exec, this, [sql.replace("synchronous = FULL", "synchronous = OFF")]);
};
