// SPDX-License-Identifier: MIT
// What it was measured on and with, for the JSON and below the tables.
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { BUN } from "./servers.mjs";

const here = path.dirname(new URL(import.meta.url).pathname);
const modules = process.env.NODE_MODULES_DIR ?? "";

function said(...argv) {
  try {
    return execFileSync(argv[0], argv.slice(1),
      { stdio: ["ignore", "pipe", "ignore"] }).toString().trim();
  } catch {
    return undefined;
  }
}

function packaged(name) {
  try {
    return JSON.parse(
      fs.readFileSync(path.join(modules, name, "package.json"))).version;
  } catch {
    return undefined;
  }
}

const version = (module) => said("pkg-config", "--modversion", module);

function distribution() {
  try {
    return /^PRETTY_NAME="(.*)"$/m.exec(
      fs.readFileSync("/etc/os-release", "utf8"))[1];
  } catch {
    return undefined;
  }
}

// Its timers and its arithmetic are part of what each send costs.
function congestionControl() {
  try {
    return fs.readFileSync("/proc/sys/net/ipv4/tcp_congestion_control", "utf8")
      .trim();
  } catch {
    return undefined;
  }
}

export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: os.cpus()[0]?.model.trim() ?? "unknown processor",
    cores: os.cpus().length,
    memory_gb: Math.round(os.totalmem() / 2 ** 30),
    kernel: os.release(),
    congestion_control: congestionControl(),
    distribution: distribution(),
    compiler: said("sh", "-c", `${process.env.BENCH_CC ?? "cc"} --version`)
      ?.split("\n")[0],
    cflags: process.env.BENCH_CFLAGS,
    commit: said("git", "-C", here, "describe", "--always", "--dirty"),
    libwebsockets: version("libwebsockets")?.split("-")[0],
    openssl: version("openssl"),
    jansson: version("jansson"),
    node: process.versions.node,
    "socket.io": packaged("socket.io"),
    ws: packaged("ws"),
    bun: said(BUN, "--version"),
    "@socket.io/bun-engine": packaged("@socket.io/bun-engine"),
  };
}

// One sentence of it.
export function machineText(m) {
  const peers = [
    `Node.js ${m.node} with socket.io ${m["socket.io"]}`,
    m.bun && `Bun ${m.bun} with @socket.io/bun-engine ` +
      `${m["@socket.io/bun-engine"]}`,
  ].filter(Boolean);

  return `${m.cpu}, ${m.cores} cores, ${m.memory_gb} GB, ` +
    `Linux ${m.kernel} (${m.distribution}), TCP ${m.congestion_control}, ` +
    `${m.date}; ` +
    `libwebsockets ${m.libwebsockets}, OpenSSL ${m.openssl}, ` +
    `${m.cflags}; ${peers.join(", ")}`;
}

// Reasons for which the figures say little.
export function doubts(m) {
  const found = [];

  if (!/-O[23s]/.test(m.cflags ?? "-O2"))
    found.push(`the libraries are not optimised (CFLAGS: ${m.cflags})`);
  if (/sanitize/.test(m.cflags ?? ""))
    found.push("the libraries have sanitizers in them");
  if (os.cpus().length < 2)
    found.push("server and load generator share one core");
  return found;
}
