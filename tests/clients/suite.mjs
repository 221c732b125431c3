// SPDX-License-Identifier: MIT
// What the test suites of socket.io-client and engine.io-client ask of their
// servers, asked of ../apps/client_suite_app, our twin of them. npm does not
// ship those suites, so each handler is used here once.
import assert from "node:assert/strict";
import { once } from "node:events";
import http from "node:http";
import path from "node:path";
import { DEADLINE, next, within } from "./deadline.mjs";
import { startServer } from "./server.mjs";
import { MODES, ask, client, collect, connected, load } from "./stock.mjs";

const sio = [];
const eio = [];
const ramp = Buffer.from("asdfasdf");

// -- Socket.IO ------------------------------------------------------------------

// Because of the recovery, events have an offset behind their arguments.
const replies = async (socket, event, answer, ...args) => {
  const got = next(socket, answer);
  socket.emit(event, ...args);
  return withoutOffset(await got);
};
const withoutOffset = (args) => {
  assert.equal(typeof args.at(-1), "string");
  return args.slice(0, -1);
};
const isNow = (text) => assert.ok(Math.abs(new Date(text) - Date.now()) < 60000, text);

sio.push(["texts and acks", async (t) => {
  const socket = await t.connect();
  assert.deepEqual(await replies(socket, "hi", "hi"), []);
  for (const value of [1, "a", null, { b: [1.5] }, false]) assert.deepEqual(await ask(socket, "echo", value), [value]);
  socket.once("ack", (answer) => answer(5, { test: true }));
  assert.deepEqual(await replies(socket, "ack", "got it"), []);
  assert.deepEqual(await replies(socket, "false", "false"), [false]);
}]);

sio.push(["dates", async (t) => {
  const socket = await t.connect();
  isNow((await ask(socket, "getAckDate", { test: true }))[0]);
  isNow((await replies(socket, "getDate", "takeDate"))[0]);
  isNow((await replies(socket, "getDateObj", "takeDateObj"))[0].date);
}]);

sio.push(["UTF-8", async (t) => {
  const socket = await t.connect();
  const got = collect(socket, "takeUtf8", 5);
  socket.emit("getUtf8");
  assert.deepEqual((await got).map(withoutOffset), [["てすと"], ["Я Б Г Д Ж Й"], ["Ä ä Ü ü ß"], ["utf8 — string"], ["utf8 — string"]]);
}]);

sio.push(["bytes", async (t) => {
  const socket = await t.connect();
  assert.deepEqual(await replies(socket, "doge", "doge"), [ramp]);
  assert.deepEqual(await replies(socket, "getbin", "takebin"), [ramp]);
  assert.deepEqual(await replies(socket, "buffa", "buffack", ramp), []);
  assert.deepEqual(await replies(socket, "blob", "back", ramp), []);
  const mixed = { hello: "lol", message: ramp, goodbye: "gotcha" };
  assert.deepEqual(await replies(socket, "jsonbuff", "jsonbuff-ack", mixed), []);
  assert.deepEqual(await replies(socket, "jsonblob", "jsonblob-ack", mixed), []);
}]);

sio.push(["bytes and texts in order", async (t) => {
  const socket = await t.connect();
  socket.emit("abuff1", ramp);
  assert.deepEqual(await replies(socket, "abuff2", "abuff2-ack", "please arrive second"), []);
  socket.emit("blob1", ramp);
  socket.emit("blob2", "second");
  assert.deepEqual(await replies(socket, "blob3", "blob3-ack", ramp), []);
}]);

sio.push(["what does not fit is not answered", async (t) => {
  const socket = await t.connect();
  const seen = [];
  socket.onAny((event) => seen.push(event));
  for (const event of ["buffa", "blob", "jsonbuff", "jsonblob", "abuff1", "abuff2", "blob1", "blob2", "blob3"]) {
    socket.emit(event, "text");
  }
  socket.emit("jsonbuff", { hello: "lol", message: "text", goodbye: "gotcha" });
  await ask(socket, "echo", 1);
  assert.deepEqual(seen, []);
}]);

sio.push(["namespaces and refusals", async (t) => {
  const socket = await t.connect();
  for (const nsp of ["/valid", "/asd", "/timeout_socket"]) await t.connect(nsp);
  const foo = await t.connect("/foo");
  assert.deepEqual(await ask(foo, "getId"), [foo.id]);
  assert.deepEqual(await ask(socket, "getId"), [socket.id]);
  const refusal = async (nsp, options) => (await next(t.open(nsp, options), "connect_error"))[0];
  assert.equal((await refusal("/no")).message, "Auth failed (custom namespace)");
  assert.equal((await refusal("/", { query: { fail: true } })).message, "Auth failed (main namespace)");
  assert.equal((await refusal("/doesnotexist")).message, "Invalid namespace");
}]);

sio.push(["handshakes", async (t) => {
  const abc = t.open("/abc", { query: { b: "1" }, auth: { key: "value" }, extraHeaders: { "X-Custom": "there" } });
  const [told] = await next(abc, "handshake");
  assert.equal(told.query.b, "1");
  assert.deepEqual(told.auth, { key: "value" });
  assert.equal(told.headers["x-custom"], "there");
  const socket = await t.connect("/", { query: { "&a": "&=?a" } });
  const [asked] = await ask(socket, "getHandshake");
  assert.equal(asked.query["&a"], "&=?a");
  assert.equal(asked.query.EIO, "4");
  assert.equal(asked.secure, false);
  assert.ok(asked.headers.host);
}]);

sio.push(["a socket that lost its connection is recovered", async (t) => {
  const socket = t.open("/", { reconnection: true, reconnectionDelay: 20 });
  await connected(socket);
  const { id } = socket;
  assert.equal(socket.recovered, false);
  await replies(socket, "hi", "hi");
  const back = next(socket, "connect");
  socket.io.engine.close();
  await back;
  assert.equal(socket.id, id);
  assert.equal(socket.recovered, true);
}]);

class Sio {
  constructor(port, mode) {
    this.port = port;
    this.mode = mode;
    this.sockets = [];
  }

  open(nsp = "/", options = {}) {
    const socket = client("4.8").io(`http://localhost:${this.port}${nsp}`, {
      forceNew: true, reconnection: false, ...MODES[this.mode], ...options,
    });
    this.sockets.push(socket);
    return socket;
  }

  connect(nsp, options) { return connected(this.open(nsp, options), this.mode); }

  close() { for (const socket of this.sockets) socket.disconnect(); }
}

// -- Engine.IO --------------------------------------------------------------------

class Eio {
  constructor(port, mode) {
    this.port = port;
    this.mode = mode;
    this.sockets = [];
  }

  open(options = {}) {
    const { Socket } = load("engine.io-client");
    const socket = new Socket(`ws://localhost:${this.port}`, { ...MODES[this.mode], ...options });
    this.sockets.push(socket);
    return socket;
  }

  async connect(options) {
    const socket = this.open(options);
    const hi = next(socket, "message");
    await next(socket, "open");
    assert.deepEqual(await hi, ["hi"]);
    return socket;
  }

  close() { for (const socket of this.sockets) socket.close(); }
}

const echoes = (socket, data) => {
  const got = next(socket, "message");
  socket.send(data);
  return got;
};

eio.push(["echoes", async (t) => {
  const socket = await t.connect();
  assert.deepEqual(await echoes(socket, "текст 😀"), ["текст 😀"]);
  assert.deepEqual(await echoes(socket, Buffer.from([4, 3, 0])), [Buffer.from([4, 3, 0])]);
  assert.deepEqual(await echoes(socket, "give utf8"), ["пойду спать всем спокойной ночи"]);
  assert.deepEqual(await echoes(socket, "give binary"), [Buffer.from([0, 1, 2, 3, 4])]);
}]);

eio.push(["pings come every half second", async (t) => {
  const socket = await t.connect();
  const start = Date.now();
  await next(socket, "ping");
  await next(socket, "ping");
  assert.ok(Date.now() - start > 400);
  assert.deepEqual(await echoes(socket, "a"), ["a"]);
}]);

eio.push(["a message over 100 bytes ends the session", async (t) => {
  const socket = await t.connect();
  const end = next(socket, "close");
  socket.send("x".repeat(101));
  // In mode "upgrade" it may leave by either.
  const expected = { polling: /^transport error$/, websocket: /^transport close$/, upgrade: /^transport (error|close)$/ };
  assert.match((await end)[0], expected[t.mode]);
}]);

eio.push(["a refused client is told so", async (t) => {
  const socket = t.open({ query: { deny: 1 } });
  const [error] = await next(socket, "error");
  assert.ok(error instanceof Error);
}]);

eio.push(["cookies are set and sent back", async (t) => {
  // Debian 12's fetch() has no getSetCookie().
  const [answer] = await once(http.get(`http://localhost:${t.port}/engine.io/?EIO=4&transport=polling`), "response");
  const cookies = answer.resume().headers["set-cookie"];
  assert.deepEqual(cookies.slice(0, 3), ["1=1; Max-Age=86400", "2=2; Path=/; HttpOnly; Secure; SameSite=Strict",
    "3=3; Max-Age=0"]);
  assert.match(cookies[3], /^4=4; Expires=\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/);
  assert.equal(cookies.length, 4);
  if (t.mode !== "polling") return;
  const socket = await t.connect({ withCredentials: true, extraHeaders: { "X-Custom": "there" } });
  const headers = JSON.parse((await echoes(socket, "sendHeaders"))[0]);
  assert.equal(headers.cookie, "1=1; 2=2");
  assert.equal(headers["x-custom"], "there");
}]);

eio.push(["everything else is not found", async (t) => {
  const answer = await fetch(`http://localhost:${t.port}/elsewhere`);
  assert.equal(answer.status, 404);
  assert.equal(await answer.text(), "");
}]);

// -- all of it ----------------------------------------------------------------------

// Beside the reference app, in whichever language that is.
function suiteApp(command) {
  return command.endsWith(".mjs")
    ? path.join(path.dirname(command), "client_suite_app.mjs")
    : path.join(path.dirname(command), "client_suite_app");
}

async function runApp(command, app, cases, Kind, count, fail) {
  const server = await startServer(suiteApp(command), { APP: app });
  let good = 0;

  for (const mode of Object.keys(MODES)) {
    for (const [name, run] of cases) {
      const context = new Kind(server.port, mode);
      try {
        await within(4 * DEADLINE, `the end of "${name}"`, run(context));
        good++;
      } catch (error) {
        fail(`suite ${app} ${mode}: ${name}`, error);
      } finally {
        context.close();
      }
    }
  }
  count.passed += good;
  console.log(`${good === cases.length * 3 ? "ok" : "not ok"} suite app ${app}: ${good} cases`);
  const complaint = server.alive ? await server.stop() : `died: ${server.errors}`;
  if (complaint) fail(`the end of the suite app ${app}`, complaint);
}

export async function runSuite(command, count, fail) {
  await runApp(command, "sio", sio, Sio, count, fail);
  await runApp(command, "eio", eio, Eio, count, fail);
}
