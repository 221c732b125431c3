// SPDX-License-Identifier: MIT
// One run of the load generator, on the second core.
import { spawn } from "node:child_process";
import path from "node:path";
import { onCore } from "./servers.mjs";

const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

// Its report; `progress` hears the lines that it writes meanwhile. Rejects
// with the last of them if anything was not as it has to be.
export function generate(bin, args, progress = () => {}) {
  const argv = [path.join(bin, "load"), ...args.map(String)];
  const [file, ...rest] = onCore(1, argv);
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });

  running.add(child);
  return new Promise((resolve, reject) => {
    let out = "", err = "";

    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => {
      err += data;
      progress(err.trimEnd().split("\n").pop());
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(err.trim().split("\n").pop() || `${code ?? signal}`));
    });
  });
}
