// SPDX-License-Identifier: MIT
// The benchmark: each run against each server, in rounds of slices in which
// they take turns (measure.mjs), so that whatever else the machine does hits all
// of them alike. A server is started anew for each round and pinned to one
// core, the load generator to another. Prints tables of the medians, the ratios
// and the goals, and writes everything to FOLDER/bench.json and
// FOLDER/bench.svg.
//
//   node run.mjs --bin FOLDER_OF_PROGRAMS --out FOLDER [--rounds 3]
//        [--slices 8] [--seconds 0.25] [--warm 1] [--minutes 60]
//        [--only echo100,connect] [--servers ours,node] [--quick]
//        [--before FOLDER_OF_OTHER_PROGRAMS]
//        [--tls CERTIFICATE_WITHOUT_ENDING]
//
// --seconds: of a slice. --quick leaves out what takes long. No round begins
// that would not end within the minutes, going by those before. --before adds
// another build of our server, to see what a change does. Without --tls, which
// names FILE.crt and FILE.key, what needs TLS is left out.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { draw } from "./draw.mjs";
import { RUNS, takesPart } from "./figures.mjs";
import { goals } from "./goals.mjs";
import { describeMachine, doubts, machineText } from "./machine.mjs";
import { measure } from "./measure.mjs";
import { median, summary } from "./results.mjs";
import { NAMES, missing } from "./servers.mjs";
import { details, number, ratios } from "./table.mjs";

const { values: options } = parseArgs({
  options: {
    bin: { type: "string" },
    out: { type: "string", default: "." },
    rounds: { type: "string", default: "3" },
    slices: { type: "string", default: "8" },
    seconds: { type: "string", default: "0.25" },
    warm: { type: "string", default: "1" },
    minutes: { type: "string", default: "Infinity" },
    only: { type: "string" },
    servers: { type: "string" },
    before: { type: "string" },
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

const bins = { ours: options.bin, floor: options.bin, before: options.before };
const servers = NAMES.filter((name) => {
  if (!wanted(options.servers, name)) return false;
  if (name === "before" && !options.before) return false;
  const why = missing(name);
  if (why) say(`${name} is left out: ${why}`);
  return !why;
});
const runs = RUNS.filter((run) => !isLeftOut(run));
const machine = describeMachine();
for (const doubt of doubts(machine)) say(`beware: ${doubt}`);
const began = { time: Date.now(), load: os.loadavg()[0] };

// -- all of them ------------------------------------------------------------

const reports = {};
const failures = [];
let done = 0;

function timeLeft() {
  const spent = (Date.now() - began.time) / 1000;
  const left = Math.round((spent / done) * (runs.length * rounds - done));

  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")} left`;
}

function outcome(run, { reports, error }) {
  const middle = (figure) => median(reports.filter(Boolean).map(figure.value));

  if (error) return `FAILED: ${error.message}`;
  return run.figures
    .map((figure) => `${number(middle(figure))} ${figure.unit}`)
    .join(", ");
}

async function everyServer(round, run) {
  const names = servers.filter((name) => takesPart(run, name));
  const all = await measure(run, names, {
    bins, load: options.bin, tls: options.tls,
    warm: options.warm, slices: Number(options.slices),
    seconds: options.seconds,
    progress: (line) => live(`${run.key} ${line}`),
  });

  done++;
  live("");
  say(`${round}/${rounds} ${done}/${runs.length * rounds} (${timeLeft()})`);
  for (const one of all) {
    ((reports[run.key] ??= {})[one.name] ??= []).push(...one.reports);
    say(`  ${run.key} ${one.name}: ${outcome(run, one)}`);
    if (one.error)
      failures.push(
        `${run.key} ${one.name}, round ${round}: ${one.error.message}`);
  }
}

function write(rounds) {
  const result = {
    machine, rounds, slices: Number(options.slices),
    seconds: options.seconds, warm: options.warm,
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
console.log(`Medians of ${rounded} rounds of up to ${options.slices} ` +
  "interleaved slices; (x): how many times libsocketio's; (a to b): where a " +
  "median lies with 95 %, of less than six values where all of them lie.\n" +
  `${machineText(machine)}.`);
if (failures.length > 0) {
  console.log(`\nFailed:\n${failures.join("\n")}`);
  process.exitCode = 1;
}
