// SPDX-License-Identifier: MIT
// Each goal of figures.mjs beside what was measured: met or missed, whether
// that is for sure, and whether it was within reach: what the floor
// itself misses in the same rounds, nobody can meet on that machine.
import { figureOf, shareOf, spread } from "./results.mjs";
import { number, rows } from "./table.mjs";

const NAMES = { node: "Node's", bun: "Bun's", floor: "the floor's" };

const holds = (value, { most, least = -Infinity }) =>
  value.median <= most && value.median >= least;

function verdict(value, { most, least = -Infinity }) {
  const met = holds(value, { most, least });
  const agree = met
    ? value.high <= most && value.low >= least
    : value.low > most || value.high < least;

  return (met ? "met" : "missed") + (agree ? "" : ", not for sure");
}

const part = (ratio) =>
  ratio < 0.95 ? `1/${number(1 / ratio)}` : number(ratio);
const times = (ratio) => `${number(ratio)}x`;
const between = (value, text) =>
  value.values > 1
    ? `${text(value.median)} (${text(value.low)} to ${text(value.high)})`
    : text(value.median);

// `floor` is the same number of the floor, where that is a bound.
function line({ what, limit, value, text, bounds, floor }) {
  if (!value) return undefined;
  const beyond = !holds(value, bounds) && floor && !holds(floor, bounds);

  return {
    cells: [what, limit, between(value, text), verdict(value, bounds) +
      (beyond ? `; the floor takes ${text(floor.median)} itself` : "")],
    met: holds(value, bounds),
    beyond,
  };
}

function linesOf(runs, reports, run, figure) {
  const { key, title: what, unit, goals, most, near = {}, checks = [] } =
    figure;
  const unitOf = (v) => `${number(v)} ${unit}`;
  const share = (of) => shareOf(runs, reports, key, of);

  return [
    ...Object.entries(goals).map(([peer, limit]) =>
      line({ what, limit: `at most ${part(limit)} of ${NAMES[peer]}`,
        value: share({ peer }), text: part, bounds: { most: limit },
        floor: peer !== "floor" && share({ server: "floor", peer }) })),
    most !== undefined &&
      line({ what, limit: `at most ${unitOf(most)}`,
        value: figureOf(runs, reports, key, "ours"), text: unitOf,
        bounds: { most }, floor: figureOf(runs, reports, key, "floor") }),
    ...Object.entries(near).map(([other, limit]) =>
      line({ what,
        limit: `${times(limit)} of "${other}" at most, or less of it`,
        value: share({ other }), text: times, bounds: { most: limit },
        floor: share({ server: "floor", other }) })),
    ...checks.map((check) =>
      line({ what: `${what}: ${check.what}`,
        limit: `at most ${number(check.most)}`,
        value: spread((reports[run.key]?.ours ?? [])
          .map((r) => (r ? check.value(r) : undefined))),
        text: number, bounds: check })),
  ].filter(Boolean);
}

// { cells: [what, goal, measured, verdict], met, beyond } of each; beyond:
// missed, and by the floor too.
export function verdicts(runs, reports) {
  return runs.flatMap((run) =>
    run.figures.flatMap((figure) => linesOf(runs, reports, run, figure)));
}

export function goals(runs, reports) {
  const all = verdicts(runs, reports);
  const count = (key) => all.filter((one) => one[key]).length;
  const beyond = count("beyond");

  return [
    rows([["goal", "limit", "measured", ""], ...all.map((one) => one.cells)],
      "lll"),
    `${count("met")} of ${all.length} goals met` +
      (beyond > 0 ? `, ${beyond} of the others out of the floor's own reach.`
        : "."),
    "",
  ].join("\n");
}
