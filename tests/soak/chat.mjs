// SPDX-License-Identifier: MIT
// A soak of the chat: rounds of visitors by every way in, who talk and leave in
// order, beside others who break off at every point there is, plain and over
// TLS, by a reset or in order. After each round the server must hold the
// descriptors it held before, after the first rounds its memory must not grow
// any more, and the chat still be one.
//
//   node chat.mjs [--rounds n] [--no-memory]
//
// SIO_CHAT names the program. --no-memory is for a server under a sanitizer.
import fs from "node:fs";
import { parseArgs } from "node:util";
import { until } from "../clients/deadline.mjs";
import { startServer } from "../clients/server.mjs";
import { WITH_HTTP2, allWays, soon } from "../ways/ways.mjs";
import { ABORTS, HANDSHAKES, HTTP2, connectHttp2, connectPlain, connectTls } from "./chat_aborts.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "12" },
    "no-memory": { type: "boolean", default: false },
  },
});

// Kilobytes of the system; see run.mjs.
const WARM = 5;
const FEW = 3;
const PLAY = 512;
const AT_A_TIME = 4;
const rounds = Math.max(Number(options.rounds), WARM + 2 * FEW);
const count = { passed: 0, failed: 0 };
const WAYS = allWays(WITH_HTTP2);

function check(what, good, seen) {
  count[good ? "passed" : "failed"]++;
  if (!good) console.log(`not ok ${what}: ${seen}`);
}

const server = await startServer([process.env.SIO_CHAT, "--port", "0", "--self-signed", "--tls-and-plain",
  "--ping-interval", "500", "--ping-timeout", "1500"].join(" "));

const descriptors = () => fs.readdirSync(`/proc/${server.pid}/fd`).length;

function memory() {
  const status = fs.readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)[1]);
}

async function breakOff(name, connect, abort) {
  const connections = await Promise.all(Array.from({ length: AT_A_TIME }, () => connect(server.port)));

  try {
    await Promise.all(connections.map((c) => abort(c)));
  } catch (error) {
    error.message = `${name}: ${error.message}`;
    throw error;
  }
  connections.forEach((c, i) => (i % 2 ? c.destroy() : c.reset()));
}

async function abortRound() {
  for (const [name, abort] of Object.entries(ABORTS)) {
    await breakOff(name, connectPlain, abort);
    await breakOff(`${name}, over TLS`, connectTls, abort);
  }
  for (const [name, abort] of Object.entries(HANDSHAKES)) await breakOff(name, connectPlain, abort);
  for (const [name, abort] of Object.entries(HTTP2)) await breakOff(`${name}, over HTTP/2`, connectHttp2, abort);
}

// One visitor by each way; all hear what each says.
async function visit(round) {
  const visitors = await Promise.all(Object.values(WAYS).map((open) => open(server.port)));
  const text = `round ${round}`;

  await Promise.all(visitors.map((visitor, i) => visitor.say({ user: `${i}`, text })));
  for (const visitor of visitors) {
    await until(`all of ${text}`, async () => {
      const list = visitor.lists ? visitor.lists.at(-1) : await visitor.state();
      const users = new Set(list.filter((m) => m.text === text).map(({ user }) => user));

      return soon(users.size === visitors.length);
    });
  }
  for (const visitor of visitors) visitor.close();
}

const before = descriptors();
const samples = [];

for (let i = 1; i <= rounds; i++) {
  await abortRound();
  await visit(i);
  if (!server.alive) throw new Error(`the server died: ${server.errors}`);
  await until(`${before} descriptors (there are ${descriptors()})`, () => soon(descriptors() <= before))
    .then(() => check(`descriptors after round ${i}`, true),
      (error) => check(`descriptors after round ${i}`, false, error.message));
  samples.push(memory());
  console.log(`round ${i}: ${descriptors()} descriptors, ${samples.at(-1)} kB`);
}

if (!options["no-memory"]) {
  const warm = Math.max(...samples.slice(0, WARM));
  const last = Math.min(...samples.slice(-FEW));
  check("memory", last <= warm + PLAY, `${warm} kB when warm, ${last} kB at the end`);
}

// The end comes while visitors are in the middle of everything.
const crowd = [];
for (const [connect, aborts] of [[connectPlain, ABORTS], [connectTls, ABORTS], [connectHttp2, HTTP2]]) {
  for (const abort of Object.values(aborts)) {
    const c = await connect(server.port);
    await abort(c);
    crowd.push(c);
  }
}
const complaint = await server.stop();
check("the end", !complaint, complaint);
for (const c of crowd) c.destroy();
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed ? 1 : 0);
