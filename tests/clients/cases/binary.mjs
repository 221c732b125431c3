// SPDX-License-Identifier: MIT
// Bytes in events and acks, both ways.
import { next } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, collect, record, settled } from "../stock.mjs";

const ramp = (n) => Buffer.from(Array.from({ length: n }, (_, i) => i & 255));
const told = (bytes) => ({
  $bin: bytes.length,
  sum: bytes.reduce((sum, byte) => (sum + byte) % 65536, 0),
});

const raw = ramp(512);

// Everything a client takes for binary, with the bytes that must arrive.
const KINDS = [
  [Buffer.alloc(0), raw.subarray(0, 0)],
  [Buffer.from([0]), Buffer.from([0])],
  [Buffer.from([0x1e, 0x62, 0x34, 0xff]), Buffer.from([0x1e, 0x62, 0x34, 0xff])],
  [Buffer.from(raw), raw],
  [Buffer.from(raw).subarray(7, 19), raw.subarray(7, 19)],
  [new Uint8Array([1, 2, 3]), Buffer.from([1, 2, 3])],
  [new Uint8Array(new Uint8Array(raw).buffer, 100, 11), raw.subarray(100, 111)],
  [new Uint8Array([9, 8, 7]).buffer, Buffer.from([9, 8, 7])],
  [new ArrayBuffer(0), raw.subarray(0, 0)],
  [new Uint16Array([0x0102, 0x0304]), Buffer.from([2, 1, 4, 3])],
  [new Float64Array([1.5]), Buffer.from(new Float64Array([1.5]).buffer)],
];

test("binary: every kind of it arrives as its bytes", async (t) => {
  const socket = await t.connect();

  /* release 2 knows typed arrays only as a whole buffer */
  for (const [value, bytes] of t.client.old ? KINDS.slice(0, 5) : KINDS) {
    t.assert.deepEqual(await ask(socket, "inspect", value), [told(bytes)]);
    t.assert.deepEqual(await ask(socket, "inspect", { a: [value, 1], b: { c: value } }),
      [{ a: [told(bytes), 1], b: { c: told(bytes) } }]);
  }
});

test("binary: there and back, nested and mixed with text", async (t) => {
  const socket = await t.connect();
  const args = ["text", ramp(3), { list: [ramp(0), [ramp(300)], "😀"], n: null }, 5, ramp(70000)];

  socket.emit("message", ...args);
  t.assert.deepEqual(await next(socket, "message-back"), args);
  t.assert.deepEqual(await ask(socket, "message-with-ack", ...args), args);
});

test("binary: ten attachments, the most a packet may have", async (t) => {
  const socket = await t.connect();
  const list = Array.from({ length: 10 }, (_, i) => ramp(i));

  socket.emit("message", list);
  t.assert.deepEqual(await next(socket, "message-back"), [list]);
});

test("binary: an ack that carries bytes", async (t) => {
  const socket = await t.connect();

  t.assert.deepEqual(await ask(socket, "binary-ack"), [{ ok: true, bufs: [ramp(4), ramp(2)] }]);
  socket.on("question", (bytes, answer) => answer({ twice: [bytes, bytes] }, ramp(9)));
  socket.emit("ask", 10000, ramp(6));
  t.assert.deepEqual(await next(socket, "answer"), ["ok", { twice: [ramp(6), ramp(6)] }, ramp(9)]);
});

test("binary: sizes around every length field", async (t) => {
  const socket = await t.connect();

  for (const n of [0, 1, 2, 3, 125, 126, 127, 65535, 65536, 1000000]) {
    socket.emit("make-binary", n);
    const [seen] = await next(socket, "binary-msg");
    t.assert.equal(seen.n, n);
    t.assert.ok(seen.a.equals(ramp(n)), `${n} bytes`);
    t.assert.deepEqual(seen.list, [ramp(3), { b: ramp(0) }]);
  }
  for (const n of [1, 2, 3, 124, 125, 126, 65535, 65536, 500000]) {
    t.assert.deepEqual(await ask(socket, "inspect", ramp(n)), [told(ramp(n))]);
  }
});

test("binary: keeps its place among text events", async (t) => {
  const socket = await t.connect();
  const back = collect(socket, "message-back", 200);

  for (let i = 0; i < 200; i++) socket.emit("message", i, i % 3 ? "text" : ramp(i));
  (await back).forEach(([n, value], i) => {
    t.assert.equal(n, i);
    t.assert.deepEqual(value, i % 3 ? "text" : ramp(i));
  });
});

test("binary: in a namespace, to a room", async (t) => {
  const a = await t.connect("/custom");
  const b = await t.connect("/custom");

  await ask(b, "join", "bytes");
  const got = next(b, "room-msg");
  t.assert.deepEqual(await ask(a, "to", "bytes", { x: ramp(5) }, ramp(1)), ["sent"]);
  t.assert.deepEqual(await got, [{ x: ramp(5) }, ramp(1)]);
});

test("binary: two namespaces of one connection do not mix their bytes", async (t) => {
  const root = await t.connect();
  const custom = await t.also(root, "/custom");
  const seen = [record(root, "message-back"), record(custom, "message-back")];

  for (let i = 0; i < 50; i++) {
    root.emit("message", "root", i, ramp(i));
    custom.emit("message", "custom", i, ramp(2 * i), "end");
  }
  await settled(root, custom);
  t.assert.equal(seen[0].length, 50);
  t.assert.equal(seen[1].length, 50);
  for (let i = 0; i < 50; i++) {
    t.assert.deepEqual(seen[0][i], ["message-back", "root", i, ramp(i)]);
    t.assert.deepEqual(seen[1][i], ["message-back", "custom", i, ramp(2 * i), "end"]);
  }
});
