// SPDX-License-Identifier: MIT
// Connecting: the handshake, auth, namespaces, refusals.
import { next, until } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, collect, connected, engineOf, record, settled } from "../stock.mjs";

test("connect: ids, transport and handshake values", { old: false }, async (t) => {
  const socket = await t.connect();
  const engine = engineOf(socket);

  t.assert.match(socket.id, /^[A-Za-z0-9_-]{20}$/);
  t.assert.match(engine.id, /^[A-Za-z0-9_-]{20}$/);
  t.assert.notEqual(socket.id, engine.id, "the engine's id is a secret");
  t.assert.equal(engine.transport.name, t.mode === "polling" ? "polling" : "websocket");
  t.assert.deepEqual(await ask(socket, "transport"), [engine.transport.name]);
  t.assert.equal(engine.pingInterval ?? engine._pingInterval, 25000);
  t.assert.equal(engine.pingTimeout ?? engine._pingTimeout, 20000);
});

test("connect: the open packet", { modes: ["polling", "websocket"] }, async (t) => {
  const socket = t.open();
  const [data] = await next(engineOf(socket), "handshake");

  t.assert.deepEqual(data.upgrades, t.mode === "polling" ? ["websocket"] : []);
  t.assert.equal(data.maxPayload, 1000000);
  t.assert.deepEqual(Object.keys(data),
    ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]);
  await connected(socket);
});

test("connect: auth reaches the server as it was given", { old: false }, async (t) => {
  const values = [
    { token: "abc" },
    { a: [1, { b: null }], "ключ": "значение 😀", "": "" },
    {},
  ];

  for (const auth of values) {
    const socket = t.open("/custom", { auth });
    const [seen] = await next(socket, "auth");
    t.assert.deepEqual(seen, auth);
    socket.disconnect();
  }
});

test("connect: auth given by a function, no auth at all", { old: false }, async (t) => {
  const later = t.open("/", { auth: (done) => setImmediate(done, { late: true }) });
  t.assert.deepEqual(await next(later, "auth"), [{ late: true }]);

  const none = t.open("/");
  t.assert.deepEqual(await next(none, "auth"), [{}]);
});

test("connect: what the handshake says", async (t) => {
  const socket = await t.connect("/custom", {
    query: { room: "a b+c&d=ä", n: 1 },
    auth: { who: "me" },
    extraHeaders: { "x-test": "seen" },
  });
  const [seen] = await ask(socket, "handshake");

  t.assert.deepEqual(seen, {
    nsp: "/custom",
    query: { room: "a b+c&d=ä", n: "1" },
    auth: { who: "me" },
    secure: false,
    xdomain: false,
    test: "seen",
  });
});

test("connect: two clients have two ids", async (t) => {
  const [a, b] = await Promise.all([t.connect(), t.connect()]);

  t.assert.notEqual(a.id, b.id);
  t.assert.notEqual(engineOf(a).id, engineOf(b).id);
});

test("namespaces: several over one connection do not hear each other", async (t) => {
  const root = await t.connect();
  const custom = await t.also(root, "/custom");
  const any = await t.also(root, "/any");

  t.assert.equal(engineOf(root), engineOf(custom));
  t.assert.equal(new Set([root.id, custom.id, any.id]).size, 3);
  const seen = record(root, "message-back", "any", "all-msg");
  t.assert.deepEqual(await ask(custom, "message-with-ack", 1), [1]);
  custom.emit("all", "for custom");
  custom.emit("message", 2);
  t.assert.deepEqual(await next(custom, "message-back"), [2]);
  any.emit("three", 3, { x: [] });
  t.assert.deepEqual(await next(any, "any"), ["three", 3, { x: [] }]);
  await settled(root);
  t.assert.deepEqual(seen, []);
});

test("namespaces: leaving one leaves the others, and it can be joined again", { old: false }, async (t) => {
  const root = await t.connect();
  const custom = await t.also(root, "/custom", { auth: { n: 1 } });
  const first = custom.id;

  custom.disconnect();
  t.assert.deepEqual(await ask(root, "message-with-ack", "on"), ["on"]);
  custom.connect();
  await connected(custom);
  t.assert.notEqual(custom.id, first);
  t.assert.deepEqual(await ask(custom, "message-with-ack", "back"), ["back"]);
  t.assert.deepEqual(await ask(root, "message-with-ack", "on"), ["on"]);
});

test("namespaces: an unknown one is refused, the connection stays", async (t) => {
  const root = await t.connect();
  const unknown = root.io.socket("/no-such");
  const [error] = await next(unknown, "connect_error");

  t.assert.equal(error.message, "Invalid namespace");
  t.assert.equal(error.data, undefined);
  t.assert.deepEqual(await ask(root, "message-with-ack", 5), [5]);

  const lone = t.open("/also-unknown");
  const [second] = await next(lone, "connect_error");
  t.assert.equal(second.message, "Invalid namespace");
});

test("namespaces: names are taken literally", { old: false }, async (t) => {
  for (const name of ["/Custom", "/custom/", "/custom%20", "//custom", "/cust om"]) {
    const socket = t.open("/").io.socket(name);
    const [error] = await next(socket, "connect_error");
    t.assert.equal(error.message, "Invalid namespace", name);
  }
});

test("middleware: a refusal carries its message and its data", { old: false }, async (t) => {
  const bad = t.open("/guarded", { auth: { token: "wrong" } });
  const [error] = await next(bad, "connect_error");

  t.assert.ok(error instanceof Error);
  t.assert.equal(error.message, "not authorized");
  t.assert.deepEqual(error.data, { code: 401, hint: ["try", "again"] });
  t.assert.equal(bad.connected, false);

  const bare = t.open("/guarded", { auth: { token: "bare" } });
  const [plain] = await next(bare, "connect_error");
  t.assert.equal(plain.message, "not authorized");
  t.assert.equal(plain.data, undefined);

  const none = t.open("/guarded");
  await next(none, "connect_error");
});

test("middleware: passes, and passes after a refusal on the same connection", { old: false }, async (t) => {
  const good = await t.connect("/guarded", { auth: { token: "good" } });
  t.assert.deepEqual(await ask(good, "message-with-ack", "in"), ["in"]);

  const root = await t.connect();
  const other = root.io.socket("/guarded", { auth: { token: "wrong" } });
  const { id } = engineOf(root);
  await next(other, "connect_error");
  other.auth = { token: "good" };
  other.connect();
  await connected(other);
  t.assert.equal(engineOf(other).id, id);
  t.assert.deepEqual(await ask(other, "message-with-ack", "in"), ["in"]);
});

test("middleware: one connection can be refused here and welcome there", async (t) => {
  const root = await t.connect();
  const guarded = root.io.socket("/guarded", { auth: { token: "no" } });

  await next(guarded, "connect_error");
  t.assert.deepEqual(await ask(root, "message-with-ack", 1), [1]);
});

test("catch-all: every event with its arguments", async (t) => {
  const any = await t.connect("/any");
  const names = ["x", "", "message", "with blank", "длинное имя", "a".repeat(200), "__proto__", ...(t.client.old ? [] : ["error"])];
  const answers = collect(any, "any", names.length);

  for (const name of names) any.emit(name, name.length);
  t.assert.deepEqual(await answers, names.map((name) => [name, name.length]));
});

test("catch-all: an ack request is not an argument", async (t) => {
  const any = await t.connect("/any");

  any.emit("q", 1, () => t.assert.fail("nobody acks here"));
  t.assert.deepEqual(await next(any, "any"), ["q", 1]);
});

test("dynamic namespaces: by pattern and by function", { old: false, needs: ["dynamic"] }, async (t) => {
  const a = await t.connect("/room-a1");
  const b = await t.connect("/room-b2");
  const seen = record(b, "all-msg");

  a.emit("all", "only a1");
  t.assert.deepEqual(await next(a, "all-msg"), ["only a1"]);
  await settled(b);
  t.assert.deepEqual(seen, []);
  await t.connect("/fn-x", { auth: { allow: true } });
  for (const [name, auth] of [["/fn-y", { allow: 1 }], ["/room-", {}], ["/room-a.b", {}]]) {
    const [error] = await next(t.open(name, { auth }), "connect_error");
    t.assert.equal(error.message, "Invalid namespace");
  }
});

test("packet middleware: refuses an event with an error", { needs: ["strict"] }, async (t) => {
  const strict = await t.connect("/strict");
  const seen = record(strict, "never");

  strict.emit("forbidden");
  t.assert.deepEqual(await next(strict, "refused"), ["event refused"]);
  t.assert.deepEqual(await ask(strict, "message-with-ack", "fine"), ["fine"]);
  t.assert.deepEqual(seen, []);
});

test("packet middleware: an event does not overtake a slow one", { needs: ["in-order", "strict"] }, async (t) => {
  const strict = await t.connect("/strict");
  const seen = record(strict, "awake", "message-back");

  strict.emit("slow");
  strict.emit("message", 1);
  strict.emit("forbidden");
  t.assert.deepEqual(await next(strict, "refused"), ["event refused"]);
  t.assert.deepEqual(seen, [["awake"], ["message-back", 1]]);
});

test("dynamic namespaces: left, joined again, and gone when nobody is left",
  { old: false, needs: ["dynamic"], env: { CLEANUP_CHILD_NSP: "1" } }, async (t) => {
    const root = await t.connect();
    const first = await t.also(root, "/fn-tidy", { auth: { allow: true } });
    const other = await t.connect("/fn-tidy");

    t.assert.deepEqual(await ask(other, "message-with-ack", 1), [1]);
    first.disconnect();
    t.assert.deepEqual(await ask(other, "message-with-ack", 2), [2]);
    other.disconnect();
    // nobody is in it any more, so that the function is asked again
    await until("the end of the namespace", async () => {
      const again = t.open("/fn-tidy", { forceNew: true });
      const error = await Promise.race([next(again, "connect_error"), next(again, "connect")]);
      again.disconnect();
      return error.length > 0;
    });
    const back = await t.connect("/fn-tidy", { auth: { allow: true } });
    t.assert.deepEqual(await ask(back, "message-with-ack", 3), [3]);
  });

test("outgoing catch-all: what was sent to this socket", { needs: ["outgoing"] }, async (t) => {
  const socket = await t.connect("/custom");
  const other = await t.connect("/custom");

  t.assert.deepEqual(await ask(socket, "outgoing"), [[]]);
  socket.emit("message", 1, { a: [2] });
  other.emit("all", "to all");
  await next(socket, "all-msg");
  const [sent] = await ask(socket, "outgoing");
  t.assert.deepEqual(sent.sort(), [["all-msg", "to all"], ["message-back", 1, { a: [2] }]].sort());
});

test("allowRequest: the app refuses a handshake", { needs: ["deny"] }, async (t) => {
  for (const deny of ["1", "2"]) {
    const socket = t.open("/", { query: { deny } });
    const [error] = await next(socket, "connect_error");
    t.assert.ok(error instanceof Error);
    t.assert.equal(socket.connected, false);
    // Newer clients over polling have the answer's words.
    if (error.context && error.context.responseText) {
      t.assert.deepEqual(JSON.parse(error.context.responseText),
        { code: 4, message: deny === "1" ? "denied by app" : "Forbidden" });
    }
  }
});

test("connect: a namespace that says goodbye at once", async (t) => {
  const root = await t.connect();
  const bye = root.io.socket("/bye");
  t.assert.deepEqual((await next(bye, "disconnect"))[0], "io server disconnect");
  t.assert.deepEqual(await ask(root, "message-with-ack", "on"), ["on"]);

  const gone = root.io.socket("/gone", {});
  const both = [next(root, "disconnect"), next(gone, "disconnect")];
  const reasons = (await Promise.all(both)).map(([reason]) => reason);
  t.assert.deepEqual(reasons, ["io server disconnect", "io server disconnect"]);
});

test("connect: the app learns of a connection that is over", async (t) => {
  const key = `k${Math.random()}`;
  const socket = await t.connect(t.home, { auth: { key } });

  t.assert.equal(await t.reason(key), null);
  socket.disconnect();
  t.assert.equal(await until("the disconnect reason", () => t.reason(key)),
    "client namespace disconnect");
});
