// SPDX-License-Identifier: MIT
// What a client may notice of cookies, CORS, headers of the application's and
// another path: nothing, but that it works.
import { test } from "../harness.mjs";
import { ask, connected, engineOf, record, settled } from "../stock.mjs";

// The cookies a client of Node keeps for itself when it is told to send them.
function jarOf(socket) {
  const engine = engineOf(socket);
  const jar = engine._cookieJar || engine.transport.cookieJar;

  return jar && (jar._cookies || jar.cookies);
}

const BROWSERS = { COOKIE: "1", EXTRA_HEADERS: "1", CORS: "list" };

test("headers: all of them, and everything goes on", { env: BROWSERS }, async (t) => {
  const socket = await t.connect("/", { withCredentials: true, extraHeaders: { origin: "http://a.example" } });
  const other = await t.connect(t.home);
  const seen = record(socket, "message-back");

  socket.emit("message", "x".repeat(5000), { a: [1, null] });
  t.assert.deepEqual(await ask(other, "message-with-ack", 1, "2"), [1, "2"]);
  await settled(socket, other);
  t.assert.deepEqual(seen, [["message-back", "x".repeat(5000), { a: [1, null] }]]);
});

test("headers: the cookie is the engine's id, and is sent back", {
  env: BROWSERS, modes: ["polling"], since: [4, 7],
}, async (t) => {
  const socket = await t.connect("/", { withCredentials: true });
  const jar = jarOf(socket);

  t.assert.equal(jar.size, 1);
  t.assert.equal(jar.get("io").value, engineOf(socket).id);
  await settled(socket);
  t.assert.equal(jar.get("io").value, engineOf(socket).id, "later answers do not replace it");
});

test("headers: without a cookie there is none", { modes: ["polling"], since: [4, 7] }, async (t) => {
  const socket = await t.connect("/", { withCredentials: true });

  await settled(socket);
  t.assert.equal(jarOf(socket).size, 0);
});

test("headers: no slash behind the path", { env: { TRAILING_SLASH: "0" }, since: [4, 6] }, async (t) => {
  const socket = await t.connect("/", { addTrailingSlash: false });

  t.assert.deepEqual(await ask(socket, "message-with-ack", "with none"), ["with none"]);
});

test("headers: no slash is needed, but it may be there", { env: { TRAILING_SLASH: "0" } }, async (t) => {
  const socket = await t.connect();

  t.assert.deepEqual(await ask(socket, "message-with-ack", "with one"), ["with one"]);
});

test("headers: another path", { old: false }, async (t) => {
  const server = await t.startServer({ SIO_PATH: "/a/b.c/", COOKIE: "1" });
  const socket = t.open("/custom", { port: server.port, path: "/a/b.c" });

  await connected(socket, t.mode);
  t.assert.deepEqual(await ask(socket, "message-with-ack", "there"), ["there"]);
});
