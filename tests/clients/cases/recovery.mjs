// SPDX-License-Identifier: MIT
// Connection state recovery: a client that lost its connection is who it was.
import { next, until } from "../deadline.mjs";
import { test as register } from "../harness.mjs";
import { ask, engineOf, record, settled } from "../stock.mjs";

// Clients before 4.6 know nothing of it. The parser makes no difference.
function test(name, needs, run) {
  const options = { since: [4, 6], old: false, needs };

  register(`recovery: ${name}`, { ...options, env: { CSR: "1" } }, run);
  register(`recovery, msgpack: ${name}`, { ...options, env: { CSR: "1", PARSER: "msgpack" } }, run);
}

// In this namespace nobody is greeted.
const quiet = ["/guarded", { auth: { token: "good" } }];

// The connection ends without a word from Socket.IO.
async function drop(socket) {
  const gone = next(socket, "disconnect");

  engineOf(socket).close();
  await gone;
}

async function back(socket) {
  const connected = next(socket, "connect");

  socket.connect();
  await connected;
}

// The server has noticed the end of a socket of this id.
async function noticed(other, id) {
  await until(`the end of ${id}`, async () => (await ask(other, "room-size", id))[0] === 0);
}

// Without the offset, which every event has at its end.
const seenBy = (list) => list.map(([name, ...args]) => [name, ...args.slice(0, -1)]);

test("id, rooms and missed events, in order", [], async (t) => {
  const [a, b] = await Promise.all([t.connect(), t.connect()]);
  const seen = record(a, "all-msg", "room-msg", "broadcast-msg");
  const { id } = a;

  t.assert.equal(a.recovered, false);
  await ask(a, "join", "club");
  b.emit("all", "seen");
  await settled(a, b);
  await drop(a);
  await noticed(b, id);
  b.emit("all", 1, { deep: [1] });
  await ask(b, "to", "club", 2);
  await ask(b, "to", "elsewhere", "not for a");
  await ask(b, "in", id, 3);
  await ask(b, "broadcast", 4);
  await ask(b, "except", "club", "nor this");
  await back(a);
  t.assert.equal(a.recovered, true);
  t.assert.equal(a.id, id);
  await settled(a);
  t.assert.deepEqual(seenBy(seen), [["all-msg", "seen"], ["all-msg", 1, { deep: [1] }], ["room-msg", 2],
    ["room-msg", 3], ["broadcast-msg", 4]]);
  t.assert.deepEqual(await ask(a, "rooms"), [["<own>", "club"]]);
  // and again
  await drop(a);
  await noticed(b, id);
  await ask(b, "to", "club", 5);
  await back(a);
  t.assert.equal(a.recovered, true);
  await settled(a);
  t.assert.deepEqual(seenBy(seen.slice(5)), [["room-msg", 5]]);
});

// The official server cannot do that.
test("no event had come before the end", ["recovery-from-nothing"], async (t) => {
  const [a, b] = await Promise.all([t.connect(...quiet), t.connect(...quiet)]);
  const seen = record(a, "all-msg");
  const { id } = a;

  await drop(a);
  await noticed(b, id);
  b.emit("all", "missed");
  await settled(b);
  await back(a);
  t.assert.equal(a.recovered, true);
  t.assert.equal(a.id, id);
  await settled(a);
  t.assert.deepEqual(seenBy(seen), [["all-msg", "missed"]]);
});

test("bytes", [], async (t) => {
  const [a, b] = await Promise.all([t.connect(), t.connect()]);
  const seen = record(a, "all-msg");
  const { id } = a;

  b.emit("all", "seen");
  await settled(a, b);
  await drop(a);
  await noticed(b, id);
  b.emit("all", Buffer.from([1, 2, 3]), { b: Buffer.from([]) });
  await settled(b);
  await back(a);
  t.assert.equal(a.recovered, true);
  await settled(a);
  t.assert.deepEqual(seenBy(seen.slice(1)), [["all-msg", Buffer.from([1, 2, 3]), { b: Buffer.from([]) }]]);
});

test("who was sent away is new", [], async (t) => {
  const a = await t.connect();
  const { id } = a;

  a.emit("leave-me", false);
  await next(a, "disconnect");
  a.connect();
  await next(a, "connect");
  t.assert.equal(a.recovered, false);
  t.assert.notEqual(a.id, id);
});

// The server has noticed nothing yet. The official one makes a new socket.
test("faster than the end of the old connection", ["recovery-takes-over"], async (t) => {
  const [a, b] = await Promise.all([t.connect(...quiet), t.connect(...quiet)]);
  const { id } = a;
  const twin = t.open("/guarded", { auth: { pid: a._pid } });
  const gone = next(a, "disconnect");

  await next(twin, "connect");
  t.assert.equal(twin.id, id);
  await gone;
  t.assert.deepEqual(await ask(b, "room-size", twin.id), [1]);
});
