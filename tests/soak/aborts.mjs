// SPDX-License-Identifier: MIT
// Every point at which a client can break off, by name. Each function brings
// a client to that point; the caller then resets all of its connections.
import { enter, get, makeFrame, post, upgrade } from "../compare/case.mjs";

const SIO = "/socket.io/";
const HANDSHAKE = get(`${SIO}?EIO=4&transport=polling`);
const UPGRADE = upgrade(`${SIO}?EIO=4&transport=websocket`);
const ATTACHED = "451-[\"message\",{\"_placeholder\":true,\"num\":0}]";

async function raw(t, bytes) {
  const c = await t.connect();
  c.write(bytes);
  return c;
}

export const ABORTS = {
  "a bare connection": (t) => t.connect(),
  "half a request": (t) => raw(t, HANDSHAKE.slice(0, 30)),
  "a header": (t) => raw(t, HANDSHAKE.slice(0, -2)),
  "a handshake unanswered": (t) => raw(t, HANDSHAKE),
  "a handshake answered": (t) => t.session(SIO),
  "rubbish": (t) => raw(t, "\x16\x03\x01rubbish\r\n\r\n"),
  "ten requests unanswered": (t) => raw(t, HANDSHAKE.repeat(10)),
  "a file unanswered": (t) => raw(t, get(`${SIO}socket.io.js`)),
  "an upgrade unanswered": (t) => raw(t, UPGRADE),
  "an upgrade refused": (t) => raw(t, upgrade(`${SIO}?EIO=4&transport=websocket&sid=unknown`)),
  "an upgrade elsewhere": (t) => raw(t, upgrade("/nothing")),

  async "a GET that waits"(t) {
    const s = await t.session(SIO);
    await s.ask();
  },
  async "half a POST"(t) {
    const s = await t.session(SIO);
    s.poster.write(post(s.target, "42[\"message\"]").subarray(0, -5));
    await t.barrier();
  },
  async "half a POST and a GET that waits"(t) {
    const s = await t.session(SIO);
    await s.ask();
    s.poster.write(post(s.target, "42[\"message\"]").subarray(0, -5));
    await t.barrier();
  },
  async "a POST unanswered"(t) {
    const s = await t.session(SIO);
    s.poster.write(post(s.target, "40"));
  },
  async "a POST beyond the limit"(t) {
    const s = await t.session(SIO);
    s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 2000000\r\n\r\n${"x".repeat(100000)}`);
    await t.barrier();
  },
  async "a polling client with its namespaces"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.enter("/custom");
    await s.post("42[\"join\",[\"a\",\"b\"]]", { quiet: 200 });
    await s.ask();
  },
  async "a polling client with much queued"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.post("42[\"burst\",1000]\x1e42[\"big\",100000]", { quiet: 200 });
  },
  async "a polling client in the middle of attachments"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.post(ATTACHED, { quiet: 200 });
  },
  async "a polling client that closes"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.post("1", { quiet: 200 });
  },
  async "a polling client that was disconnected"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.post("42[\"leave-me\",true]", { quiet: 200 });
    await s.get({ quiet: 200 });
  },
  async "a polling client with a broken packet"(t) {
    const s = await t.session(SIO);
    await s.enter();
    await s.ask();
    s.poster.write(post(s.target, "x"));
    await t.barrier();
  },

  "a WebSocket without a namespace": (t) => t.socket(SIO),
  async "a WebSocket that asks for a namespace"(t) {
    const c = await t.socket(SIO);
    c.send("40");
  },
  async "a WebSocket in a middleware"(t) {
    const c = await t.socket(SIO);
    c.send("40/guarded,{\"token\":\"good\"}");
    await t.barrier();
  },
  async "a WebSocket that was refused"(t) {
    const c = await t.socket(SIO);
    c.send("40/guarded,{}");
    await c.frame({ quiet: true });
  },
  async "a WebSocket with its namespaces"(t) {
    const c = await t.client("/", "{\"a\":[1,2,3]}", "&a=b");
    await enter(c, "/custom");
    await enter(c, "/any");
    c.send("420[\"join\",[\"a\",\"b\",\"c\"]]");
    await c.frame({ quiet: true });
  },
  async "half a frame"(t) {
    const c = await t.client();
    c.write(makeFrame(1, `42["message","${"x".repeat(5000)}"]`).subarray(0, 3000));
    await t.barrier();
  },
  async "half a message"(t) {
    const c = await t.client();
    c.write(makeFrame(1, `42["message","${"x".repeat(5000)}`, { fin: false }));
    await t.barrier();
  },
  async "the middle of attachments"(t) {
    const c = await t.client();
    c.send(ATTACHED.replace("51-", "52-"));
    c.sendBinary(Buffer.alloc(1000));
    await t.barrier();
  },
  async "much to read"(t) {
    const c = await t.client();
    c.socket.pause();
    c.send("42[\"burst\",1000]");
    c.send("42[\"big\",2000000]");
    c.send("42[\"make-binary\",200000]");
    await t.barrier();
  },
  async "a question without an answer"(t) {
    const c = await t.client();
    for (let i = 0; i < 5; i++) c.send("42[\"ask-forever\",1]");
    for (let i = 0; i < 5; i++) c.send("42[\"ask\",5000,1]");
    for (let i = 0; i < 10; i++) await c.frame({ quiet: true });
  },
  async "a broken packet"(t) {
    const c = await t.client();
    c.send("42{}");
  },
  async "a broken frame"(t) {
    const c = await t.client();
    c.write(Buffer.from([255, 255, 255]));
  },
  async "a close frame"(t) {
    const c = await t.client();
    c.write(makeFrame(8, ""));
  },
  async "a close frame of the server unanswered"(t) {
    const c = await t.client();
    c.send("42[\"leave-me\",true]");
    await c.frame({ quiet: true });
    await c.frame({ quiet: true });
  },
  async "an end that is only half of one"(t) {
    const c = await t.client();
    c.socket.end();
    await t.barrier();
  },

  async "a candidate"(t) {
    const s = await t.session(SIO);
    await s.candidate();
  },
  async "a candidate that probes"(t) {
    const s = await t.session(SIO);
    const ws = await s.candidate();
    ws.send("2probe");
  },
  async "a candidate that has probed, a GET waits"(t) {
    const s = await t.session(SIO);
    await s.enter();
    const ws = await s.candidate();
    ws.send("2probe");
    await ws.frame({ quiet: true });
    await s.ask();
  },
  async "a candidate that switches"(t) {
    const s = await t.session(SIO);
    const ws = await s.candidate();
    ws.send("2probe");
    await ws.frame({ quiet: true });
    ws.send("5");
  },
  async "a candidate that says something else"(t) {
    const s = await t.session(SIO);
    const ws = await s.candidate();
    ws.send("4x");
    await ws.frame({ quiet: true });
  },
  async "an upgraded client"(t) {
    const s = await t.session(SIO);
    await s.enter();
    const ws = await s.candidate();
    ws.send("2probe");
    await ws.frame({ quiet: true });
    ws.send("5");
    ws.send("420[\"join\",\"a\"]");
    await ws.frame({ quiet: true });
  },
  async "an upgrade while the session ends"(t) {
    const s = await t.session(SIO);
    const ws = await s.candidate();
    ws.send("2probe");
    await ws.frame({ quiet: true });
    s.poster.write(post(s.target, "1"));
  },
};
