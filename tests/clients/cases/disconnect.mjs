// SPDX-License-Identifier: MIT
// Every way a connection ends, with the reasons both sides see.
import { next, until } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, collect, connected, engineOf, record, upgraded } from "../stock.mjs";

let serial = 0;
const newKey = () => `key ${++serial}`;

// What the server sends for the heartbeat.
const beat = (t) => (t.client.old ? "pong" : "ping");

const reasonOf = (t, key) => until("the server's reason", () => t.reason(key));

test("disconnect: by the client", async (t) => {
  const key = newKey();
  const socket = await t.connect(t.home, { auth: { key } });
  const gone = next(socket, "disconnect");

  socket.disconnect();
  t.assert.equal((await gone)[0], "io client disconnect");
  t.assert.equal(await reasonOf(t, key), "client namespace disconnect");
});

test("disconnect: by the client, one namespace of two", { old: false }, async (t) => {
  const [key, other] = [newKey(), newKey()];
  const root = await t.connect("/", { auth: { key } });
  const custom = await t.also(root, "/custom", { auth: { key: other } });

  root.disconnect();
  t.assert.equal(await reasonOf(t, key), "client namespace disconnect");
  t.assert.deepEqual(await ask(custom, "message-with-ack", 1), [1]);
  t.assert.equal(await t.reason(other), null);
});

test("disconnect: by the server, the connection stays for the others", async (t) => {
  const [key, other] = [newKey(), newKey()];
  const root = await t.connect("/", { auth: { key } });
  const custom = await t.also(root, "/custom", { auth: { key: other } });

  custom.emit("leave-me", false);
  t.assert.equal((await next(custom, "disconnect"))[0], "io server disconnect");
  t.assert.deepEqual(await ask(root, "message-with-ack", 1), [1]);
  t.assert.equal(await reasonOf(t, other), "server namespace disconnect");
  t.assert.equal(await t.reason(key), null);
  custom.connect();
  await connected(custom);
  t.assert.deepEqual(await ask(custom, "message-with-ack", 2), [2]);
});

test("disconnect: by the server, with the connection", { old: false }, async (t) => {
  const [key, other] = [newKey(), newKey()];
  const root = await t.connect("/", { auth: { key } });
  const custom = await t.also(root, "/custom", { auth: { key: other } });
  const closed = next(engineOf(root), "close");
  const gone = Promise.all([next(root, "disconnect"), next(custom, "disconnect")]);

  custom.emit("leave-me", true);
  t.assert.deepEqual((await gone).map(([reason]) => reason),
    ["io server disconnect", "io server disconnect"]);
  await closed;
  t.assert.equal(await reasonOf(t, key), "server namespace disconnect");
  t.assert.equal(await reasonOf(t, other), "server namespace disconnect");
});

test("disconnect: what was sent just before the end arrives", async (t) => {
  for (const close of [false, true]) {
    const socket = await t.connect();
    const all = collect(socket, "burst-msg", 300);
    const gone = next(socket, "disconnect");

    socket.emit("burst", 300);
    socket.emit("leave-me", close);
    t.assert.deepEqual((await all).map(([n]) => n), Array.from({ length: 300 }, (_, i) => i));
    t.assert.equal((await gone)[0], "io server disconnect");
  }
});

test("disconnect: by the server, a whole room with its connections", async (t) => {
  const keys = [newKey(), newKey(), newKey()];
  const sockets = await Promise.all(keys.map((key) => t.connect(t.home, { auth: { key } })));
  const boss = await t.connect(t.home);

  await Promise.all(sockets.slice(0, 2).map((socket) => ask(socket, "join", "doomed")));
  const gone = Promise.all(sockets.slice(0, 2).map((socket) => next(socket, "disconnect")));
  t.assert.deepEqual(await ask(boss, "kick", "doomed", true), ["kicked"]);
  for (const [reason] of await gone) t.assert.equal(reason, "io server disconnect");
  t.assert.equal(await reasonOf(t, keys[0]), "server namespace disconnect");
  t.assert.equal(await reasonOf(t, keys[1]), "server namespace disconnect");
  t.assert.equal(await t.reason(keys[2]), null);
  t.assert.deepEqual(await ask(sockets[2], "message-with-ack", 1), [1]);
});

test("disconnect: a server that kicks its own caller", async (t) => {
  const socket = await t.connect();
  const gone = next(socket, "disconnect");

  await ask(socket, "join", "self");
  t.assert.deepEqual(await ask(socket, "kick", "self", true), ["kicked"]);
  t.assert.equal((await gone)[0], "io server disconnect");
});

test("disconnect: the engine is closed by the client", async (t) => {
  const [key, other] = [newKey(), newKey()];
  const root = await t.connect("/", { auth: { key } });
  await t.also(root, "/custom", { auth: { key: other } });
  const gone = next(root, "disconnect");

  engineOf(root).close();
  t.assert.equal((await gone)[0], "forced close");
  if (!t.client.old) t.assert.equal(await reasonOf(t, key), "transport close");
  t.assert.equal(await reasonOf(t, other), "transport close");
});

test("disconnect: the client's TCP connection breaks", { modes: ["websocket", "upgrade"] }, async (t) => {
  const key = newKey();
  const socket = await t.connect(t.home, { auth: { key } });
  const gone = next(socket, "disconnect");

  engineOf(socket).transport.ws.terminate();
  t.assert.equal((await gone)[0], "transport close");
  t.assert.equal(await reasonOf(t, key), "transport close");
});

test("disconnect: a client that falls silent", { env: { PING_INTERVAL: "800", PING_TIMEOUT: "500" } }, async (t) => {
  const key = newKey();
  const socket = await t.connect(t.home, { auth: { key } });

  engineOf(socket).transport.send = () => {};
  await next(socket, "disconnect");
  const reason = await reasonOf(t, key);
  /* an old client misses its own pong at the same time, and may be first */
  if (!t.client.old) t.assert.equal(reason, "ping timeout");
  else t.assert.match(reason, /^(ping timeout|transport close)$/);
});

test("disconnect: a server that falls silent", async (t) => {
  const server = await t.startServer({ PING_INTERVAL: "300", PING_TIMEOUT: "1000" });
  const socket = await t.connect("/", { port: server.port });
  const gone = next(socket, "disconnect");

  server.signal("SIGSTOP");
  t.assert.equal((await gone)[0], "ping timeout");
});

test("heartbeat: the connection lives on", { env: { PING_INTERVAL: "40", PING_TIMEOUT: "5000" } }, async (t) => {
  const socket = t.open();
  const seen = record(socket, "disconnect");
  let pings = 0;

  await connected(socket, t.mode);
  const sixth = new Promise((resolve) => {
    engineOf(socket).on("packet", ({ type }) => type === beat(t) && ++pings === 6 && resolve());
  });
  await until("six pings", async () => {
    const [[back]] = [await ask(socket, "message-with-ack", "x")];
    t.assert.equal(back, "x");
    await Promise.race([sixth, new Promise((resolve) => setTimeout(resolve, 20))]);
    return pings >= 6;
  });
  t.assert.deepEqual(seen, []);
});

test("heartbeat: it goes on during the upgrade and after it", { modes: ["upgrade"], env: { PING_INTERVAL: "40", PING_TIMEOUT: "5000" } }, async (t) => {
  const sockets = Array.from({ length: 5 }, () => t.open());

  await Promise.all(sockets.map((socket) => connected(socket)));
  await Promise.all(sockets.map((socket) => upgraded(socket)));
  await Promise.all(sockets.map((socket) => new Promise((resolve) => {
    let pings = 0;
    engineOf(socket).on("packet", ({ type }) => type === beat(t) && ++pings === 4 && resolve());
  })));
  for (const socket of sockets) t.assert.deepEqual(await ask(socket, "message-with-ack", 1), [1]);
});

// A client that comes back by itself as soon as it can.
const EAGER = { reconnection: true, reconnectionDelay: 20, reconnectionDelayMax: 100, randomizationFactor: 0 };

for (const signal of ["SIGTERM", "SIGKILL"]) {
  test(`restart: clients come back after ${signal}, nothing they said meanwhile is lost`, { old: false }, async (t) => {
    const first = await t.startServer();
    const socket = await t.connect("/", { port: first.port, ...EAGER, auth: { me: 1 } });
    const custom = await t.also(socket, "/custom", { auth: { me: 2 } });
    const ids = [socket.id, custom.id];
    const gone = Promise.all([next(socket, "disconnect"), next(custom, "disconnect")]);

    t.assert.equal(await first.stop(signal), "");
    for (const [reason] of await gone) t.assert.match(reason, /^transport (close|error)$/);
    const back = collect(socket, "message-back", 20);
    const auths = Promise.all([next(socket, "auth"), next(custom, "auth")]);
    for (let i = 0; i < 20; i++) socket.emit("message", i);
    await t.startServer({ PORT: String(first.port) });
    t.assert.deepEqual(await auths, [[{ me: 1 }], [{ me: 2 }]]);
    t.assert.deepEqual(await back, Array.from({ length: 20 }, (_, i) => [i]));
    await connected(custom);
    t.assert.notEqual(socket.id, ids[0]);
    t.assert.notEqual(custom.id, ids[1]);
    if (t.mode === "upgrade") await upgraded(socket);
    t.assert.deepEqual(await ask(socket, "message-with-ack", "again"), ["again"]);
  });
}

test("restart: clients come back when the server's connection breaks", async (t) => {
  const socket = await t.connect("/", EAGER);
  const { id } = socket;
  const back = next(socket, "connect");

  engineOf(socket).close();
  await back;
  t.assert.notEqual(socket.id, id);
  t.assert.deepEqual(await ask(socket, "message-with-ack", 1), [1]);
});
