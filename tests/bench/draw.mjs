// SPDX-License-Identifier: MIT
// The numbers as a picture: for each figure that has a time or a size of its
// own, one bar a server, as long as its share of the longest.
const COLOURS = { ours: "#2b6cb0", floor: "#a0aec0", node: "#68a063",
  bun: "#d69e2e" };
const LABEL = 330;
const WIDTH = 460;
const BAR = 13;

const escape = (text) =>
  String(text).replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

function short(value) {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function group(figure, value, y) {
  const names = figure.servers.filter((name) => value[name] !== undefined);
  const longest = Math.max(...names.map((name) => value[name]));
  const lines = [
    `<text x="${LABEL - 8}" y="${y + BAR - 2}" text-anchor="end">` +
      `${escape(figure.title)}</text>`,
  ];

  names.forEach((name, i) => {
    const top = y + i * (BAR + 2);
    const width = Math.max(1, (value[name] / longest) * WIDTH);
    lines.push(
      `<rect x="${LABEL}" y="${top}" width="${width.toFixed(1)}" ` +
        `height="${BAR}" fill="${COLOURS[name]}"/>`,
      `<text x="${(LABEL + width + 5).toFixed(1)}" y="${top + BAR - 3}" ` +
        `class="n">${escape(name)} ${short(value[name])} ` +
        `${escape(figure.unit)}</text>`,
    );
  });
  return { svg: lines.join("\n"), height: names.length * (BAR + 2) + 10 };
}

export function draw(figures, medians, machine) {
  const parts = [];
  let y = 44;

  for (const figure of figures) {
    const value = medians[figure.key];
    if (!value || Object.keys(value).length < 2) continue;
    const { svg, height } = group(figure, value, y);
    parts.push(svg);
    y += height;
  }
  const width = LABEL + WIDTH + 170;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 26}"
 width="${width}" height="${y + 26}" font-family="sans-serif" font-size="12">
<style>.n{font-size:11px;fill:#444}.m{font-size:11px;fill:#666}</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="12" y="24" font-size="15">What an operation costs the server: shorter is better</text>
${parts.join("\n")}
<text x="12" y="${y + 14}" class="m">${escape(machine)}</text>
</svg>
`;
}
