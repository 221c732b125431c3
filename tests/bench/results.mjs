// SPDX-License-Identifier: MIT
// The reports of all rounds as numbers. `reports` is { run: { server:
// [report, ...] } }, one for each slice, or for each round that has none; null
// where it failed.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const mid = sorted.length >> 1;

  return sorted.length % 2 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
}

// The median, and between which of the values that of an endless run would lie,
// with a probability of 95 % (the ranks of the binomial distribution); of less
// than six all of them lie between. Undefined of nothing.
export function spread(values) {
  const there = values
    .filter((v) => v !== undefined && Number.isFinite(v))
    .sort((a, b) => a - b);
  const n = there.length;
  const beside = Math.max(0, Math.floor((n - 1.96 * Math.sqrt(n)) / 2));

  if (n === 0) return undefined;
  return { median: median(there), low: there[beside],
    high: there[n - 1 - beside], values: n };
}

function values(runs, reports, key, server) {
  for (const run of runs)
    for (const figure of run.figures)
      if (figure.key === key)
        return (reports[run.key]?.[server] ?? []).map((report) =>
          report ? figure.value(report) : undefined);
  return [];
}

// The figure of a server.
export function figureOf(runs, reports, key, server) {
  return spread(values(runs, reports, key, server));
}

// A server's figure as a share of a peer's, or of another figure of the same
// server, slice by slice: what else the machine did hit both.
export function shareOf(runs, reports, key,
  { server = "ours", peer = server, other = key }) {
  const its = values(runs, reports, key, server);
  const theirs = values(runs, reports, other, peer);

  return spread(its.map((v, i) =>
    v === undefined || theirs[i] === undefined ? undefined : v / theirs[i]));
}

// The medians of everything, for the JSON.
export function summary(runs, reports) {
  const all = {};

  for (const run of runs)
    for (const figure of run.figures)
      for (const server of Object.keys(reports[run.key] ?? {})) {
        const found = figureOf(runs, reports, figure.key, server);
        if (!found) continue;
        (all[figure.key] ??= { title: figure.title, unit: figure.unit })[
          server] = found;
      }
  return all;
}
