// SPDX-License-Identifier: MIT
// One run of figures.mjs against servers that take turns.
//
// What is measured per operation is measured in slices: all servers are up
// with all their clients, and each in turn is under load for a moment while
// the others rest. What else the machine does, and how fast it happens to be,
// lasts longer than that and hits all alike, so a ratio of neighbouring slices
// can be trusted where two runs one after the other cannot. A run that says
// itself how long it takes has its server to itself.
//
// `setup`: { bins: { server: folder }, load: its folder, tls, warm, slices,
// seconds, progress }.
import { Load } from "./load.mjs";
import { start, stop } from "./servers.mjs";

const AGAIN = 0.05; // seconds of load before what is measured of a slice

export const inSlices = (run) => !run.load.includes("--seconds");

function loadArguments(run, server) {
  return [...run.load, "--port", server.port, "--pid", server.child.pid,
    ...(run.tls ? ["--tls"] : []), ...(inSlices(run) ? ["--slices"] : [])];
}

async function open(run, name, setup) {
  const files = run.tls ? [`${setup.tls}.crt`, `${setup.tls}.key`] : [];
  const server = await start(name, setup.bins[name], files);
  const load = new Load(setup.load, loadArguments(run, server),
    (line) => setup.progress(`${name}: ${line}`));

  return { load, close: () => (load.kill(), stop(server)) };
}

// What goes wrong with one does not end the others.
async function attempt(one, fn) {
  if (one.error) return null;
  try {
    return await fn();
  } catch (error) {
    one.error = error;
    return null;
  }
}

async function alone(run, name, setup) {
  const one = { name };
  const there = await attempt(one, () => open(run, name, setup));

  one.reports = [await attempt(one, () => there.load.report())];
  await there?.close();
  return one;
}

async function together(run, names, setup) {
  const all = [];

  for (const name of names) {
    const one = { name, reports: [] };
    one.there = await attempt(one, () => open(run, name, setup));
    await attempt(one, () => one.there.load.slice(setup.warm, 0));
    all.push(one);
  }
  return all;
}

// Each begins as often as any other.
const rotated = (list, by) =>
  list.map((_, i) => list[(i + by) % list.length]);

async function slices(run, names, setup) {
  const all = await together(run, names, setup);

  for (let i = 0; i < setup.slices; i++)
    for (const one of rotated(all, i))
      one.reports[i] = await attempt(one,
        () => one.there.load.slice(AGAIN, setup.seconds));
  for (const { there } of all) await there?.close();
  return all;
}

// [{ name, reports, error }] of each server: one report, or one for each
// slice; null instead of those that failed.
export async function measure(run, names, setup) {
  const all = [];

  if (inSlices(run)) return slices(run, names, setup);
  if (run.together)
    return Promise.all(names.map((name) => alone(run, name, setup)));
  for (const name of names) all.push(await alone(run, name, setup));
  return all;
}
