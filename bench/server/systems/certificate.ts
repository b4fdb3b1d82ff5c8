/** A certificate for the run. Both systems use the same one. */
import { execFileSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export type Certificate = { readonly certificateFile: string; readonly keyFile: string; readonly bothFile: string };

/** Needs the program openssl. ECDSA with P-256, as public certificates mostly are now. */
export function makeCertificate(folder: string): Certificate {
  const [certificateFile, keyFile, bothFile] = ["cert.pem", "key.pem", "both.pem"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,DNS:conference.localhost,IP:127.0.0.1"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  execFileSync("openssl", ["req", "-x509", ...key, "-days", "2", ...subject, "-keyout", keyFile, "-out", certificateFile], {
    stdio: "ignore",
  });
  writeFileSync(bothFile, readFileSync(certificateFile, "utf8") + readFileSync(keyFile, "utf8"));
  for (const file of [certificateFile, keyFile, bothFile]) chmodSync(file, 0o644);
  return { certificateFile, keyFile, bothFile };
}
