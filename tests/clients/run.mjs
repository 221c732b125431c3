// SPDX-License-Identifier: MIT
// Runs every case with every release and every mode of the stock clients
// against the server that SIO_SERVER names (a program, or an .mjs file for
// Node). Several lanes run side by side, each with servers of its own.
//
//   node run.mjs [--release 4.8] [--mode polling] [--case words] [--lanes n]
//                [--verbose] [--examples words]
//
// With --examples only the programs of examples/ are run, those with the words
// in their names ("" for all).
//
// The last line says how many passed and failed; the exit status is 0 if
// none failed, and 1 otherwise.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runExamples } from "./examples.mjs";
import { Pool, Skip, cases, runCase } from "./harness.mjs";
import { runPython } from "./python.mjs";
import { Unsupported } from "./server.mjs";
import { runSuite } from "./suite.mjs";
import { MODES, RELEASES, client } from "./stock.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const { values: options } = parseArgs({
  options: {
    release: { type: "string", multiple: true },
    mode: { type: "string", multiple: true },
    case: { type: "string" },
    examples: { type: "string" },
    lanes: { type: "string", default: "3" },
    verbose: { type: "boolean", default: false },
  },
});
const command = process.env.SIO_SERVER || path.join(here, "..", "apps", "reference_app.mjs");

for (const name of ["connect", "events", "binary", "rooms", "disconnect", "load", "msgpack", "deflate", "slow", "mixed", "tls", "old", "headers",
  "recovery"]) {
  await import(`./cases/${name}.mjs`);
}

const start = Date.now();
const count = { passed: 0, failed: 0, skipped: 0 };
const skips = new Map();

// Something thrown where no case can catch it belongs to a case all the
// same; there is no telling which, so it fails the run.
process.on("unhandledRejection", (error) => fail("outside of any case", error));
process.on("uncaughtException", (error) => fail("outside of any case", error));

function fail(name, error) {
  count.failed++;
  console.log(`not ok ${name}`);
  console.log(`${error && error.stack ? error.stack : error}`.replace(/^/gm, "    "));
}

function wanted(one, release, mode) {
  if (options.case && !one.name.includes(options.case)) return false;
  if (!one.modes.includes(mode)) return false;
  if (one.once && !(release === jobs[0].release && mode === jobs[0].mode)) return false;
  if (one.old !== undefined && one.old !== client(release).old) return false;
  return !one.since || client(release).atLeast(...one.since);
}

async function runOne(one, pool, release, mode) {
  const name = `${release} ${mode}: ${one.name}`;

  try {
    await runCase(one, pool, release, mode);
    count.passed++;
    if (options.verbose) console.log(`ok ${name}`);
    return true;
  } catch (error) {
    if (error instanceof Skip || error instanceof Unsupported) {
      count.skipped++;
      skips.set(one.name, error.message);
      return true;
    }
    fail(name, error);
    return false;
  }
}

async function runJob(pool, { release, mode }) {
  const start = Date.now();
  const mine = cases.filter((one) => wanted(one, release, mode));
  let good = 0;

  for (const one of mine) {
    if (await runOne(one, pool, release, mode)) good++;
  }
  console.log(`${good === mine.length ? "ok" : "not ok"} ${client(release).version} ${mode}: `
    + `${good} of ${mine.length} cases, ${((Date.now() - start) / 1000).toFixed(1)} s`);
}

// A lane takes the next job until none is left.
async function runLane(queue) {
  const pool = new Pool(command);

  while (queue.length) await runJob(pool, queue.shift());
  for (const complaint of await pool.stop()) fail("the end of the server", complaint);
}

async function runOnlyExamples() {
  await runExamples(count, skips, fail, options.examples);
  report();
}

function report() {
  for (const [name, why] of skips) console.log(`skipped ${name}: ${why}`);
  console.log(`${((Date.now() - start) / 1000).toFixed(0)} s, ${count.skipped} skipped`);
  console.log(`${count.passed} passed, ${count.failed} failed`);
  process.exit(count.failed || !count.passed ? 1 : 0);
}

const jobs = (options.release || RELEASES).flatMap((release) => (
  (options.mode || Object.keys(MODES)).map((mode) => ({ release, mode }))));
const queue = [...jobs];

if (options.examples !== undefined) await runOnlyExamples();

const lanes = Array.from({ length: Number(options.lanes) }, () => runLane(queue));

// What has cases of its own runs beside them, in a run of everything.
if (!options.release && !options.mode && !options.case) {
  lanes.push(runPython(command, count, skips, fail), runSuite(command, count, fail),
    runExamples(count, skips, fail));
}
await Promise.all(lanes);
report();
