// SPDX-License-Identifier: MIT
// Each goal of figures.mjs beside what was measured: met or missed, and
// whether all rounds agree about it.
import { figureOf, shareOf, spread } from "./results.mjs";
import { number, rows } from "./table.mjs";

const NAMES = { node: "Node's", bun: "Bun's", floor: "the floor's" };

function verdict(value, { most, least = -Infinity }) {
  const met = value.median <= most && value.median >= least;
  const agree = met
    ? value.max <= most && value.min >= least
    : value.min > most || value.max < least;

  return (met ? "met" : "missed") + (agree ? "" : ", rounds differ");
}

const part = (ratio) =>
  ratio < 0.95 ? `1/${number(1 / ratio)}` : number(ratio);
const between = (value, text) =>
  value.rounds > 1
    ? `${text(value.median)} (${text(value.min)} to ${text(value.max)})`
    : text(value.median);

function line(title, limit, value, text, bounds) {
  return value && [title, limit, between(value, text), verdict(value, bounds)];
}

function linesOf(runs, reports, run, figure) {
  const { key, title, unit, goals, most, near = {}, checks = [] } = figure;
  const unitOf = (v) => `${number(v)} ${unit}`;

  return [
    ...Object.entries(goals).map(([peer, limit]) =>
      line(title, `at most ${part(limit)} of ${NAMES[peer]}`,
        shareOf(runs, reports, key, { peer }), part, { most: limit })),
    most !== undefined && line(title, `at most ${unitOf(most)}`,
      figureOf(runs, reports, key, "ours"), unitOf, { most }),
    ...Object.entries(near).map(([other, limit]) =>
      line(title, `${number(limit)}x of "${other}" at most, or less of it`,
        shareOf(runs, reports, key, { other }), (v) => `${number(v)}x`,
        { most: limit })),
    ...checks.map((check) =>
      line(`${title}: ${check.what}`, `at most ${number(check.most)}`,
        spread((reports[run.key]?.ours ?? [])
          .map((r) => (r ? check.value(r) : undefined))),
        number, check)),
  ].filter(Boolean);
}

// [what, goal, measured, verdict] of each.
export function verdicts(runs, reports) {
  return runs.flatMap((run) =>
    run.figures.flatMap((figure) => linesOf(runs, reports, run, figure)));
}

export function goals(runs, reports) {
  const all = verdicts(runs, reports);
  const met = all.filter((l) => l[3].startsWith("met")).length;

  return [
    rows([["goal", "limit", "measured", ""], ...all], "lll"),
    `${met} of ${all.length} goals met.`,
    "",
  ].join("\n");
}
