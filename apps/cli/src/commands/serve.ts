/** `serve`: the server in this process, until interrupted. */
import { startServer } from "@sotto/server";
import { type Command, exactly, numberOption, textOption, UsageError } from "../command.ts";

const DEFAULT_PORT = 8420;

function tlsOf(certificateFile: string | undefined, keyFile: string | undefined) {
  if (certificateFile === undefined && keyFile === undefined) return {};
  if (certificateFile === undefined || keyFile === undefined) throw new UsageError("TLS takes both --tls-cert and --tls-key.");
  return { tls: { certificateFile, keyFile } };
}

export const serve: Command = {
  usage: "[--port N] [--data DIR] [--host ADDRESS] [--origin URL] [--tls-cert FILE --tls-key FILE] [--invite-only]",
  summary: "run a server; all it keeps is in one folder",
  options: {
    port: { type: "string" },
    data: { type: "string" },
    host: { type: "string" },
    origin: { type: "string" },
    "tls-cert": { type: "string" },
    "tls-key": { type: "string" },
    "invite-only": { type: "boolean" },
  },
  run: async ({ args, options, print }) => {
    exactly(args);
    const [host, origin] = [textOption(options, "host"), textOption(options, "origin")];
    const dataFolder = textOption(options, "data") ?? "sotto-data";
    const server = await startServer({
      dataFolder,
      port: numberOption(options, "port", DEFAULT_PORT),
      inviteRequired: options["invite-only"] === true,
      ...(host === undefined ? {} : { host }),
      ...(origin === undefined ? {} : { origins: [origin] }),
      ...tlsOf(textOption(options, "tls-cert"), textOption(options, "tls-key")),
    });
    print(
      { address: server.address, data: dataFolder },
      `Sotto is at ${server.address}, with its data in ${dataFolder}. Stop it with Ctrl-C.`,
    );
    await new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
    });
    await server.close();
  },
};
