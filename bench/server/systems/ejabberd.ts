/**
 * ejabberd with its archive in PostgreSQL (Debian packages ejabberd, erlang-p1-pgsql and postgresql), in folders of its own. Everything that
 * would slow it down without need is off: rosters, offline store, stream management, shapers, presence in rooms.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { end, findProgram, start } from "../processes.ts";
import { asUser, freePort, ownedFolder, postgresBin, startPostgres } from "./postgres.ts";
import type { System } from "./system.ts";

const USER = "ejabberd";
const PASSWORD = "bench";
const SCHEMA = "/usr/share/ejabberd/sql/pg.sql";
const READY_MS = 60_000;

const settings = (port: number, sqlPort: number, certificate: string): string => `
hosts: [localhost]
loglevel: error
certfiles: ["${certificate}"]
listen:
  - {port: ${port}, ip: "127.0.0.1", module: ejabberd_c2s, starttls: true, starttls_required: true, shaper: none, access: all, max_stanza_size: 262144, max_fsm_queue: 100000, backlog: 1024}
auth_method: sql
default_db: sql
sql_type: pgsql
sql_server: "127.0.0.1"
sql_port: ${sqlPort}
sql_database: postgres
sql_username: postgres
sql_password: ""
max_fsm_queue: 100000
modules:
  mod_mam: {db_type: sql, default: always, assume_mam_usage: true, request_activates_archiving: false}
  mod_muc:
    access: all
    access_create: all
    access_persistent: all
    db_type: sql
    history_size: 0
    max_users: 2000
    min_message_interval: 0
    min_presence_interval: 0
    user_message_shaper: none
    room_shaper: none
    default_room_options: {mam: true, public: false, presence_broadcast: [], max_users: 2000}
`;

function missing(): string | undefined {
  if (process.getuid?.() !== 0) return "it is started as users of its own, which takes root";
  if (findProgram("setpriv") === undefined || findProgram("erl") === undefined) return "not installed";
  if (postgresBin() === undefined) return "PostgreSQL is not installed: apt install postgresql";
  try {
    readFileSync(SCHEMA);
    return undefined;
  } catch {
    return "not installed: apt install ejabberd erlang-p1-pgsql postgresql";
  }
}

export const ejabberd: System = {
  name: "ejabberd + PostgreSQL",
  missing,
  start: async ({ folder, core, accounts, tls }) => {
    const postgres = await startPostgres(folder, core);
    postgres.run(readFileSync(SCHEMA, "utf8"));
    postgres.run(`INSERT INTO users (username, password) SELECT 'u' || n, '${PASSWORD}' FROM generate_series(0, ${accounts - 1}) n`);
    const home = ownedFolder(join(folder, "ejabberd"), USER);
    const port = await freePort();
    const config = join(folder, "ejabberd.yml");
    const both = join(folder, "both.pem");
    writeFileSync(both, readFileSync(tls.certificateFile, "utf8") + readFileSync(tls.keyFile, "utf8"));
    writeFileSync(config, settings(port, postgres.port, both));
    const erl = ["erl", "+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir", `"${home}"`, "-s", "ejabberd"];
    const env = {
      ...process.env,
      HOME: home,
      ERL_LIBS: "/usr/lib/x86_64-linux-gnu",
      ERL_MAX_PORTS: "32000",
      EJABBERD_CONFIG_PATH: config,
      EJABBERD_LOG_PATH: join(home, "ejabberd.log"),
    };
    const child = start(asUser(USER, erl), core, { cwd: home, env, stdio: ["ignore", "ignore", "inherit"] });
    await listening(port);
    return {
      access: { system: "xmpp", port, password: PASSWORD },
      pids: [child.pid ?? 0, postgres.pid],
      stop: async () => {
        await end(child);
        await postgres.stop();
      },
    };
  },
};

async function listening(port: number): Promise<void> {
  const { connect } = await import("node:net");
  const deadline = Date.now() + READY_MS;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
    if (Date.now() > deadline) throw new Error("ejabberd does not listen");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
