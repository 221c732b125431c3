// SPDX-License-Identifier: MIT
// The examples that show one thing each.
import assert from "node:assert/strict";
import path from "node:path";
import { makeCertificates, certificate } from "../certificates.mjs";
import { next, until } from "../deadline.mjs";
import { Missing, example } from "../examples.mjs";
import { ask, load } from "../stock.mjs";

const modes = ["polling", "websocket"];

example("ack", async (t) => {
  const socket = t.open();
  socket.on("name?", (answer) => answer("ann"));
  await next(socket, "connect");
  assert.deepEqual(await ask(socket, "add", 2, 3), [5]);
  assert.deepEqual(await ask(socket, "add", 2, "x"), [{ error: "two integers, please" }]);
  assert.deepEqual(await ask(socket, "slow"), ["here I am"]);
});

example("auth", async (t) => {
  const refusal = await t.refusal({ user: "ann", token: "guess" });
  assert.equal(refusal.message, "unauthorized");
  assert.deepEqual(refusal.data, { hint: "it is not hard to guess" });
  const socket = t.open("", { auth: { user: "ann", token: "secret" } });
  assert.deepEqual(await next(socket, "welcome"), ["ann"]);
});

example("binary", async (t) => {
  const socket = t.open();
  assert.deepEqual(await next(socket, "file"), ["greeting", Buffer.from([0xca, 0xfe, 0, 0xff])]);
  const other = await t.connect();
  const copy = next(socket, "file");
  assert.deepEqual(await ask(other, "file", "a.png", Buffer.from([1, 2, 3])), [{ length: 3, sum: 6 }]);
  assert.deepEqual(await copy, ["a.png", Buffer.from([1, 2, 3])]);
});

// As it is, but for its port; the 44 lines do without an end.
example("chat", async (t) => {
  const ann = t.open();
  const [{ msg: [first] }] = await next(ann, "msg:get");
  assert.equal(first.user, "brian");
  const bob = t.open();
  await next(bob, "msg:get");
  const heard = next(ann, "msg:get");
  bob.emit("msg:post", { user: "bob", text: "hello" });
  const [{ msg }] = await heard;
  assert.deepEqual([msg[0].user, msg[0].text, msg[1].user], ["bob", "hello", "brian"]);
}, { killed: true, file: () => path.join(process.env.SIO_EXAMPLES, "..", "tests", "apps", "chat_example") });

example("cross_origin", async (t) => {
  const poll = (origin) => fetch(t.url("/socket.io/?EIO=4&transport=polling"), { headers: { origin } });
  for (const origin of ["https://www.example.com", "https://a-1.example.org"]) {
    const answer = await poll(origin);
    assert.equal(answer.headers.get("access-control-allow-origin"), origin);
    assert.equal(answer.headers.get("access-control-allow-credentials"), "true");
    assert.equal(answer.headers.get("x-served-by"), "one of many");
    assert.match(answer.headers.get("set-cookie"), /^io=\S+; Path=\/; HttpOnly; .*SameSite=None/);
  }
  for (const origin of ["https://evil.example", "https://a.b.example.org"]) {
    const answer = await poll(origin);
    assert.equal(answer.ok, false);
    assert.equal(answer.headers.get("access-control-allow-origin"), null);
  }
  await t.connect("", { extraHeaders: { origin: "http://localhost:5173" } });
});

example("echo", async (t) => {
  const socket = await t.connect();
  for (const args of [[], [1, "a", { b: [null] }], [Buffer.from([0, 1])]]) {
    const back = next(socket, "any name");
    socket.emit("any name", ...args);
    assert.deepEqual(await back, args);
  }
}, { modes });

example("engineio_echo", async (t) => {
  const { Socket } = load("engine.io-client");
  const socket = new Socket(t.url().replace("http", "ws"), { transports: [t.mode] });
  await next(socket, "open");
  for (const data of ["text", Buffer.from([4, 3, 0])]) {
    const back = next(socket, "message");
    socket.send(data);
    assert.deepEqual(await back, [data]);
  }
  assert.equal(await (await fetch(t.url("/hello"))).text(), "hello\n");
  socket.close();
}, { modes });

example("namespaces", async (t) => {
  const ann = await t.connect();
  const admin = t.open("/admin");
  assert.deepEqual(await next(admin, "users"), [[ann.id]]);
  const changed = next(admin, "users");
  const bob = await t.connect();
  assert.deepEqual((await changed)[0].length, 2);
  const said = next(bob, "message");
  ann.emit("message", "hi");
  assert.deepEqual(await said, ["hi"]);
  const gone = next(ann, "disconnect");
  admin.emit("kick", ann.id);
  assert.equal((await gone)[0], "io server disconnect");
});

example("signals", async (t) => {
  const socket = await t.connect();
  assert.deepEqual(await ask(socket, "hello"), ["hello"]);
  for (let i = 0; i < 2; i++) {
    const woken = next(socket, "wake up");
    t.program.child.kill("SIGUSR1");
    await woken;
  }
  const gone = next(socket, "disconnect");
  await t.program.stop();
  assert.match((await gone)[0], /^(io server disconnect|transport close)$/);
});

let folder;
example("tls", async (t) => {
  t.secure = true;
  const ca = certificate("ca.crt", folder);
  const expiry = () => (t.program.output.match(/good for \d+ days/g) || []).length;
  const nobody = await t.connect("", { ca });
  const [address, who] = await ask(nobody, "whoami");
  assert.match(address, /^(127\.0\.0\.1|::1)$/);
  assert.equal(who, "nobody I know");
  assert.equal(expiry(), 1);
  t.program.child.kill("SIGHUP");
  await until("the certificate to be loaded again", async () => {
    await ask(nobody, "whoami");
    return expiry() === 2;
  });
  await t.connect("", { ca });
}, {
  args() {
    folder = makeCertificates();
    if (!folder) throw new Missing("there is no program for certificates");
    return [path.join(folder, "server.crt"), path.join(folder, "server.key")];
  },
});
