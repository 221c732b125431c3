// SPDX-License-Identifier: MIT
// Every point at which a visitor of the chat can break off, by name. Each
// function brings a connection, plain or over TLS, to that point; the caller
// then ends it, by a reset or in order.
import http2 from "node:http2";
import net from "node:net";
import tls from "node:tls";
import { Duplex } from "node:stream";
import { DEADLINE, within } from "../clients/deadline.mjs";
import { makeFrame } from "../compare/case.mjs";

const HOST = "Host: localhost\r\n";
const POST = (path) => `POST ${path} HTTP/1.1\r\n${HOST}Content-Type: application/json\r\n`;
const MESSAGE = JSON.stringify({ user: "soak", text: "x".repeat(200) });
const get = (path) => `GET ${path} HTTP/1.1\r\n${HOST}\r\n`;
const post = (path) => `${POST(path)}Content-Length: ${MESSAGE.length}\r\n\r\n${MESSAGE}`;
const upgrade = (protocol) => `GET / HTTP/1.1\r\n${HOST}Upgrade: websocket\r\nConnection: Upgrade\r\n`
  + `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${protocol}\r\n`;
const JSON_TOO = "Sec-WebSocket-Protocol: json\r\n";

const opened = (socket, event) => within(DEADLINE, event, new Promise((resolve, reject) => {
  socket.once(event, resolve);
  socket.once("error", reject);
}));

// Until these words have come.
function heard(c, words) {
  return within(DEADLINE, `"${words}"`, new Promise((resolve, reject) => {
    let text = "";

    c.on("data", (data) => {
      text += data;
      if (text.includes(words)) resolve();
    });
    c.on("close", () => reject(new Error(`closed before "${words}": ${text}`)));
  }));
}

async function ask(c, request, words) {
  c.write(request);
  await heard(c, words);
}

// A post of somebody else.
async function elsewhere(c) {
  const other = await c.another();

  await ask(other, post("/poll"), "\"ok\"");
  other.destroy();
}

// Everything that both kinds of connection can do.
export const ABORTS = {
  "nothing said": () => {},
  "half of a line": (c) => { c.write("GET /po"); },
  "half of a head": (c) => { c.write(get("/poll").slice(0, -2)); },
  "a poll unanswered": (c) => { c.write(get("/poll")); },
  "a poll answered": (c) => ask(c, get("/poll"), "]}"),
  "twenty polls unanswered": (c) => { c.write(get("/poll").repeat(20)); },
  "half of a post's head": (c) => { c.write(POST("/poll")); },
  "half of a post's body": (c) => { c.write(post("/poll").slice(0, -10)); },
  "half of a post's chunks": (c) => { c.write(`${POST("/msgs")}Transfer-Encoding: chunked\r\n\r\n5\r\n{"te`); },
  "a post unanswered": (c) => { c.write(post("/msgs")); },
  "a post answered": (c) => ask(c, post("/msgs"), "\"ok\""),
  "a post beyond the limit": (c) => {
    c.write(`${POST("/poll")}Content-Length: 2000000\r\n\r\n${"x".repeat(50000)}`);
  },
  "a page unanswered": (c) => { c.write(get("/index.html")); },
  "a stream unanswered": (c) => { c.write(get("/msgs")); },
  "a stream begun": (c) => ask(c, get("/msgs"), "]}"),
  async "a stream that is told something"(c) {
    await ask(c, get("/msgs"), "]}");
    await elsewhere(c);
  },
  async "a stream that is not read"(c) {
    await ask(c, get("/msgs"), "]}");
    c.pause();
    await elsewhere(c);
    await elsewhere(c);
  },
  async "a stream and a request behind it"(c) {
    await ask(c, get("/msgs"), "]}");
    c.write(get("/poll"));
  },
  "a WebSocket unanswered": (c) => { c.write(upgrade(JSON_TOO)); },
  "a WebSocket refused": (c) => ask(c, upgrade(""), "HTTP/1.1 400"),
  "a WebSocket open": (c) => ask(c, upgrade(JSON_TOO), "]}"),
  async "half of a frame"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.write(makeFrame(1, MESSAGE).subarray(0, 100));
  },
  async "half of a message"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.write(makeFrame(1, MESSAGE.slice(0, 100), { fin: false }));
  },
  async "a message unanswered"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.write(makeFrame(1, MESSAGE));
  },
  async "a WebSocket that is not read"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.pause();
    await elsewhere(c);
    await elsewhere(c);
  },
  async "a close frame"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.write(makeFrame(8, ""));
  },
  async "a broken frame"(c) {
    await ask(c, upgrade(JSON_TOO), "]}");
    c.write(Buffer.from([255, 255, 255]));
  },
  "Socket.IO's handshake unanswered": (c) => { c.write(get("/socket.io/?EIO=4&transport=polling")); },
  "Socket.IO's handshake answered": (c) => ask(c, get("/socket.io/?EIO=4&transport=polling"), "\"sid\""),
};

// What a client of TLS says first, to somebody who only listens.
async function clientHello() {
  const server = net.createServer();

  server.listen(0, "127.0.0.1");
  await opened(server, "listening");
  const client = tls.connect(server.address().port, "127.0.0.1", { servername: "localhost" });
  client.on("error", () => {});
  const data = await within(DEADLINE, "a greeting", new Promise((resolve) => {
    server.on("connection", (c) => c.once("data", resolve).on("error", () => {}));
  }));
  client.destroy();
  server.close();
  return data;
}

const hello = await clientHello();

// What only TLS has: its handshake, cut.
export const HANDSHAKES = {
  "the first byte": (c) => { c.write(hello.subarray(0, 1)); },
  "half of the greeting": (c) => { c.write(hello.subarray(0, hello.length / 2)); },
  "the greeting unanswered": (c) => { c.write(hello); },
  async "the greeting answered"(c) {
    c.write(hello);
    await opened(c, "data");
  },
  async "rubbish in place of the rest"(c) {
    c.write(hello);
    await opened(c, "data");
    c.write(hello);
  },
};

export async function connectPlain(port) {
  const c = net.connect(port, "127.0.0.1");

  await opened(c, "connect");
  c.on("error", () => {});
  c.another = () => connectPlain(port);
  c.reset = () => c.resetAndDestroy();
  return c;
}

// TLS that does not know of its socket: so that may be reset below it.
function overSocket(socket) {
  const ends = new Duplex({
    read() { socket.resume(); },
    write(data, encoding, done) { socket.write(data, () => done()); },
    final(done) { socket.end(() => done()); },
  });

  socket.on("data", (data) => { if (!ends.push(data)) socket.pause(); });
  socket.on("close", () => ends.destroy());
  return ends;
}

async function connectWith(port, ALPNProtocols) {
  const socket = await connectPlain(port);
  const c = tls.connect({
    socket: overSocket(socket), servername: "localhost", rejectUnauthorized: false, ALPNProtocols,
  });

  await opened(c, "secureConnect");
  c.on("error", () => {});
  c.on("close", () => socket.destroy());
  c.another = () => connectPlain(port);
  c.reset = () => {
    socket.resetAndDestroy();
    c.destroy();
  };
  return c;
}

export const connectTls = (port) => connectWith(port, undefined);

// -- HTTP/2 -------------------------------------------------------------------

export async function connectHttp2(port) {
  const c = await connectWith(port, ["h2"]);

  if (c.alpnProtocol !== "h2") throw new Error(`no HTTP/2 but "${c.alpnProtocol}"`);
  return c;
}

const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const NO_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

// A client on the connection.
function session(c, settings = {}) {
  const client = http2.connect("https://localhost", { createConnection: () => c, settings });

  client.on("error", () => {});
  return client;
}

function request(client, path, method = "GET") {
  const stream = client.request({ ":path": path, ":method": method }, { endStream: method === "GET" });

  stream.on("error", () => {});
  return stream;
}

const said = (stream, words) => heard(stream, words);

export const HTTP2 = {
  "nothing said": () => {},
  "half of the preface": (c) => { c.write(PREFACE.slice(0, 12)); },
  "the preface alone": (c) => { c.write(PREFACE); },
  "half of a frame": (c) => { c.write(Buffer.concat([Buffer.from(PREFACE), NO_SETTINGS, Buffer.from([0, 0, 40, 1, 5, 0, 0, 0, 1, 130])])); },
  "rubbish": (c) => { c.write(Buffer.concat([Buffer.from(PREFACE), NO_SETTINGS, Buffer.alloc(200, 255)])); },
  "a poll unanswered": (c) => { request(session(c), "/poll"); },
  "a poll answered": (c) => said(request(session(c), "/poll"), "]}"),
  "half of a post's body": async (c) => {
    const client = session(c);

    request(client, "/poll", "POST").write(MESSAGE.slice(0, 100));
    await said(request(client, "/poll"), "]}");
  },
  "a post beyond the limit": (c) => { request(session(c), "/poll", "POST").write("x".repeat(60000)); },
  "ten streams begun": async (c) => {
    const client = session(c);

    await Promise.all(Array.from({ length: 10 }, () => said(request(client, "/msgs"), "]}")));
    await elsewhere(c);
  },
  "streams that are given up": async (c) => {
    const client = session(c);

    for (let i = 0; i < 20; i++) {
      const stream = request(client, "/msgs");

      if (i % 2) await said(stream, "]}");
      stream.close(http2.constants.NGHTTP2_CANCEL);
    }
    await said(request(client, "/poll"), "]}");
  },
  "a stream that may not be sent anything": async (c) => {
    const client = session(c, { initialWindowSize: 0 });

    await opened(request(client, "/msgs"), "response");
    await elsewhere(c);
  },
  "a client that says goodbye": async (c) => {
    const client = session(c);

    await said(request(client, "/msgs"), "]}");
    client.goaway();
  },
  "Socket.IO's handshake": (c) => said(request(session(c), "/socket.io/?EIO=4&transport=polling"), "\"sid\""),
};
