// SPDX-License-Identifier: MIT
// Certificates for servers and clients of TLS, made when first asked for by
// the program that SIO_MAKE_CERTIFICATES names, and gone with this process.
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const folders = [];

process.on("exit", () => {
  for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

// A new folder full of them; undefined without the program.
export function makeCertificates() {
  const program = process.env.SIO_MAKE_CERTIFICATES;

  if (!program) return undefined;
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sio-tls-"));
  folders.push(folder);
  const { status, stderr } = spawnSync(program, [folder]);
  if (status !== 0) throw new Error(`${program}: ${stderr}`);
  return folder;
}

// One of its files; .key and .crt of "ca", "server" and "client".
export const certificate = (name, folder) => fs.readFileSync(path.join(folder, name));
