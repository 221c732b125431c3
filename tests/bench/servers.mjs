// SPDX-License-Identifier: MIT
// The servers that are measured: how each is started, on the first core, and
// why one is not there.
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const here = path.dirname(new URL(import.meta.url).pathname);
const modules = process.env.NODE_MODULES_DIR ?? "";
const pinned =
  os.cpus().length >= 2 && spawnSync("taskset", ["-p", "1"]).status === 0;

export const BUN =
  path.join(modules, `@oven/bun-linux-${os.arch()}/bin/bun`);
export const NAMES = ["ours", "before", "floor", "node", "bun"];

function command(name, bin) {
  switch (name) {
    case "node":
      return [process.execPath, path.join(here, "peer_node.mjs")];
    case "bun":
      return [BUN, path.join(here, "peer_bun.mjs")];
    default:
      return [path.join(bin, name === "floor" ? name : "server")];
  }
}

// Why a server cannot be run; null: it can.
export function missing(name) {
  if (name === "node" && !fs.existsSync(path.join(modules, "socket.io")))
    return "the npm package socket.io is not installed";
  if (name !== "bun") return null;
  if (!fs.existsSync(BUN))
    return "the npm package bun is not installed, or not for this machine";
  if (!fs.existsSync(path.join(modules, "@socket.io/bun-engine")))
    return "the npm package @socket.io/bun-engine is not installed";
  const { status, error, signal } = spawnSync(BUN, ["--version"]);
  return status === 0
    ? null
    : `bun does not run here (${error?.message ?? signal ?? status})`;
}

export function onCore(core, argv) {
  return pinned ? ["taskset", "-c", String(core), ...argv] : argv;
}

const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => process.exit(1));

// Resolves to the process and its port. `bin` is the folder of the program, where
// it is one of ours (`before`: of an older build); `extra` are arguments behind the port.
export function start(name, bin, extra = []) {
  const [file, ...args] = onCore(0, [...command(name, bin), "0", ...extra]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });

  running.add(child);
  child.on("exit", () => running.delete(child));
  return new Promise((resolve, reject) => {
    let text = "";

    child.on("exit", (code, signal) =>
      reject(new Error(`${name} ended: ${code ?? signal}`)));
    child.on("error", reject);
    child.stdout.on("data", (data) => {
      text += data;
      const found = /listening on (\d+)/.exec(text);
      if (found) resolve({ child, port: found[1] });
    });
  });
}

export function stop({ child }) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.on("exit", resolve);
    child.kill("SIGKILL");
  });
}
