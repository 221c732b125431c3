// SPDX-License-Identifier: MIT
// A soak: rounds of clients that come, upgrade, talk, and leave in every way,
// most of them in the middle of something and with a reset. When a round is
// over the server must hold the descriptors it held before, and after the
// first rounds its memory must not grow any more: neither what the app says
// is in use (which is exact) nor what the system gives it (which is not, but
// knows of all of it).
//
//   node run.mjs [--rounds n] [--no-memory]
//
// SIO_SERVER names the server. --no-memory is for servers whose memory says
// nothing: under a sanitizer, or with a garbage collector.
import fs from "node:fs";
import { parseArgs } from "node:util";
import { until } from "../clients/deadline.mjs";
import { startServer } from "../clients/server.mjs";
import { MODES, ask, client, connected } from "../clients/stock.mjs";
import { Case, get } from "../compare/case.mjs";
import { ABORTS } from "./aborts.mjs";

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "16" },
    "no-memory": { type: "boolean", default: false },
  },
});

// What the system gives depends on how the clients of a round met: the most
// of the first rounds is compared to the least of the last, with some play,
// in kilobytes.
const WARM = 6;
const FEW = 3;
const PLAY = 512;
const rounds = Math.max(Number(options.rounds), WARM + 2 * FEW);
const count = { passed: 0, failed: 0 };

function check(what, good, seen) {
  if (good) {
    count.passed++;
    return;
  }
  count.failed++;
  console.log(`not ok ${what}: ${seen}`);
}

const server = await startServer(process.env.SIO_SERVER, {
  PING_INTERVAL: "500",
  PING_TIMEOUT: "3000",
  UPGRADE_TIMEOUT: "3000",
  CONNECT_TIMEOUT: "3000",
  CLOSE_TIMEOUT: "400",
  // glibc counts what it keeps at hand for each thread as in use
  GLIBC_TUNABLES: "glibc.malloc.tcache_count=0",
});

const descriptors = () => fs.readdirSync(`/proc/${server.pid}/fd`).length;

function memory() {
  const status = fs.readFileSync(`/proc/${server.pid}/status`, "utf8");
  return Number(/^VmRSS:\s*(\d+)/m.exec(status)[1]);
}

// Each way of breaking off, several at a time; returns the sessions that were
// left behind without a connection.
async function abortRound() {
  const left = [];

  for (const [name, abort] of Object.entries(ABORTS)) {
    const tests = Array.from({ length: 12 }, () => new Case(server.port));
    try {
      await Promise.all(tests.map((test) => abort(test)));
    } catch (error) {
      error.message = `${name}: ${error.message}`;
      throw error;
    }
    for (const test of tests) {
      left.push(...test.record.names.map(([sid]) => [sid, name]));
      for (const connection of test.connections) connection.reset();
    }
  }
  return left;
}

// Stock clients that talk to each other and leave in three ways.
async function stockRound() {
  const sockets = Object.keys(MODES).flatMap((mode) => Array.from({ length: 10 }, () => {
    const socket = client("4.8").io(`http://127.0.0.1:${server.port}/custom`, {
      forceNew: true, reconnection: false, ...MODES[mode],
    });
    return connected(socket, mode);
  }));
  const all = await Promise.all(sockets);

  await Promise.all(all.map((socket) => ask(socket, "join", ["soak", socket.id.slice(0, 2)])));
  await Promise.all(all.map((socket) => ask(socket, "in", "soak", Buffer.alloc(500), "text")));
  all.forEach((socket, i) => {
    if (i % 3 === 0) socket.disconnect();
    else if (i % 3 === 1) socket.io.engine.close();
    else socket.emit("leave-me", true);
  });
  await Promise.all(all.map((socket) => until("the disconnect", async () => {
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    return !socket.connected;
  })));
}

// The sessions are gone when the server does not know them any more. PUT is
// refused for a session that is there and changes nothing.
async function allGone(sessions) {
  const test = new Case(server.port);
  const c = await test.connect();

  for (const [sid, name] of sessions) {
    await until(`the end of the session of "${name}"`, async () => {
      c.write(get(`/socket.io/?EIO=4&transport=polling&sid=${sid}`).replace("GET", "PUT"));
      const { body } = await c.response({ quiet: 500 });
      return `${body}`.includes("unknown");
    });
  }
  test.close();
}

async function round() {
  const [left] = await Promise.all([abortRound(), stockRound()]);

  await allGone(left);
}

// What only the server knows. A client that stayed would miss its ping on a
// machine that has much else to do.
async function question(event) {
  const watcher = await connected(client("4.8").io(`http://127.0.0.1:${server.port}`, {
    forceNew: true, reconnection: false, ...MODES.websocket,
  }));
  const [answer] = await ask(watcher, event);

  watcher.disconnect();
  return answer;
}

const before = descriptors();
const exact = (await question("features")).includes("heap") && !options["no-memory"];
const samples = [];
const heaps = [];

for (let i = 1; i <= rounds; i++) {
  await round();
  if (!server.alive) throw new Error(`the server died: ${server.errors}`);
  await until(`${before} descriptors (there are ${descriptors()})`, async () => {
    await new Promise((resolve) => { setTimeout(resolve, 10); });
    return descriptors() <= before;
  }).then(() => check(`descriptors after round ${i}`, true),
    (error) => check(`descriptors after round ${i}`, false, error.message));
  samples.push(memory());
  if (exact) heaps.push(await question("heap"));
  console.log(`round ${i}: ${descriptors()} descriptors, ${samples.at(-1)} kB`
    + `${exact ? `, ${heaps.at(-1)} bytes in use` : ""}`);
}

if (!options["no-memory"]) {
  const warm = Math.max(...samples.slice(0, WARM));
  const last = Math.min(...samples.slice(-FEW));
  check("memory", last <= warm + PLAY, `${warm} kB when warm, ${last} kB at the end`);
}

// What is in use settles (tables grow to the size they need, and keep it); a
// leak of 8 bytes with each client would be three times as much.
if (exact) {
  const warm = Math.min(...heaps.slice(-2 * FEW, -FEW));
  const last = Math.min(...heaps.slice(-FEW));
  check("memory in use", last <= warm + 4096, `${warm} bytes, ${FEW} rounds later ${last}`);
}

// The end comes while clients are in the middle of everything.
const crowd = Array.from({ length: 20 }, () => new Case(server.port));
await Promise.all(crowd.map(async (test) => {
  const c = await test.client();
  c.send("42[\"ask-forever\",1]");
  await c.frame({ quiet: true });
  const s = await test.session("/socket.io/");
  await s.enter("/custom");
  await s.ask();
}));
const complaint = await server.stop();
check("the end", !complaint, complaint);
for (const test of crowd) test.close();
console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed ? 1 : 0);
