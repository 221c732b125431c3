// SPDX-License-Identifier: MIT
// Much at once: bursts, the limit of a message, the upgrade under traffic.
import { DEADLINE, next, until, within } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, collect, connected, engineOf, holdUpgrade, record, settled, upgraded } from "../stock.mjs";

const BURST = 10000;
const numbers = (n) => Array.from({ length: n }, (_, i) => i);

test("burst: 10,000 events from the server, in order", async (t) => {
  const socket = await t.connect();
  const all = collect(socket, "burst-msg", BURST);

  socket.emit("burst", BURST);
  t.assert.deepEqual((await all).map(([n]) => n), numbers(BURST));
});

test("burst: 10,000 events there and back, in order", async (t) => {
  const socket = await t.connect();
  const all = collect(socket, "message-back", BURST);

  for (let i = 0; i < BURST; i++) socket.emit("message", i);
  t.assert.deepEqual((await all).map(([n]) => n), numbers(BURST));
});

test("burst: both directions at the same time, and acks between", async (t) => {
  const socket = await t.connect();
  const down = collect(socket, "burst-msg", BURST);
  const back = collect(socket, "message-back", 3000);
  const acks = [];

  socket.emit("burst", BURST);
  for (let i = 0; i < 3000; i++) {
    socket.emit("message", i);
    if (i % 3 === 0) acks.push(ask(socket, "message-with-ack", i));
  }
  t.assert.deepEqual((await down).map(([n]) => n), numbers(BURST));
  t.assert.deepEqual((await back).map(([n]) => n), numbers(3000));
  t.assert.deepEqual((await Promise.all(acks)).map(([n]) => n), numbers(1000).map((n) => 3 * n));
});

const LIMIT = 10000;
const limited = { env: { MAX_PAYLOAD: String(LIMIT), PING_INTERVAL: "500" } };

// A text that makes an event "measure" with ack id 0 exactly n bytes long as
// an Engine.IO packet: 4, 2, 0, JSON.
function sized(n) {
  const room = n - `420${JSON.stringify(["measure", ""])}`.length;
  return "é".repeat(100) + "x".repeat(room - 200);
}

test("limit: a message of exactly maxHttpBufferSize", { ...limited, old: false }, async (t) => {
  const socket = await t.connect();
  const text = sized(LIMIT);

  t.assert.deepEqual(await ask(socket, "measure", text), [Buffer.byteLength(text), text.length]);
  t.assert.deepEqual(await ask(socket, "message-with-ack", "alive"), ["alive"]);
});

test("limit: one byte more ends that connection and no other", limited, async (t) => {
  const key = `limit ${t.release} ${t.mode}`;
  const other = await t.connect();
  const socket = await t.connect(t.home, { auth: { key } });
  const gone = next(socket, "disconnect");

  socket.emit("measure", sized(LIMIT + 1), () => t.assert.fail("the server took it"));
  const [reason] = await gone;
  t.assert.equal(reason, t.mode === "polling" ? "transport error" : "transport close");
  const why = await until("the server's reason", () => t.reason(key));
  if (t.mode === "polling") t.assert.match(why, /^transport (error|close)$/);
  else t.assert.equal(why, "transport error");
  t.assert.deepEqual(await ask(other, "message-with-ack", 1), [1]);
});

test("limit: bytes count like text", { ...limited, modes: ["websocket", "upgrade"], old: false }, async (t) => {
  const socket = await t.connect();
  const [seen] = await ask(socket, "inspect", Buffer.alloc(LIMIT, 1));

  t.assert.deepEqual(seen, { $bin: LIMIT, sum: LIMIT });
  const gone = next(socket, "disconnect");
  socket.emit("inspect", Buffer.alloc(LIMIT + 1, 1), () => t.assert.fail("the server took it"));
  t.assert.equal((await gone)[0], "transport close");
});

test("limit: a client that knows it splits what it sends", { ...limited, since: [4, 5] }, async (t) => {
  const socket = await t.connect();
  const back = collect(socket, "message-back", 100);

  for (let i = 0; i < 100; i++) socket.emit("message", i, i % 10 ? "y".repeat(900) : Buffer.alloc(900, i));
  t.assert.deepEqual((await back).map(([n]) => n), numbers(100));
});

test("limit: the server may send more than it takes", limited, async (t) => {
  const socket = await t.connect();

  socket.emit("big", 20 * LIMIT);
  t.assert.equal((await next(socket, "big-msg"))[0].length, 20 * LIMIT);
  socket.emit("make-binary", 2 * LIMIT);
  t.assert.equal((await next(socket, "binary-msg"))[0].a.length, 2 * LIMIT);
});

test("upgrade: under traffic nothing is lost, doubled or out of order", { modes: ["upgrade"] }, async (t) => {
  const socket = t.open();
  const engine = engineOf(socket);
  const seen = [];
  const questions = [];
  let sent = 0;
  let last = Infinity;
  const release = holdUpgrade(socket);

  await connected(socket);
  t.assert.equal(engine.transport.name, "polling");
  socket.on("question", (n, answer) => {
    questions.push(n);
    answer(n);
  });
  const answers = record(socket, "answer");
  const more = () => {
    socket.emit("message", sent, sent % 7 ? "text" : Buffer.from([sent & 255]));
    if (sent % 10 === 0) socket.emit("ask", 10000, sent);
    sent++;
  };
  engine.once("upgrade", () => { last = sent + 300; });
  const done = new Promise((resolve) => {
    socket.on("message-back", (n, value) => {
      seen.push(n);
      if (n % 7 === 0 && !(Buffer.isBuffer(value) && value[0] === (n & 255))) seen.push("bytes?");
      if (sent < last) more();
      if (seen.length >= last) resolve();
    });
  });
  for (let i = 0; i < 30; i++) more();
  await next(socket, "message-back");
  release();
  await within(DEADLINE, "the end of the traffic", done, () => `${seen.length} of ${last} came`);
  t.assert.equal(engine.transport.name, "websocket");
  await settled(socket);
  await settled(socket);
  t.assert.deepEqual(seen, numbers(sent));
  const tens = numbers(sent).filter((n) => n % 10 === 0);
  t.assert.deepEqual(questions, tens);
  t.assert.deepEqual(answers, tens.map((n) => ["answer", "ok", n]));
});

test("upgrade: a burst from the server across it", { modes: ["upgrade"] }, async (t) => {
  const socket = t.open();
  const release = holdUpgrade(socket);

  await connected(socket);
  const parts = collect(socket, "burst-msg", 20 * 500);
  const end = upgraded(socket);
  for (let i = 0; i < 10; i++) socket.emit("burst", 500);
  release();
  await end;
  for (let i = 0; i < 10; i++) socket.emit("burst", 500);
  (await parts).forEach(([n], i) => t.assert.equal(n, i % 500));
});

test("upgrade: many clients at once", { modes: ["upgrade"] }, async (t) => {
  const sockets = await Promise.all(Array.from({ length: 40 }, () => t.connect()));

  for (const socket of sockets) t.assert.deepEqual(await ask(socket, "transport"), ["websocket"]);
});

test("upgrade: not offered, the client stays on polling", { modes: ["upgrade"], env: { ALLOW_UPGRADES: "0" } }, async (t) => {
  const socket = t.open();
  const [data] = await next(engineOf(socket), "handshake");

  t.assert.deepEqual(data.upgrades, []);
  await connected(socket);
  t.assert.deepEqual(await ask(socket, "transport"), ["polling"]);
});
