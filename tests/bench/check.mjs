// SPDX-License-Identifier: MIT
// Whether the benchmark works: each of its runs, made small, against our server
// and the floor, and then a server whose answers are tampered with on their
// way, which the load generator has to notice; and whether goals are judged
// as they are meant. Says nothing about speed.
//
//   node check.mjs FOLDER_OF_PROGRAMS CERTIFICATE_WITHOUT_ENDING
import assert from "node:assert";
import { execFile, spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { goalChecks } from "./check_goals.mjs";
import { draw } from "./draw.mjs";
import { RUNS } from "./figures.mjs";
import { goals } from "./goals.mjs";
import { lie } from "./liar.mjs";
import { generate } from "./load.mjs";
import { measure } from "./measure.mjs";
import { start, stop } from "./servers.mjs";
import { details, kernelShare, ratios } from "./table.mjs";

const [bin, tls] = process.argv.slice(2);
const here = path.dirname(new URL(import.meta.url).pathname);
const AT_ONCE = 4;
const SMALL = { "--connections": 20, "--beside": 10, "--rounds": 3,
  "--seconds": 0.2, "--warm": 0.1, "--patience": 10, "--least": 2 };
const reports = {};
let passed = 0, failed = 0;

// -- each run, for a moment ---------------------------------------------------

function small(load) {
  const args = load.map((arg, i) =>
    Math.min(SMALL[load[i - 1]] ?? Infinity, arg) || arg);

  for (const name of ["--seconds", "--warm", "--patience"])
    if (!args.includes(name)) args.push(name, SMALL[name]);
  if (!args.includes("idle") && !args.includes("--least"))
    args.push("--least", 1);
  return args;
}

async function withServer(name, secure, fn) {
  const files = secure ? [`${tls}.crt`, `${tls}.key`] : [];
  const server = await start(name, bin, files);

  try {
    return await fn(server);
  } finally {
    await stop(server);
  }
}

function check(run, name) {
  return withServer(name, run.tls, async ({ port, child }) => {
    const report = await generate(bin, [...small(run.load), "--port", port,
      "--pid", child.pid, ...(run.tls ? ["--tls"] : [])]);

    for (const figure of run.figures)
      assert(Number.isFinite(figure.value(report)), figure.title);
    assert(run.key.match(/memory|idle/) || report.ops > 0, "no operations");
    assert(report.cpu_share > 0 || report.ops === 0, "no CPU time");
    assert(report.memory_before > 0, "no memory");
    assert.equal(report.tls, run.tls ? "TLS_AES_128_GCM_SHA256" : undefined);
    assert(!report.slow || report.slow_lost === report.slow,
      "clients that do not read are kept for ever");
    (reports[run.key] ??= {})[name] = [report];
  });
}

// -- the kernel's share -----------------------------------------------------

// An echo is the kernel's, a handshake of TLS is not; each with CPU enough for
// a share to be told.
const shares = [
  ["echo", "--connections", 50, "--least", 80000, { least: 0.6, most: 1 }],
  ["connect", "--connections", 50, "--tls", "--least", 1500,
    { least: 0.02, most: 0.6 }],
].map(([scenario, ...more]) => {
  const { least, most } = more.pop();
  const load = ["--scenario", scenario, "--warm", 0, "--seconds", 0.3,
    "--patience", 60, ...more];

  return [`the kernel's share of ${scenario}`, () =>
    withServer("floor", more.includes("--tls"), async ({ port, child }) => {
      const report = await generate(bin,
        [...load, "--port", port, "--pid", child.pid]);
      const share = kernelShare([report]);
      assert(share >= least && share <= most, `${share}`);
    })];
});

// -- slices -------------------------------------------------------------------

const sliced = [
  ["echo", "--connections", 10],
  ["echo", "--connections", 10, "--polling"],
  ["broadcast", "--connections", 10, "--window", 4],
  ["connect", "--connections", 10],
].map(([scenario, ...more]) => [`slices of ${[scenario, ...more].join(" ")}`,
  async () => {
    const run = { load: ["--scenario", scenario, ...more, "--least", 1] };
    const all = await measure(run, ["ours", "before", "floor"], {
      bins: { ours: bin, floor: bin, before: "/nowhere" }, load: bin,
      warm: 0.02, slices: 3, seconds: 0.05, progress() {},
    });
    const ops = ({ reports }) => reports.map((r) => r && r.ops > 0);

    assert.deepEqual(all.map(({ name }) => name), ["ours", "before", "floor"]);
    assert.deepEqual(all.map(ops),
      [[true, true, true], [null, null, null], [true, true, true]]);
    assert(!all[0].error && !all[2].error);
    assert.match(all[1].error.message, /ENOENT|before ended/);
    for (const { seconds } of all[0].reports)
      assert(seconds >= 0.05 && seconds < 5, `${seconds}`);
  }]);

// -- lies -----------------------------------------------------------------------

const few = ["--connections", 5, "--seconds", 0.3, "--warm", 0,
  "--patience", 1];
const echo = ["--scenario", "echo", ...few];
const broadcast = ["--scenario", "broadcast", ...few, "--window", 4];
const page = ["--scenario", "page", ...few, "--seconds", 2];
const letters = { text: "abcdefgh", count: 7, frames: true };
const WRONG = /^client \d+: wrong/;
const NEVER = /^\d+ (answers never came|of \d+ clients never joined)$/;

const lies = [
  ["nothing", echo, { ...letters, how: "none" }, null],
  ["an echo altered", echo, { ...letters, how: "altered" }, WRONG],
  ["an echo dropped", echo, { ...letters, how: "dropped" }, NEVER],
  ["an echo doubled", echo, { ...letters, how: "doubled" }, WRONG],
  ["one of many echoes dropped", [...echo, "--depth", 16],
    { ...letters, how: "dropped" }, WRONG],
  ["a polled echo altered", [...echo, "--polling"],
    { ...letters, frames: false, how: "altered" }, WRONG],
  ["the answer to a POST altered", [...echo, "--polling"],
    { text: "ok", count: 3, how: "altered" }, /POST not ok/],
  ["a delivery altered", broadcast, { ...letters, how: "altered" }, WRONG],
  ["a delivery dropped", broadcast, { ...letters, how: "dropped" },
    /wrong|never came/],
  ["a delivery doubled", broadcast, { ...letters, how: "doubled" }, WRONG],
  ["a ping's answer altered", page,
    { text: "[]", count: 9, frames: true, how: "altered" }, WRONG],
  ["a large message altered",
    ["--scenario", "slow", ...few, "--payload", 900000],
    { ...letters, how: "altered" }, WRONG],
  ["the handshake's key altered", echo,
    { text: "s3pPLM", how: "altered" }, /no 101/],
  ["the handshake altered", echo,
    { text: "pingTimeout", frames: true, how: "altered" }, /no open packet/],
  ["the handshake dropped", ["--scenario", "idle", ...few],
    { text: "pingTimeout", frames: true, how: "dropped" }, NEVER],
  ["a CONNECT's answer altered", ["--scenario", "connect", ...few],
    { text: "40{", frames: true, how: "altered" }, /unexpected packet/],
  ["a CONNECT's answer doubled", ["--scenario", "connect", ...few],
    { text: "40{", frames: true, how: "doubled" }, /unexpected/],
  ...["ours", "floor"].flatMap((server) => [
    [`an echo of ${server} over wss altered`, [...echo, "--tls"],
      { ...letters, how: "altered" }, WRONG, server],
    [`an echo of ${server} over wss dropped`, [...echo, "--tls"],
      { ...letters, how: "dropped" }, NEVER, server],
    [`nothing, ${server} over wss`, [...echo, "--tls"],
      { ...letters, how: "none" }, null, server],
    [`the handshake of ${server} over wss altered`,
      ["--scenario", "connect", ...few, "--tls"],
      { text: "pingTimeout", frames: true, how: "altered" },
      /no open packet/, server],
  ]),
  ["a polled echo of the floor altered", [...echo, "--polling"],
    { ...letters, frames: false, how: "altered" }, WRONG, "floor"],
  ["a polled echo of the floor dropped", [...echo, "--polling"],
    { ...letters, frames: false, how: "dropped" }, NEVER, "floor"],
  ["the floor's answer to a POST altered", [...echo, "--polling"],
    { text: "ok", count: 3, how: "altered" }, /POST not ok/, "floor"],
];

function tell([, load, how, seen, name = "ours"]) {
  const secure = load.includes("--tls");

  return withServer(name, secure, async ({ port, child }) => {
    const liar = await lie(port, secure ? { ...how, tls: {
      cert: fs.readFileSync(`${tls}.crt`), key: fs.readFileSync(`${tls}.key`),
    } } : how);
    const run = generate(bin,
      [...load, "--port", liar.port, "--pid", child.pid]);

    try {
      if (seen) await assert.rejects(run, { message: seen });
      else await run;
      assert(liar.told(), "the lie was never told");
    } finally {
      liar.close();
    }
  });
}

// -- the profile, where perf can look -----------------------------------------

const canLook = spawnSync("perf",
  ["record", "-q", "-e", "cpu-clock", "-o", "/dev/null", "true"]).status === 0;
const profile = ["where the CPU goes", async () => {
  const { stdout } = await promisify(execFile)(process.execPath,
    [path.join(here, "profile.mjs"), "--bin", bin, "--seconds", 1]);

  for (const name of ["ours", "floor"])
    assert.match(stdout, new RegExp(`^echo100 ${name}: [\\d.]+ us .* samples$`,
      "m"));
  assert.match(stdout, /^ +[\d.]+ % +[\d.]+ {2}ours$/m);
  assert.match(stdout, /^ +[\d.]+ % +[\d.]+ {2}libc$/m);
}];

// -- all of it --------------------------------------------------------------------

async function attempt(name, fn) {
  try {
    await fn();
    passed++;
  } catch (error) {
    failed++;
    console.log(`not ok ${name}: ${error.message}`);
  }
}

const jobs = [
  ...RUNS.flatMap((run) =>
    run.servers
      .filter((name) => name === "ours" || name === "floor")
      .map((name) => [`${run.key} ${name}`, () => check(run, name)])),
  ...shares,
  ...sliced,
  ...(canLook ? [profile] : []),
  ...lies.map((one) => [`notices: ${one[0]}`, () => tell(one)]),
  ...goalChecks,
];
const workers = Array.from({ length: AT_ONCE }, async () => {
  for (let job = jobs.shift(); job; job = jobs.shift()) await attempt(...job);
});
await Promise.all(workers);

await attempt("what is printed", () => {
  const servers = ["ours", "floor"];
  const text = [details, ratios, goals]
    .map((show) => show(RUNS, reports, servers))
    .concat(draw(RUNS, { reports, rounds: 1 }, "a <machine>"))
    .join("\n");

  for (const run of RUNS)
    for (const { title } of run.figures)
      assert(text.includes(title), `${title} is not printed`);
  assert(!/NaN|undefined|Infinity/.test(text), text);
});
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
