// SPDX-License-Identifier: MIT
// The ratios as a picture: for each figure and peer a bar that is as long as
// the peer's figure is larger than ours, on a logarithmic scale. Bars begin at
// 1x, our own figure; those that go to the left are cheaper than we are,
// and end in an arrow where there is no place for them.
import { figureOf, shareOf } from "./results.mjs";
import { TITLES, number, wrap } from "./table.mjs";

const LEFT = 400; // the least there is a place for
const WIDTH = 470;
const RIGHT = 70;
const BAR = 10;
const TOP = 92;
const LEAST = 1 / 2;
const MARKS = [1 / 2, 1, 2, 4, 8, 16, 32, 64];
const LINE = 145; // characters of the small print

const STYLE = `
  text { font: 12px sans-serif; fill: #1f2328 }
  .back { fill: #ffffff; stroke: #d1d9e0 }
  .head { font-size: 15px; font-weight: bold }
  .small { font-size: 11px; fill: #59636e }
  .mark { stroke: #d1d9e0 }
  .one { stroke: #1f2328 }
  .floor { fill: #8c959f } .node { fill: #4f9d45 } .bun { fill: #d4852b }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .back { fill: #0d1117; stroke: #3d444d }
    .small { fill: #9198a1 }
    .mark { stroke: #3d444d }
    .one { stroke: #f0f6fc }
    .floor { fill: #848d97 } .node { fill: #57ab5a } .bun { fill: #e0913a }
  }`;

const plain = (text) =>
  String(text).replace(/[&<>]/g,
    (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);
const text = (x, y, words, kind = "", anchor = "start") =>
  `<text x="${x}" y="${y}" class="${kind}" ` +
  `text-anchor="${anchor}">${plain(words)}</text>`;

// One figure: its name and ours on the left, its bars on the right.
function group(figure, ours, peers, y, place) {
  const middle = y + (peers.length * (BAR + 2)) / 2 + 3;
  const lines = [
    text(LEFT - 12, middle,
      `${figure.title}: ${number(ours.median)} ${figure.unit}`, "", "end"),
  ];

  peers.forEach(({ name, times }, i) => {
    const top = y + i * (BAR + 2);
    const [from, to] = [place(1), place(times)].sort((a, b) => a - b);
    lines.push(
      `<rect x="${from.toFixed(1)}" y="${top}" height="${BAR}" ` +
        `width="${Math.max(1, to - from).toFixed(1)}" class="${name}"/>`,
      text((Math.max(to, place(1)) + 4).toFixed(1), top + BAR - 1,
        `${times < LEAST ? "\u25c2 " : ""}${number(times)}x`, "small"),
    );
  });
  return lines.join("\n");
}

function collect(runs, reports) {
  return runs.flatMap((run) =>
    run.figures.map((figure) => ({
      figure,
      ours: figureOf(runs, reports, figure.key, "ours"),
      peers: run.servers
        .filter((name) => name !== "ours")
        .map((name) => ({ name,
          share: shareOf(runs, reports, figure.key, { peer: name }) }))
        .filter(({ share }) => share && share.median > 0)
        .map(({ name, share }) => ({ name, times: 1 / share.median })),
    })))
    .filter(({ ours, peers }) => ours && peers.length > 0);
}

function legend(names) {
  let x = LEFT;

  return names.map((name) => {
    const parts = `<rect x="${x}" y="46" width="10" height="10" ` +
      `class="${name}"/>\n` + text(x + 15, 55, TITLES[name]);
    x += 35 + TITLES[name].length * 7;
    return parts;
  });
}

export function draw(runs, { reports, rounds }, machine) {
  const all = collect(runs, reports);
  const most = Math.max(2, ...all.flatMap((g) => g.peers.map((p) => p.times)));
  const scale = WIDTH / Math.log(Math.max(2, most) / LEAST);
  const place = (times) =>
    LEFT + Math.log(Math.max(LEAST, times) / LEAST) * scale;
  const names = ["floor", "node", "bun"].filter((name) =>
    all.some((g) => g.peers.some((p) => p.name === name)));
  const parts = [];
  let y = TOP;

  for (const { figure, ours, peers } of all) {
    parts.push(group(figure, ours, peers, y, place));
    y += peers.length * (BAR + 2) + 9;
  }
  const marks = MARKS.filter((m) => m <= most).map((m) =>
    `<path d="M${place(m).toFixed(1)} ${TOP - 6}V${y}" ` +
      `class="${m === 1 ? "one" : "mark"}"/>\n` +
      text(place(m).toFixed(1), TOP - 12, m < 1 ? "1/2x" : `${m}x`, "small",
        "middle"));
  const bound = names.includes("floor")
    ? `The least that the kernel lets any server take: ${TITLES.floor}. ` : "";
  const foot = wrap(
    `${bound}Medians of ${rounds} rounds of interleaved slices. ${machine}.`, LINE)
    .map((line, i) => text(16, y + 22 + i * 15, line, "small"));
  const width = LEFT + WIDTH + RIGHT, height = y + 24 + foot.length * 15;

  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" ` +
    `height="${height}" viewBox="0 0 ${width} ${height}">
<style>${STYLE}
</style>
<rect class="back" x="0.5" y="0.5" width="${width - 1}" ` +
    `height="${height - 1}" rx="6"/>
${text(16, 28, "What an operation takes of the server, " +
    "as a multiple of what libsocketio takes", "head")}
${text(LEFT - 12, 55, "libsocketio itself", "small", "end")}
${[...legend(names), ...marks, ...parts, ...foot].join("\n")}
</svg>
`;
}
