// SPDX-License-Identifier: MIT
// The benchmark: each run against each server, in rounds that are interleaved,
// so that whatever else the machine does hits all of them alike. A server is
// started anew for each measurement and pinned to one core, the load generator
// to another. Prints tables of the medians, the ratios and the goals, and
// writes everything to FOLDER/bench.json and FOLDER/bench.svg.
//
//   node run.mjs --bin FOLDER_OF_PROGRAMS --out FOLDER [--rounds 3]
//        [--only echo100,connect] [--servers ours,node] [--quick]
//        [--seconds 3] [--warm 1] [--minutes 60]
//        [--tls CERTIFICATE_WITHOUT_ENDING]
//
// --quick leaves out what takes long. No round begins that would not end
// within the minutes, going by those before. Without --tls, which names
// FILE.crt and FILE.key, what needs TLS is left out.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { draw } from "./draw.mjs";
import { RUNS } from "./figures.mjs";
import { goals } from "./goals.mjs";
import { generate } from "./load.mjs";
import { describeMachine, doubts, machineText } from "./machine.mjs";
import { summary } from "./results.mjs";
import { NAMES, missing, start, stop } from "./servers.mjs";
import { details, number, ratios } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    bin: { type: "string" },
    out: { type: "string", default: "." },
    rounds: { type: "string", default: "3" },
    seconds: { type: "string", default: "3" },
    warm: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
    only: { type: "string" },
    servers: { type: "string" },
    tls: { type: "string" },
    quick: { type: "boolean", default: false },
  },
});
const rounds = Number(options.rounds);
const say = (text) => console.error(text);
const live = (text) => {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}\r`);
};

// -- what is there ----------------------------------------------------------

const wanted = (list, name) => !list || list.split(",").includes(name);

function isLeftOut(run) {
  if (!wanted(options.only, run.key)) return true;
  if (options.quick && run.slow) return true;
  if (run.tls && !options.tls) {
    say(`${run.key} is left out: no certificate was given`);
    return true;
  }
  return false;
}

const servers = NAMES.filter((name) => {
  if (!wanted(options.servers, name)) return false;
  const why = missing(name);
  if (why) say(`${name} is left out: ${why}`);
  return !why;
});
const runs = RUNS.filter((run) => !isLeftOut(run));
const machine = describeMachine();
for (const doubt of doubts(machine)) say(`beware: ${doubt}`);
const began = { time: Date.now(), load: os.loadavg()[0] };

// -- one measurement --------------------------------------------------------

function loadArguments(run, server) {
  const args = [...run.load, "--port", server.port, "--pid", server.child.pid];

  for (const name of ["seconds", "warm"])
    if (!args.includes(`--${name}`)) args.push(`--${name}`, options[name]);
  if (run.tls) args.push("--tls");
  return args;
}

async function measure(run, name) {
  const files = run.tls ? [`${options.tls}.crt`, `${options.tls}.key`] : [];
  const server = await start(name, options.bin, files);

  try {
    return await generate(options.bin, loadArguments(run, server),
      (line) => live(`${run.key} ${name}: ${line}`));
  } finally {
    await stop(server);
  }
}

// -- all of them ------------------------------------------------------------

const reports = {};
const failures = [];
const perRound = runs.reduce(
  (n, run) => n + run.servers.filter((s) => servers.includes(s)).length, 0);
let done = 0;

function timeLeft() {
  const spent = (Date.now() - began.time) / 1000;
  const left = Math.round((spent / done) * (perRound * rounds - done));

  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
}

async function one(round, run, name) {
  let report = null, text;

  try {
    report = await measure(run, name);
    text = run.figures
      .map((f) => `${number(f.value(report))} ${f.unit}`)
      .join(", ");
  } catch (error) {
    text = `FAILED: ${error.message}`;
    failures.push(`${run.key} ${name}, round ${round}: ${error.message}`);
  }
  ((reports[run.key] ??= {})[name] ??= []).push(report);
  done++;
  live("");
  say(`${round}/${rounds} ${done}/${perRound * rounds} (${timeLeft()}) ` +
    `${run.key} ${name}: ${text}`);
}

async function everyServer(round, run) {
  const names = run.servers.filter((name) => servers.includes(name));

  if (run.together)
    await Promise.all(names.map((name) => one(round, run, name)));
  else for (const name of names) await one(round, run, name);
}

function write(rounds) {
  const result = {
    machine, rounds, seconds: options.seconds, warm: options.warm,
    load_average: [began.load, os.loadavg()[0]],
    minutes: minutes(),
    failures, summary: summary(runs, reports), reports,
  };

  fs.mkdirSync(options.out, { recursive: true });
  fs.writeFileSync(path.join(options.out, "bench.json"),
    JSON.stringify(result, null, 1) + "\n");
  fs.writeFileSync(path.join(options.out, "bench.svg"),
    draw(runs, result, machineText(machine)));
}

const minutes = () => (Date.now() - began.time) / 60000;
const fits = (round) =>
  (minutes() / (round - 1)) * round <= Number(options.minutes);
let rounded = 0;

while (rounded < rounds && (rounded === 0 || fits(rounded + 1))) {
  for (const run of runs) await everyServer(rounded + 1, run);
  write(++rounded);
}
console.log(details(runs, reports, servers));
console.log(ratios(runs, reports, servers));
console.log(goals(runs, reports));
console.log(`Medians of ${rounded} interleaved rounds; (x): how many times ` +
  `libsocketio's.\n${machineText(machine)}.`);
if (failures.length > 0) {
  console.log(`\nFailed:\n${failures.join("\n")}`);
  process.exitCode = 1;
}
