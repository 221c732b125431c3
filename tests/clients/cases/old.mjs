// SPDX-License-Identifier: MIT
// What is only so with release 2: Engine.IO 3, Socket.IO protocol 4.
import { next, until } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, connected, engineOf, record, settled } from "../stock.mjs";

const old = { old: true };

test("old: ids, transport and handshake values", old, async (t) => {
  const root = await t.connect();
  const custom = await t.also(root, "/custom");
  const engine = engineOf(root);

  t.assert.match(engine.id, /^[A-Za-z0-9_-]{20}$/);
  t.assert.equal(root.id, engine.id);
  t.assert.equal(custom.id, `/custom#${engine.id}`);
  t.assert.equal(engine.transport.name, t.mode === "polling" ? "polling" : "websocket");
  t.assert.deepEqual(await ask(root, "transport"), [engine.transport.name]);
  t.assert.equal(engine.pingInterval, 25000);
  t.assert.equal(engine.pingTimeout, 20000);
  t.assert.deepEqual(await ask(custom, "rooms"), [["<own>"]]);
});

test("old: a server that does not allow them refuses them", { ...old, env: { ALLOW_EIO3: "0" } }, async (t) => {
  const [error] = await next(t.open(), "connect_error");

  t.assert.ok(error);
});

test("old: the main namespace greets at once, and has no auth", old, async (t) => {
  t.assert.deepEqual(await next(t.open("/", { auth: { lost: 1 } }), "auth"), [{}]);
});

test("old: the query of a namespace is its auth", old, async (t) => {
  for (const auth of [{ token: "abc" }, { a: "1 2+3&4=5", "ключ": "значение 😀", empty: "" }]) {
    const socket = t.open("/custom", { auth });
    t.assert.deepEqual(await next(socket, "auth"), [auth]);
    const [seen] = await ask(socket, "handshake");
    t.assert.deepEqual([seen.nsp, seen.query, seen.auth], ["/custom", {}, auth]);
  }
});

test("old: a refusal is its data, or its message", old, async (t) => {
  const refusal = (token) => next(t.open("/guarded", { auth: { token } }), "error");

  t.assert.deepEqual(await refusal("wrong"), [{ code: 401, hint: ["try", "again"] }]);
  t.assert.deepEqual(await refusal("bare"), ["not authorized"]);
  const good = await t.connect("/guarded", { auth: { token: "good" } });
  t.assert.deepEqual(await ask(good, "message-with-ack", "in"), ["in"]);
});

test("old: an unknown namespace", old, async (t) => {
  const root = await t.connect();

  t.assert.deepEqual(await next(root.io.socket("/no-such"), "error"),
    [{ message: "Invalid namespace" }]);
  t.assert.deepEqual(await ask(root, "message-with-ack", 5), [5]);
});

test("old: a namespace is left and joined again under the same id", old, async (t) => {
  const root = await t.connect();
  const custom = await t.also(root, "/custom", { auth: { n: 1 } });
  const { id } = custom;

  custom.disconnect();
  t.assert.deepEqual(await ask(root, "message-with-ack", "on"), ["on"]);
  custom.connect();
  await connected(custom);
  t.assert.equal(custom.id, id);
  t.assert.deepEqual(await ask(custom, "message-with-ack", "back"), ["back"]);
});

test("old: by the server, with the connection", old, async (t) => {
  const key = `old ${Math.random()}`;
  const root = await t.connect();
  const custom = await t.also(root, "/custom", { auth: { key } });
  const closed = next(engineOf(root), "close");
  const gone = Promise.all([next(root, "disconnect"), next(custom, "disconnect")]);

  custom.emit("leave-me", true);
  t.assert.deepEqual((await gone).map(([reason]) => reason),
    ["io server disconnect", "io server disconnect"]);
  await closed;
  t.assert.equal(await until("the server's reason", () => t.reason(key)), "server namespace disconnect");
});

test("old: dynamic namespaces", { ...old, needs: ["dynamic"] }, async (t) => {
  const a = await t.connect("/room-a1");
  const b = await t.connect("/room-b2");
  const seen = record(b, "all-msg");

  a.emit("all", "only a1");
  t.assert.deepEqual(await next(a, "all-msg"), ["only a1"]);
  await settled(b);
  t.assert.deepEqual(seen, []);
  t.assert.deepEqual(await next(t.open("/room-"), "error"), [{ message: "Invalid namespace" }]);
});

test("old: base64 in place of bytes", old, async (t) => {
  const socket = await t.connect("/", { forceBase64: true });
  const bytes = Buffer.from([0, 1, 2, 254, 255]);

  t.assert.deepEqual(await ask(socket, "message-with-ack", { bytes }), [{ bytes }]);
  socket.emit("message", bytes, "text", Buffer.alloc(0));
  t.assert.deepEqual(await next(socket, "message-back"), [bytes, "text", Buffer.alloc(0)]);
});

test("old: clients come back after the server was away", old, async (t) => {
  const first = await t.startServer();
  const eager = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 };
  const root = await t.connect("/", { port: first.port, ...eager });
  const custom = await t.also(root, "/custom", { auth: { me: "2" } });
  const gone = Promise.all([next(root, "disconnect"), next(custom, "disconnect")]);

  t.assert.equal(await first.stop("SIGTERM"), "");
  for (const [reason] of await gone) t.assert.match(reason, /^transport (close|error)$/);
  const auths = Promise.all([next(root, "auth"), next(custom, "auth")]);
  await t.startServer({ PORT: String(first.port) });
  t.assert.deepEqual(await auths, [[{}], [{ me: "2" }]]);
  t.assert.deepEqual(await ask(root, "message-with-ack", "again"), ["again"]);
  t.assert.deepEqual(await ask(custom, "message-with-ack", "again"), ["again"]);
});
