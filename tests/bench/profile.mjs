// SPDX-License-Identifier: MIT
// Where a server's CPU goes in a run of figures.mjs: by object, the kernel's
// part by system call, and its functions and ours.
//
//   node profile.mjs --bin FOLDER_OF_PROGRAMS [--runs echo100,poll200]
//        [--servers ours,floor] [--seconds 3] [--top 12]
//        [--tls CERTIFICATE_WITHOUT_ENDING]
//
// perf samples the server with the clock (cpu-clock), which works in virtual
// machines without counters too, but sees nothing while interrupts are off:
// what happens then is told of the function that lets them in again. The
// samples themselves make an operation a little dearer. Kernel symbols need
// root, or kernel.perf_event_paranoid and kernel.kptr_restrict set to allow
// them.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { RUNS } from "./figures.mjs";
import { generate } from "./load.mjs";
import { missing, onCore, start, stop } from "./servers.mjs";
import { number } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    bin: { type: "string" },
    runs: { type: "string", default: "echo100" },
    servers: { type: "string", default: "ours,floor" },
    seconds: { type: "string", default: "3" },
    top: { type: "string", default: "12" },
    tls: { type: "string" },
  },
});
const EACH_SECOND = 4999; // samples
const WARM = 1; // seconds
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "bench-profile-"));
const recorded = path.join(folder, "perf.data");

process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

function fail(text) {
  console.error(text);
  process.exit(1);
}

// -- samples ----------------------------------------------------------------

function record(pid) {
  const [file, ...args] = onCore(1, ["perf", "record", "-q", "-e", "cpu-clock",
    "-F", String(EACH_SECOND), "-g", "--kernel-callchains", "-p", String(pid),
    "-o", recorded]);
  return spawn(file, args, { stdio: ["ignore", "ignore", "inherit"] });
}

function script(...args) {
  const { status, stdout, stderr } = spawnSync("perf",
    ["script", "-i", recorded, ...args], { maxBuffer: 2 ** 30 });

  if (status !== 0) fail(`perf script: ${stderr}`);
  return stdout.toString();
}

const SYSTEM_CALL = / (?:__x64_sys|__arm64_sys|ksys)_(\w+)/;
const OURS = /^(lib(socketio|engineio|base)\b|(lt-)?server$)/;

function objectOf(dso) {
  const name = path.basename(dso).replace(/\.so\b.*/, "");

  if (dso.startsWith("[kernel") || dso.endsWith(".ko")) return "kernel";
  if (OURS.test(name)) return "ours";
  if (name.startsWith("libwebsockets")) return "libwebsockets";
  if (/anon|^perf-\d+\.map$|^\[JIT/.test(name)) return "compiled at run time";
  return name;
}

// [times, name] of each, most frequent first.
function count(names) {
  const times = new Map();

  for (const name of names) times.set(name, (times.get(name) ?? 0) + 1);
  return [...times].map(([name, n]) => [n, name]).sort((a, b) => b[0] - a[0]);
}

function read() {
  const samples = [...script("-G", "-F", "ip,sym,dso")
    .matchAll(/^ *[0-9a-f]+ (.*) \((.*)\)$/gm)]
    .map(([, symbol, dso]) => ({ symbol, object: objectOf(dso) }));
  const within = (object) => count(samples
    .filter((one) => one.object === object).map(({ symbol }) => symbol));
  const calls = script("-F", "ip,sym")
    .split("\n\n")
    .map((chain) => SYSTEM_CALL.exec(chain)?.[1])
    .filter(Boolean);

  return { all: samples.length, calls: count(calls),
    objects: count(samples.map(({ object }) => object)),
    kernel: within("kernel"), ours: within("ours") };
}

// -- what is printed ----------------------------------------------------------

function list(title, counted, { all }, report) {
  const lines = counted.slice(0, Number(options.top)).map(([n, name]) => {
    const share = n / all;
    const us = report.ops > 0 ? number(share * report.cpu_us_per_op) : "";

    const percent = (share * 100).toFixed(1);
    return `${percent.padStart(7)} % ${us.padStart(8)}  ${name}`;
  });
  return [`  ${title}`, ...lines].join("\n");
}

const sum = (counted) => counted.reduce((all, [n]) => all + n, 0);

function show(run, name, report) {
  const found = read();
  const others = sum(found.kernel) - sum(found.calls);
  const calls = [...found.calls, [others, "none"]];
  const lists = [
    ["object, % of the CPU, us CPU each", found.objects],
    ["the kernel by system call", found.kernel.length > 0 ? calls : []],
    ["the kernel by function", found.kernel],
    ["ours by function", found.ours],
  ].filter(([, counted]) => counted.length > 0);

  if (found.all === 0)
    fail(`${run.key} ${name}: perf took no samples; give it --seconds`);
  console.log(`${run.key} ${name}: ` +
    (report.ops > 0 ? `${number(report.cpu_us_per_op)} us CPU each, ` : "") +
    `${found.all} samples`);
  for (const [title, counted] of lists)
    console.log(list(title, counted, found, report));
  if (found.kernel.length === 0)
    console.log("  the kernel's part cannot be seen: see profile.mjs");
  console.log();
}

// -- one run against one server -----------------------------------------------

async function profile(run, name) {
  const files = run.tls ? [`${options.tls}.crt`, `${options.tls}.key`] : [];
  const server = await start(name, options.bin, files);
  const args = [...run.load, "--seconds", options.seconds, "--warm", WARM,
    "--port", server.port, "--pid", server.child.pid];
  let perf;

  if (run.tls) args.push("--tls");
  // perf takes a while to begin; what is warmed up with is the same load.
  const report = await generate(options.bin, args, (line) => {
    if (/: (warming up|measuring)$/.test(line))
      perf ??= record(server.child.pid);
    if (line.endsWith(": draining") || line.endsWith(": done"))
      perf?.kill("SIGINT");
  });
  if (!perf) fail(`${run.key} was over before perf could look`);
  if (perf.exitCode === null) await once(perf, "exit");
  await stop(server);
  show(run, name, report);
}

if (spawnSync("perf", ["--version"]).status !== 0)
  fail("bench-profile needs perf (Debian: linux-perf)");
for (const key of options.runs.split(",")) {
  const run = RUNS.find((one) => one.key === key);

  if (!run)
    fail(`no run ${key}; there are ${RUNS.map((r) => r.key).join(", ")}`);
  for (const name of options.servers.split(",")) {
    if (!run.servers.includes(name)) continue;
    const why = missing(name);
    if (why) console.error(`${name} is left out: ${why}`);
    else await profile(run, name);
  }
}
