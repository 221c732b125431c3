// SPDX-License-Identifier: MIT
// The stock clients with socket.io-msgpack-parser, against a server that was
// told to use the same.
import { next } from "../deadline.mjs";
import { test as register } from "../harness.mjs";
import { ask, collect, record, settled } from "../stock.mjs";

const test = (name, run) => register(`msgpack: ${name}`, { env: { PARSER: "msgpack" }, old: false }, run);
const ramp = (n) => Buffer.from(Array.from({ length: n }, (_, i) => i & 255));

test("values of every kind, there and back", async (t) => {
  const socket = await t.connect();
  const args = [0, 1, 127, 128, 255, 256, 65535, 65536, 4294967295, 4294967296, 2 ** 53 - 1, -1, -32, -33, -128, -129,
    -32768, -32769, -2147483648, -2147483649, -(2 ** 53 - 1), 0.1, -1.5, 1e-300, 5e-324, true, false, null, "", "text",
    "x".repeat(31), "x".repeat(32), "x".repeat(256), "x".repeat(65536), "äöü€😀\u0000", [], {}, [[], [{}]],
    Array.from({ length: 16 }, (_, i) => i), Array.from({ length: 65536 }, (_, i) => i % 128),
    Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i])), { b: 1, a: { c: [1.25] } },
    ramp(0), ramp(1), ramp(8), ramp(255), ramp(256), ramp(65536), { deep: [{ bytes: ramp(3) }] }];

  t.assert.deepEqual(await ask(socket, "message-with-ack", ...args), args);
  socket.emit("message", ...args);
  t.assert.deepEqual(await next(socket, "message-back"), args);
});

test("what JSON has no value for", async (t) => {
  const socket = await t.connect();
  const date = new Date(1700000000123);

  t.assert.deepEqual(await ask(socket, "message-with-ack", undefined, { a: undefined, b: 1 }, date, NaN),
    [null, { b: 1 }, date.toISOString(), null]);
  t.assert.deepEqual(await ask(socket, "message-with-ack", new Uint8Array([1, 2]).buffer, new Uint8Array([3])),
    [ramp(3).subarray(1), Buffer.from([3])]);
});

test("auth, its refusal, and namespaces", async (t) => {
  const socket = await t.connect("/guarded", { auth: { token: "good" } });

  t.assert.equal((await ask(socket, "handshake"))[0].auth.token, "good");
  const refused = t.open("/guarded", { auth: { token: "bad" } });
  const [error] = await next(refused, "connect_error");
  t.assert.equal(error.message, "not authorized");
  t.assert.deepEqual(error.data, { code: 401, hint: ["try", "again"] });
  const nothing = t.open("/nothing");
  t.assert.equal((await next(nothing, "connect_error"))[0].message, "Invalid namespace");
  const root = await t.connect("/", { auth: { bytes: ramp(5), n: 1.5 } });
  const custom = await t.also(root, "/custom");
  t.assert.deepEqual((await ask(root, "handshake"))[0].auth, { bytes: ramp(5), n: 1.5 });
  t.assert.deepEqual(await ask(custom, "message-with-ack", "c", ramp(2)), ["c", ramp(2)]);
});

test("acks that the server asks for", async (t) => {
  const socket = await t.connect();

  socket.on("question", (bytes, answer) => answer({ twice: [bytes, bytes] }, ramp(9)));
  socket.emit("ask", 10000, ramp(6));
  t.assert.deepEqual(await next(socket, "answer"), ["ok", { twice: [ramp(6), ramp(6)] }, ramp(9)]);
  t.assert.deepEqual(await ask(socket, "binary-ack"), [{ ok: true, bufs: [ramp(4), ramp(2)] }]);
});

test("rooms and broadcasts", async (t) => {
  const a = await t.connect();
  const b = await t.connect();
  const c = await t.connect();
  const seen = [a, b, c].map((socket) => record(socket, "room-msg", "all-msg", "broadcast-msg"));

  await ask(b, "join", "r");
  t.assert.deepEqual(await ask(a, "to", "r", { x: ramp(5) }, 1), ["sent"]);
  a.emit("all", "every", ramp(1));
  t.assert.deepEqual(await ask(a, "broadcast", 0.5), ["sent"]);
  await settled(a, b, c);
  t.assert.deepEqual(seen[0], [["all-msg", "every", ramp(1)]]);
  t.assert.deepEqual(seen[1], [["room-msg", { x: ramp(5) }, 1], ["all-msg", "every", ramp(1)], ["broadcast-msg", 0.5]]);
  t.assert.deepEqual(seen[2], [["all-msg", "every", ramp(1)], ["broadcast-msg", 0.5]]);
});

test("disconnects from both sides", async (t) => {
  const a = await t.connect("/", { auth: { key: "msgpack-a" } });
  const b = await t.connect();

  a.disconnect();
  t.assert.equal(await t.reason("msgpack-a"), "client namespace disconnect");
  const gone = next(b, "disconnect");
  b.emit("leave-me", false);
  t.assert.equal((await gone)[0], "io server disconnect");
});

test("a burst keeps its order", async (t) => {
  const socket = await t.connect();
  const burst = collect(socket, "burst-msg", 2000);

  socket.emit("burst", 2000);
  (await burst).forEach(([n], i) => t.assert.equal(n, i));
});

test("large messages", async (t) => {
  const socket = await t.connect();

  for (const n of [65536, 1000000]) {
    socket.emit("make-binary", n);
    const [seen] = await next(socket, "binary-msg");
    t.assert.ok(seen.a.equals(ramp(n)), `${n} bytes`);
    socket.emit("big", n);
    t.assert.equal((await next(socket, "big-msg"))[0].length, n);
  }
});

register("msgpack: a client of the default parser is sent away", { env: { PARSER: "msgpack" }, old: false }, async (t) => {
  const socket = t.open("/", { parser: undefined });

  const [reason] = await next(socket.io, "close");
  t.assert.match(reason, /^(transport close|forced close|transport error)$/);
});
