// SPDX-License-Identifier: MIT
// HTTP/2 from outside: node's client, curl and h2load against socketio-chat.
//
//   node run.mjs [memory] [part of a case's name]
//
// SIO_CHAT names the program, SIO_PUBLIC the folder of its page. With "memory"
// that of the program must not grow, which under a sanitizer it does. What needs
// h2load is skipped where that is missing (on Debian: nghttp2-client).
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import http2 from "node:http2";
import os from "node:os";
import path from "node:path";
import { ask, connect, curl, get, h2load, has, post, say, soon, startChat } from "./chat.mjs";

const { NGHTTP2_CANCEL } = http2.constants;
const RESETS = 10000;
const AT_ONCE = 50;
// What a process may keep of what it had for a while, in kilobytes.
const PLAY = 4096;

async function within(check, what) {
  const end = Date.now() + 20000;
  while (!check()) {
    assert.ok(Date.now() < end, what);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

// A stream of /msgs: its head has come.
async function listen(session) {
  const stream = session.request({ ":path": "/msgs" });
  stream.on("error", () => {});
  const [headers] = await soon(once(stream, "response"), "head of a stream");
  assert.equal(headers[":status"], 200);
  assert.equal(headers["content-type"], "text/plain; charset=utf-8");
  return stream;
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

// Requests that are taken back at once. They must have left, or they are never
// sent. Whether an answer was faster is up to both sides: that more of them are
// too many for one connection is shown in test_advisories_h2.
async function takeBack(session, count) {
  const streams = Array.from({ length: count }, () =>
    session.request({ ":method": "POST", ":path": "/msgs" }).on("error", () => {}),
  );
  await turn();
  await turn();
  for (const stream of streams) stream.close(NGHTTP2_CANCEL);
  await turn();
}

const cases = {
  async "curl speaks HTTP/2, and HTTP/1.1 where it wants that"(chat) {
    const about = ["-o", "/dev/null", "-w", "%{http_version} %{http_code}"];
    for (const path of ["/", "/poll", "/socket.io/?EIO=4&transport=polling"]) {
      assert.equal(await curl("--http2", ...about, chat.url + path), "2 200");
      assert.equal(await curl("--http1.1", ...about, chat.url + path), "1.1 200");
    }
  },

  async "curl sends bodies with and without a length"(chat) {
    const body = '{"user":"curl","text":"hello"}';
    const folder = await mkdtemp(path.join(os.tmpdir(), "http2-"));
    const file = path.join(folder, "body");
    try {
      await writeFile(file, body);
      assert.equal(
        await curl("--http2", "-d", body, `${chat.url}/msgs`),
        '{"status":"ok"}',
      );
      // A pipe has no length for curl.
      assert.equal(
        await curl("--http2", "-X", "POST", "-H", "expect:", "-T", "-", `${chat.url}/msgs`, { body }),
        '{"status":"ok"}',
      );
      await writeFile(file, "x".repeat(3000000));
      assert.equal(
        await curl("--http2", "--data-binary", `@${file}`, "-o", "/dev/null", "-w", "%{http_code}",
          `${chat.url}/msgs`),
        "413",
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  },

  async "a body in a thousand frames and without a length is one body"(chat) {
    const session = await connect(chat);
    const text = "0123456789".repeat(100);
    const json = JSON.stringify({ user: "frames", text });
    const stream = session.request({ ":method": "POST", ":path": "/msgs" });
    let answer = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk) => (answer += chunk));
    for (const letter of json) {
      if (!stream.write(letter)) await once(stream, "drain");
    }
    stream.end();
    await soon(once(stream, "end"), "answer");
    assert.equal(answer, '{"status":"ok"}');
    assert.equal(JSON.parse((await get(session, "/poll")).body).msg[0].text, text);
    session.close();
  },

  async "each frame of a stream is one JSON text, and every stream gets it"(chat) {
    const session = await connect(chat);
    const streams = await Promise.all([1, 2, 3].map(() => listen(session)));
    const heard = streams.map((stream) => {
      const texts = [];
      stream.setEncoding("utf8");
      stream.on("data", (chunk) => texts.push(JSON.parse(chunk).msg[0]?.text));
      return texts;
    });
    for (let i = 0; i < 20; i++) assert.equal((await say(session, `text ${i}`)).status, 200);
    await within(() => heard.every((texts) => texts.at(-1) === "text 19"), "the last text");
    for (const texts of heard)
      assert.deepEqual(
        texts.slice(-20),
        Array.from({ length: 20 }, (_, i) => `text ${i}`),
      );
    session.destroy();
  },

  async "Socket.IO polls over it, and no WebSocket is offered"(chat) {
    const session = await connect(chat);
    const base = "/socket.io/?EIO=4&transport=polling";
    const open = await get(session, base);
    const { sid } = JSON.parse(open.body.slice(1));
    assert.equal((await post(session, `${base}&sid=${sid}`, "40")).body, "ok");
    const joined = await get(session, `${base}&sid=${sid}`);
    assert.match(joined.body, /^40\{"sid":"/);
    await ask(session, { ":path": "/" });
    assert.ok(!session.remoteSettings.enableConnectProtocol);
    const refused = await get(session, "/socket.io/?EIO=4&transport=websocket");
    assert.equal(refused.status, 400);
    session.close();
  },

  async "10,000 streams are reset on one connection, and nothing is left"(chat) {
    const session = await connect(chat);
    const other = await connect(chat);
    const listening = await listen(other);
    let memory = 0;
    const round = async (count) => {
      for (let i = 0; i < count; i += AT_ONCE) {
        const streams = await Promise.all(Array.from({ length: AT_ONCE }, () => listen(session)));
        for (const stream of streams) stream.close(NGHTTP2_CANCEL);
      }
      await get(session, "/poll");
    };
    listening.resume();
    await round(2000);
    memory = chat.memory();
    await round(RESETS);
    assert.ok(!session.closed && !session.destroyed, "the connection has gone");
    if (process.argv.includes("memory"))
      assert.ok(chat.memory() < memory + PLAY, `${memory} kB became ${chat.memory()}`);
    assert.equal((await say(other, "still here")).status, 200);
    session.destroy();
    other.destroy();
  },

  async "10,000 are taken back at once: nobody else waits"(chat) {
    const session = await connect(chat);
    const other = await connect(chat);
    let slowest = 0;
    for (let i = 0; i < RESETS; i += AT_ONCE) {
      await takeBack(session, AT_ONCE);
      if (i % 500 === 0) {
        const begin = Date.now();
        assert.equal((await get(other, "/poll")).status, 200);
        slowest = Math.max(slowest, Date.now() - begin);
      }
    }
    assert.equal((await get(session, "/poll")).status, 200);
    assert.ok(slowest < 2000, `others waited ${slowest} ms`);
    session.destroy();
    other.destroy();
  },

  async "a stream that does not read does not hold others up"(chat) {
    const session = await connect(chat, { settings: { initialWindowSize: 65535 } });
    const lazy = await listen(session);
    const eager = await listen(session);
    let last;
    lazy.pause();
    eager.setEncoding("utf8");
    eager.on("data", (chunk) => (last = chunk));
    for (let i = 0; i < 100; i++) {
      const begin = Date.now();
      assert.equal((await say(session, `${i} ${"x".repeat(100)}`)).status, 200);
      assert.ok(Date.now() - begin < 5000, "a post waited");
    }
    await within(() => last?.includes('"99 x'), "the last text");
    session.destroy();
  },

  async "fifty streams and fifty files at a time notice no limit"(chat) {
    const session = await connect(chat);
    for (let i = 0; i < 20; i++) await say(session, "x".repeat(5000));
    const streams = await Promise.all(Array.from({ length: 50 }, () => listen(session)));
    const heard = streams.map((stream) => {
      const texts = [];
      stream.setEncoding("utf8");
      let text = "";
      stream.on("data", (chunk) => {
        text += chunk;
        if (!text.endsWith("]}")) return;
        const states = text.split(/(?<=\]\})(?=\{"msg)/);
        texts.push(...states.map((state) => JSON.parse(state).msg[0].text));
        text = "";
      });
      return texts;
    });
    const page = (await get(session, "/")).body;
    for (let i = 0; i < 10; i++) {
      const files = Promise.all(Array.from({ length: 49 }, () => get(session, "/")));
      assert.equal((await say(session, `text ${i}`)).status, 200);
      for (const file of await files) assert.equal(file.body, page);
    }
    await within(() => heard.every((texts) => texts.at(-1) === "text 9"), "the last text");
    const sent = Array.from({ length: 10 }, (_, i) => `text ${i}`);
    for (const texts of heard) assert.deepEqual(texts.slice(-10), sent);
    session.destroy();
  },

  async "clients that vanish leave nothing"(chat) {
    const before = chat.descriptors();
    for (let i = 0; i < 100; i++) {
      const session = await connect(chat);
      const streams = await Promise.all([listen(session), listen(session)]);
      if (i % 2) streams[0].close(NGHTTP2_CANCEL);
      session.destroy();
    }
    await within(() => chat.descriptors() <= before, "the descriptors of who has gone");
  },

  async "h2load gets every answer"(chat) {
    const report = await h2load("-n", "20000", "-c", "10", "-m", "50", `${chat.url}/poll`);
    assert.match(report, /requests: 20000 total, .* 20000 succeeded, 0 failed, 0 errored/);
    assert.match(report, /Application protocol: h2/);
    const page = await h2load("-n", "2000", "-c", "4", "-m", "20", `${chat.url}/`);
    assert.match(page, /2000 succeeded, 0 failed, 0 errored/);
  },

  async "streams end in order when the server does"(chat) {
    const session = await connect(chat);
    const stream = await listen(session);
    const goaway = once(session, "goaway");
    let ended = false;
    stream.resume();
    stream.on("end", () => (ended = stream.rstCode === 0));
    const closed = once(stream, "close");
    assert.equal(await chat.stop(), 0);
    await soon(closed, "end of the stream");
    assert.ok(ended, "the stream was reset");
    const [code] = await soon(goaway, "GOAWAY");
    assert.equal(code, 0);
  },
};

const words = process.argv.slice(2);
const wanted = words.find((word) => word !== "memory") ?? "";
const count = { passed: 0, failed: 0, skipped: 0 };
const h2loadIsThere = await has("h2load");
for (const [name, test] of Object.entries(cases)) {
  if (!name.includes(wanted)) continue;
  if (name.startsWith("h2load") && !h2loadIsThere) {
    count.skipped++;
    console.log(`skip ${name}: h2load is missing (on Debian: nghttp2-client)`);
    continue;
  }
  const chat = await startChat("--max-payload", "100000");
  const begin = Date.now();
  try {
    await test(chat);
    count.passed++;
    console.log(`ok ${name} (${Date.now() - begin} ms)`);
  } catch (error) {
    count.failed++;
    console.log(`not ok ${name}: ${error.stack}`);
  }
  await chat.stop();
}
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exit(count.failed ? 1 : 0);
