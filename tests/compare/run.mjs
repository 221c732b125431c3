// SPDX-License-Identifier: MIT
// The official server and ours side by side: every case sends the same bytes
// to both and the two records must be the same, or differ exactly as
// ../differences.md says. A difference that is not listed fails, and so does
// one that is listed and is not there any more.
//
//   node run.mjs [--case words] [--show] [--same] [--lanes n]
//
// SIO_SERVER names our program. --show prints the records; --same compares
// the official server with itself, which proves that the records are
// repeatable.
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { DEADLINE, within } from "../clients/deadline.mjs";
import { Unsupported, startServer } from "../clients/server.mjs";
import { client, ask, connected } from "../clients/stock.mjs";
import { Case, cases } from "./case.mjs";
import { diff, readDifferences, without } from "./differences.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const official = path.join(here, "..", "apps", "reference_app.mjs");
const { values: options } = parseArgs({
  options: {
    case: { type: "string" },
    show: { type: "boolean", default: false },
    same: { type: "boolean", default: false },
    lanes: { type: "string", default: "4" },
  },
});
const commands = [official, options.same ? official : process.env.SIO_SERVER];

if (!commands[1]) {
  console.error("SIO_SERVER names the program to compare with the official server");
  process.exit(2);
}

for (const name of ["http", "polling", "upgrade", "session", "websocket", "deflate", "packets", "msgpack", "files", "cors",
  "headers", "eio3", "jsonp", "namespaces", "recovery"]) {
  await import(`./cases/${name}.mjs`);
}

const count = { passed: 0, failed: 0, skipped: 0 };
const pairs = new Map();

function fail(name, text) {
  count.failed++;
  console.log(`not ok ${name}`);
  console.log(`${text}`.replace(/^/gm, "    "));
}

process.on("unhandledRejection", (error) => fail("outside of any case", error.stack));

async function features(server) {
  const socket = client("4.8").io(`http://localhost:${server.port}`, {
    forceNew: true, reconnection: false, transports: ["websocket"],
  });

  await connected(socket);
  const [list] = await ask(socket, "features");
  socket.disconnect();
  return list;
}

async function startPair(env) {
  const servers = await Promise.all(commands.map((command) => startServer(command, env)));

  for (const server of servers) {
    server.features = env.TRANSPORTS || env.SIO_PATH || env.PARSER ? [] : await features(server);
  }
  return servers;
}

function pairFor(env) {
  const key = JSON.stringify(env);

  if (!pairs.has(key)) pairs.set(key, startPair(env));
  return pairs.get(key);
}

// The record of one case on one server.
async function record(one, server) {
  const test = new Case(server.port);

  try {
    await within(4 * DEADLINE, "the end of the case", Promise.resolve(one.run(test)),
      () => `the record so far:\n${test.record.lines.join("\n")}`);
  } catch (error) {
    error.message += `\n(${server.which}; the record so far:\n${test.record.lines.join("\n")})`;
    throw error;
  } finally {
    test.close();
  }
  if (!server.alive) throw new Error(`${server.which} died: ${server.errors}`);
  return test.record.lines;
}

// A case that looks at the clock is tried a few times: a wrong time proves
// something about the server only if it is wrong every time.
const TRIES = 5;

async function runCase(one, listed) {
  for (let left = one.timed ? TRIES : 1; ; left--) {
    try {
      await tryCase(one, listed);
      return;
    } catch (error) {
      if (left <= 1 || !error.message.includes("ms!")) throw error;
    }
  }
}

async function tryCase(one, listed) {
  const servers = await pairFor(one.env);

  servers.forEach((server, i) => { server.which = i ? "our server" : "the official server"; });
  if (one.since > parseInt(process.versions.node, 10)) throw new Unsupported(`Node ${one.since}`);
  if (!one.needs.every((need) => servers.every((server) => server.features.includes(need)))) {
    throw new Unsupported(one.needs.join());
  }
  const [theirs, ours] = await Promise.all(servers.map((server) => record(one, server)));
  if (options.show) console.log(`== ${one.name}\n${(options.same ? theirs : ours).join("\n")}`);
  const rules = options.same ? [] : listed.everywhere;
  const found = diff(without(theirs, rules, one.name, false), without(ours, rules, one.name, true));
  const expected = options.same ? "" : listed.cases.get(one.name) || "";
  if (found === expected) return;
  if (!expected) throw new Error(`a difference that is not listed:\n${found}`);
  if (!found) throw new Error("listed in differences.md, but there is no difference any more");
  throw new Error(`another difference than the listed one:\n${found}`);
}

async function runLane(queue, listed) {
  while (queue.length) {
    const one = queue.shift();
    try {
      await runCase(one, listed);
      count.passed++;
    } catch (error) {
      if (error instanceof Unsupported) count.skipped++;
      else fail(one.name, error.message.includes("differen") ? error.message : error.stack);
    }
  }
}

const listed = readDifferences(path.join(here, "..", "differences.md"));
const chosen = cases.filter((one) => !options.case || one.name.includes(options.case));

for (const name of listed.cases.keys()) {
  if (!cases.some((one) => one.name === name)) fail(name, "listed in differences.md, but there is no such case");
}
const queue = chosen.filter((one) => !one.timed);
await Promise.all(Array.from({ length: Number(options.lanes) }, () => runLane(queue, listed)));
await runLane(chosen.filter((one) => one.timed), listed);
for (const rule of options.same || options.case ? [] : listed.everywhere) {
  if (!rule.seen) fail(`everywhere ${rule.prefix}`, `no "${rule.line}" was seen any more`);
}
for (const pair of pairs.values()) {
  const servers = await pair.catch(() => []);
  for (const server of servers) {
    const complaint = server.alive ? await server.stop() : server.errors;
    if (complaint) fail(`the end of ${server.which}`, complaint);
  }
}
console.log(`${count.skipped} skipped, ${listed.cases.size} differences listed`);
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed || !count.passed ? 1 : 0);
