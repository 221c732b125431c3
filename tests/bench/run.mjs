// SPDX-License-Identifier: MIT
// The benchmark: each figure against each server, in rounds that are
// interleaved, so that whatever else the machine does hits all of them alike.
// A server is started anew for each measurement and pinned to one core, the
// load generator to another. Prints a table of the medians and the ratios,
// and writes everything to FOLDER/bench.json and FOLDER/bench.svg.
//
//   node run.mjs --bin FOLDER_OF_PROGRAMS --out FOLDER [--rounds 3]
//        [--only echo,connect] [--servers ours,node] [--quick]
import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { FIGURES } from "./figures.mjs";
import { draw } from "./draw.mjs";
import { median, table, verdicts } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    bin: { type: "string" },
    out: { type: "string", default: "." },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string" },
    only: { type: "string" },
    servers: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const here = import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname);
const modules = process.env.NODE_MODULES_DIR ?? "";
const rounds = Number(options.rounds);
const bun = path.join(modules, `@oven/bun-linux-${os.arch()}/bin/bun`);

// -- servers --------------------------------------------------------------

const SERVERS = {
  ours: [path.join(options.bin, "server")],
  floor: [path.join(options.bin, "floor")],
  node: [process.execPath, path.join(here, "peer_node.mjs")],
  bun: [bun, path.join(here, "peer_bun.mjs")],
};

function missing(name) {
  if (name === "node" && !fs.existsSync(path.join(modules, "socket.io")))
    return "the npm package socket.io is not installed";
  if (name === "bun" && !fs.existsSync(bun))
    return "the npm package bun is not installed";
  return null;
}

const pinned =
  os.availableParallelism?.() >= 2 && fs.existsSync("/usr/bin/taskset");
const on = (core, command) =>
  pinned ? ["taskset", "-c", String(core), ...command] : command;

function start(name) {
  const [file, ...args] = on(0, [...SERVERS[name], "0"]);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });

  return new Promise((resolve, reject) => {
    let text = "";

    child.on("exit", (code) => reject(new Error(`${name} ended: ${code}`)));
    child.on("error", reject);
    child.stdout.on("data", (data) => {
      text += data;
      const found = /listening on (\d+)/.exec(text);
      if (found) resolve({ child, port: found[1] });
    });
  });
}

function stop({ child }) {
  return new Promise((resolve) => {
    child.removeAllListeners("exit");
    child.on("exit", resolve);
    child.kill("SIGKILL");
  });
}

// -- one measurement --------------------------------------------------------

function load(args) {
  const [file, ...rest] = on(1, [path.join(options.bin, "load"), ...args]);
  const child = spawn(file, rest, { stdio: ["ignore", "pipe", "pipe"] });

  return new Promise((resolve, reject) => {
    let out = "", err = "";

    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    child.on("error", reject);
    child.on("exit", (code) => {
      if (code === 0) resolve(JSON.parse(out));
      else reject(new Error(err.trim().split("\n").pop()));
    });
  });
}

async function measure(figure, name) {
  const server = await start(name);
  const args = [...figure.load.map(String), "--port", server.port,
    "--pid", String(server.child.pid)];

  if (options.seconds && !args.includes("--seconds"))
    args.push("--seconds", options.seconds);
  try {
    return await load(args);
  } finally {
    await stop(server);
  }
}

// -- all of them ------------------------------------------------------------

function wanted(list, name) {
  return !list || list.split(",").includes(name);
}

const figures = FIGURES.filter(
  (figure) =>
    wanted(options.only, figure.key) && !(options.quick && figure.slow),
);
const servers = Object.keys(SERVERS).filter((name) => {
  const why = wanted(options.servers, name) ? missing(name) : "";
  if (why) console.error(`${name} is left out: ${why}`);
  return why === null;
});
const reports = {};

for (let round = 1; round <= rounds; round++) {
  for (const figure of figures) {
    for (const name of figure.servers.filter((n) => servers.includes(n))) {
      const cell = ((reports[figure.key] ??= {})[name] ??= []);
      try {
        const report = await measure(figure, name);
        cell.push({ value: figure.value(report), report });
        console.error(
          `${round}/${rounds} ${figure.key} ${name}: ` +
            `${cell.at(-1).value.toFixed(3)} ${figure.unit}`,
        );
      } catch (error) {
        console.error(`${round}/${rounds} ${figure.key} ${name}: ${error.message}`);
      }
    }
  }
}

const cpuModel = os.cpus()[0]?.model ?? "unknown processor";
const machine = `${cpuModel}, ${os.cpus().length} cores, Linux ${os.release()}, ` +
  `Node ${process.version}`;
const medians = {};
for (const [key, byServer] of Object.entries(reports)) {
  medians[key] = {};
  for (const [name, cell] of Object.entries(byServer))
    if (cell.length > 0)
      medians[key][name] = median(cell.map((c) => c.value));
}
console.log(table(figures, medians, servers, machine, rounds));
const bad = verdicts(figures, medians);
for (const line of bad) console.log(line);
fs.mkdirSync(options.out, { recursive: true });
fs.writeFileSync(
  path.join(options.out, "bench.json"),
  JSON.stringify({ machine, rounds, medians, reports }, null, 1) + "\n",
);
fs.writeFileSync(
  path.join(options.out, "bench.svg"),
  draw(figures, medians, machine),
);
