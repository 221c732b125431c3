// SPDX-License-Identifier: MIT
// The numbers as text: a table in Markdown, and what missed its goal.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const mid = sorted.length >> 1;

  return sorted.length % 2 ? sorted[mid] : (sorted[mid - 1] + sorted[mid]) / 2;
}

function round(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

// How many times as much the peer takes.
function times(ours, theirs) {
  return theirs === undefined || ours === undefined
    ? "-"
    : `${round(theirs / ours)}x`;
}

export function table(figures, medians, servers, machine, rounds) {
  const peers = servers.filter((name) => name !== "ours");
  const rows = [
    ["", "unit", "ours", ...peers.flatMap((name) => [name, "ratio"])],
  ];

  for (const figure of figures) {
    const value = medians[figure.key] ?? {};
    rows.push([
      figure.title,
      figure.unit,
      value.ours === undefined ? "-" : round(value.ours),
      ...peers.flatMap((name) => [
        value[name] === undefined ? "-" : round(value[name]),
        times(value.ours, value[name]),
      ]),
    ]);
  }
  rows.splice(1, 0, rows[0].map((_, i) => (i < 2 ? "---" : "---:")));
  return [
    `Medians of ${rounds} interleaved rounds; ${machine}.`,
    "",
    ...rows.map((row) => `| ${row.join(" | ")} |`),
    "",
  ].join("\n");
}

export function verdicts(figures, medians) {
  const lines = [];
  const miss = (figure, what) => lines.push(`missed: ${figure.title}: ${what}`);

  for (const figure of figures) {
    const value = medians[figure.key] ?? {};
    if (value.ours === undefined) continue;
    for (const [name, goal] of Object.entries(figure.goals)) {
      const ratio = value.ours / value[name];
      if (ratio > goal)
        miss(figure, `${ratio.toFixed(3)} of ${name}, goal ${goal.toFixed(3)}`);
    }
    if (figure.most !== undefined && value.ours > figure.most)
      miss(figure, `${round(value.ours)} ${figure.unit}, goal ${figure.most}`);
    const other = figure.like && medians[figure.like.figure]?.ours;
    if (other && value.ours / other > figure.like.most)
      miss(figure, `${(value.ours / other).toFixed(2)} of ${figure.like.figure}`);
  }
  return lines;
}
