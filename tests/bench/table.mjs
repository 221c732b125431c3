// SPDX-License-Identifier: MIT
// The numbers as tables in Markdown.
import { takesPart } from "./figures.mjs";
import { figureOf, shareOf, spread } from "./results.mjs";

const ENOUGH_TICKS = 15;
export const TITLES = { ours: "libsocketio", before: "before", floor: "bare epoll",
  node: "Node", bun: "Bun" };

export function number(value) {
  const size = Math.abs(value);

  if (size >= 100 || Number.isInteger(value)) return value.toFixed(0);
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}

// Words in lines of at most so many characters.
export function wrap(words, columns) {
  const lines = [""];

  for (const word of words.split(/\s+/)) {
    const line = `${lines.at(-1)} ${word}`.trimStart();
    if (line.length <= columns) lines[lines.length - 1] = line;
    else lines.push(word);
  }
  return lines;
}

// The first line is the head. `align`: l or r for each column, r for the rest.
export function rows([head, ...body], align = "") {
  const line = head.map((_, i) => (align[i] === "l" ? "---" : "---:"));

  return [head, line, ...body]
    .map((row) => `| ${row.join(" | ")} |`)
    .join("\n") + "\n";
}

function cell(runs, reports, key, server) {
  const value = figureOf(runs, reports, key, server);

  if (!value) return "-";
  if (server === "ours") return number(value.median);
  const share = shareOf(runs, reports, key, { peer: server });
  return number(value.median) +
    (share ? ` (${number(1 / share.median)}x)` : "");
}

// What each figure is with each server, and how many times ours that is.
export function ratios(runs, reports, servers) {
  const body = runs.flatMap((run) =>
    run.figures.map((figure) => [
      figure.title,
      figure.unit,
      ...servers.map((name) =>
        takesPart(run, name) ? cell(runs, reports, figure.key, name) : ""),
    ]));

  return rows(
    [["", "", ...servers.map((name) => TITLES[name])],
      ...body.filter((row) => row.slice(2).some((c) => c && c !== "-"))],
    "ll");
}

const noise = ({ median, low, high }) =>
  `${number(((high - low) / 2 / (median || 1)) * 100)} %`;

// How much of the CPU the kernel took, of 1, in all of the reports; undefined
// where they were too short to tell: see measure.h.
export function kernelShare(reports) {
  const sum = (key) => reports.reduce((n, r) => n + (r?.[key] ?? 0), 0);
  const kernel = sum("kernel_ticks"), all = kernel + sum("user_ticks");

  return all < ENOUGH_TICKS ? undefined : kernel / all;
}

export const percent = (share) =>
  share === undefined ? "" : `${(share * 100).toFixed(0)} %`;

// Everything else: throughput, latencies, memory, and how sure the first figure
// is.
export function details(runs, reports, servers) {
  const body = [];
  const of = (reports, get) =>
    reports.map(get).sort((a, b) => a - b)[reports.length >> 1];

  for (const run of runs)
    for (const name of servers) {
      const there = (reports[run.key]?.[name] ?? []).filter(Boolean);
      if (there.length === 0) continue;
      const cost = figureOf(runs, reports, run.figures[0].key, name);
      const ops = of(there, (r) => r.ops) > 0;
      const of1 = (key) => (ops ? number(of(there, (r) => r[key])) : "");
      body.push([
        run.key, TITLES[name], of1("ops_per_second"), of1("p50_us"),
        of1("p99_us"), of1("p999_us"), of1("cpu_us_per_op"),
        percent(kernelShare(there)),
        number(of(there, (r) => r.bytes_per_connection ?? 0)),
        noise(cost),
        `${number(of(there, (r) => r.others_share * 100))} %`,
      ]);
    }
  const head = ["run", "server", "ops/s", "p50 us", "p99 us", "p99.9 us",
    "us CPU/op", "of it kernel", "RSS/connection", "+-", "others' CPU"];
  return rows([head, ...body], "ll");
}
