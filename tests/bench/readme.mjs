// SPDX-License-Identifier: MIT
// Puts the results of a benchmark into the README: the table between the two
// markers (which are made, with a section around them, where they are not
// there yet), and the picture beside this file.
//
//   node readme.mjs BENCH_JSON README
import fs from "node:fs";
import path from "node:path";
import { draw } from "./draw.mjs";
import { RUNS } from "./figures.mjs";
import { machineText } from "./machine.mjs";
import { NAMES } from "./servers.mjs";
import { TITLES, kernelShare, percent, ratios, wrap } from "./table.mjs";

const BEGIN = "<!-- make bench-readme writes from here -->";
const END = "<!-- to here -->";
const BEFORE = "\n## More\n";
const here = path.dirname(new URL(import.meta.url).pathname);

const [file, readme] = process.argv.slice(2);
const result = JSON.parse(fs.readFileSync(file, "utf8"));
const measured = RUNS.filter((run) => result.reports[run.key]);
const servers = NAMES.filter((name) =>
  measured.some((run) => result.reports[run.key][name]?.some(Boolean)));

// Of an echo, with each server; nothing where it was too short to tell.
function kernel() {
  const told = servers
    .map((name) => [TITLES[name],
      percent(kernelShare(result.reports.echo100?.[name] ?? []))])
    .filter(([, share]) => share);

  return told.length === 0 ? "" : `Of an echo's CPU the kernel takes
    ${told.map(([title, share]) => `${share} with ${title}`).join(", ")}.`;
}

const explained = `Server CPU of all threads for each operation, unless
  another unit is named; in brackets how many times libsocketio's that is.
  "Bare epoll" is a server that answers by hand just what the load generator
  asks, over WebSocket, long-polling and OpenSSL: the least that a server can
  take on this machine's kernel and on OpenSSL. Only what lies above it is
  anybody's own doing, and a ratio to Node that it does not reach is out of
  reach here.
  ${kernel()} An echo is an event with 64 characters and its acknowledgement, a
  delivery one client's share of a broadcast; each answer is compared byte for
  byte. wss is TLS 1.3 with one ECDSA certificate and full handshakes for all.
  Server and load generator have a core each; medians of ${result.rounds} rounds
  of ${result.slices} slices of ${result.seconds} s in which the servers take
  turns, on ${machineText(result.machine)}. \`make
  bench\` measures it again.`;

function section() {
  return `${BEGIN}

![the same as a picture](tests/bench/bench.svg)

${ratios(measured, result.reports, servers)}
${wrap(explained, 120).join("\n")}

${END}`;
}

function put(text) {
  const from = text.indexOf(BEGIN), to = text.indexOf(END);

  if (from >= 0 && to > from)
    return text.slice(0, from) + section() + text.slice(to + END.length);
  const at = text.indexOf(BEFORE);
  const whole = `\n## How fast it is\n\n${section()}\n`;
  return at < 0 ? text + whole : text.slice(0, at) + whole + text.slice(at);
}

fs.writeFileSync(readme, put(fs.readFileSync(readme, "utf8")));
fs.writeFileSync(path.join(here, "bench.svg"),
  draw(measured, result, machineText(result.machine)));
console.log(`${readme} and ${path.join(here, "bench.svg")} are written`);
