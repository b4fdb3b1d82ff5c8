/** `serve`: the server in this process, until interrupted. */
import type { ServerOptions } from "@sotto/server";
import { type Command, exactly, numberOption, type Options, textOption, UsageError } from "../command.ts";

export const DEFAULT_DATA = "sotto-data";
const DEFAULT_PORT = 8420;
const MIB = 1024 * 1024;

const usage = `[--port N] [--host ADDRESS] [--data DIR] [--origin URL[,URL…]] [--cert FILE --key FILE] [--behind-proxy]
  [--invite-only] [--retention-days N] [--blob-days N] [--blob-mib N] [--blobs-mib N]
  [--free-mib N] [--connections N] [--web DIR]`;

const details = [
  "--origin        how clients address it, when that is not this machine's name: https://chat.example.org; several with commas",
  "--cert, --key   TLS with these PEM files; without them it speaks plain HTTP",
  "--behind-proxy  believe the X-Forwarded-For of the proxy in front",
  '--invite-only   sign-up takes a code of "sotto admin invite"',
  "--retention-days, --blob-days   how long messages and files are kept (30)",
  "--blob-mib, --blobs-mib   the largest file, and all files together",
  "--free-mib      free room on the disk below which nothing is written (256)",
  "--connections   the most connections (20000)",
  "--web DIR       a built web app to serve",
];

function tlsOf(certificateFile: string | undefined, keyFile: string | undefined): Pick<ServerOptions, "tls"> {
  if (certificateFile === undefined && keyFile === undefined) return {};
  if (certificateFile === undefined || keyFile === undefined) throw new UsageError("TLS takes both --cert and --key.");
  return { tls: { certificateFile, keyFile } };
}

/** As URLs have it: scheme, host and port, nothing else. */
function originsOf(text: string | undefined): Pick<ServerOptions, "origins"> {
  if (text === undefined) return {};
  const origins = text.split(",").map((part) => {
    const url = URL.canParse(part) ? new URL(part) : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol))
      throw new UsageError("--origin takes an address like https://chat.example.org.");
    return url.origin;
  });
  return { origins };
}

type Asked<Name extends string> = { readonly option: string; readonly name: Name; readonly factor?: number };

/** A number that was given, under its name in the server. */
function given<const Name extends string>(options: Options, asked: Asked<Name>): { readonly [K in Name]?: number } {
  const { option, name, factor = 1 } = asked;
  if (textOption(options, option) === undefined) return {};
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the compiler does not follow a computed name
  return { [name]: numberOption(options, option, 0) * factor } as { readonly [K in Name]: number };
}

function serverOptions(options: Options): ServerOptions {
  const [host, webFolder] = [textOption(options, "host"), textOption(options, "web")];
  return {
    dataFolder: textOption(options, "data") ?? DEFAULT_DATA,
    port: numberOption(options, "port", DEFAULT_PORT),
    inviteRequired: options["invite-only"] === true,
    trustProxy: options["behind-proxy"] === true,
    ...(host === undefined ? {} : { host }),
    ...(webFolder === undefined ? {} : { webFolder }),
    ...originsOf(textOption(options, "origin")),
    ...tlsOf(textOption(options, "cert"), textOption(options, "key")),
    ...given(options, { option: "retention-days", name: "entryDaysKept" }),
    ...given(options, { option: "blob-days", name: "blobDaysKept" }),
    ...given(options, { option: "blob-mib", name: "blobBytesMax", factor: MIB }),
    ...given(options, { option: "blobs-mib", name: "blobBytesTotalMax", factor: MIB }),
    limits: {
      ...given(options, { option: "free-mib", name: "diskFreeBytesMin", factor: MIB }),
      ...given(options, { option: "connections", name: "connectionsMax" }),
    },
  };
}

const TEXTS = ["port", "host", "data", "origin", "cert", "key", "web"] as const;
const NUMBERS = ["retention-days", "blob-days", "blob-mib", "blobs-mib", "free-mib", "connections"] as const;
const SWITCHES = ["behind-proxy", "invite-only"] as const;

export const serve: Command = {
  usage,
  summary: "run a server; all it keeps is in one folder",
  details,
  options: Object.fromEntries([
    ...[...TEXTS, ...NUMBERS].map((name) => [name, { type: "string" }] as const),
    ...SWITCHES.map((name) => [name, { type: "boolean" }] as const),
  ]),
  run: async ({ args, options, print }) => {
    exactly(args);
    const asked = serverOptions(options);
    const stopped = new Promise<void>((resolve) => {
      for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, resolve);
    });
    // Here, not above: no other command needs the memory that a server takes.
    const { startServer } = await import("@sotto/server");
    const server = await startServer(asked);
    print(
      { address: server.address, data: asked.dataFolder },
      `Sotto is at ${server.address}, with its data in ${asked.dataFolder}. Stop it with Ctrl-C.`,
    );
    await stopped;
    await server.close();
  },
};
