// SPDX-License-Identifier: MIT
// What a case of the comparison is given: connections to one server, a few
// words for sessions on them, and the record.
import { DEADLINE } from "../clients/deadline.mjs";
import { Connection, makeFrame, show } from "./wire.mjs";

export const cases = [];

// Registers a case: a function that talks to one server and writes a record.
// It is run once for each of the two servers. Options: env; needs, the
// features both apps must have; timed, for cases that look at the clock; since,
// the first Node whose own HTTP parser is as strict as the case supposes.
export function compare(name, options, run) {
  if (typeof options === "function") {
    run = options;
    options = {};
  }
  if (cases.some((one) => one.name === name)) throw new Error(`two cases "${name}"`);
  cases.push({ name, run, env: {}, needs: [], ...options });
}

// The lines of a run, with names for what is different each time.
class Record {
  constructor() {
    this.lines = [];
    this.names = [];
  }

  name(text, name) { this.names.push([text, name]); }

  add(line) {
    let shown = line;

    for (const [text, name] of this.names) shown = shown.replaceAll(text, name);
    this.lines.push(shown
      .replace(/(\\*"sid\\*":\\*")[A-Za-z0-9_-]{20}(\\*")/g, "$1<id>$2"));
  }
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

export class Case {
  constructor(port) {
    this.port = port;
    this.record = new Record();
    this.connections = [];
    this.path = "/engine.io/";
  }

  note(line) { this.record.add(line); }

  async connect(label = LETTERS[this.connections.length]) {
    const connection = new Connection(this.record, label, this.port);

    this.connections.push(connection);
    await connection.opened;
    return connection;
  }

  // One request on a connection of its own, its answer, and what became of
  // the connection.
  async once(bytes, options = {}) {
    const c = await this.connect(options.label);

    c.write(bytes);
    const response = await c.response(options);
    if (response && response.status === 100) await c.response(options);
    await c.fate();
    c.destroy();
    return response;
  }

  // The server has read what was written on other connections before: each
  // of two round trips comes after it in the queue of what is readable.
  async barrier() {
    if (!this.side) {
      this.side = new Connection(new Record(), "side", this.port);
      this.connections.push(this.side);
      await this.side.opened;
    }
    for (let i = 0; i < 3; i++) {
      this.side.write("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
      if (!await this.side.response({ quiet: 200 })) throw new Error("the server does not answer");
    }
  }

  // A session over polling, with one connection for GETs and one for POSTs,
  // in this revision of the protocol.
  async session(path = this.path, query = "", revision = 4) {
    const session = new Session(this, path, revision);

    await session.open(query);
    return session;
  }

  // A session over WebSocket: the connection, its open packet read.
  async socket(path = this.path, query = "", label = undefined) {
    const c = await this.connect(label);

    c.write(upgrade(`${path}?EIO=4&transport=websocket${query}`));
    await c.response({ quiet: 101 });
    const open = await c.frame({ quiet: true });
    if (!open) throw new Error("no open packet");
    c.sid = JSON.parse(`${open.payload}`.slice(1)).sid;
    this.record.name(c.sid, "<sid>");
    return c;
  }

  // The same on Socket.IO's path, in a namespace.
  async client(nsp = "/", auth = "", query = "") {
    const c = await this.socket("/socket.io/", query);

    await enter(c, nsp, auth);
    return c;
  }

  close() {
    for (const connection of this.connections) connection.destroy();
  }
}

// Joins a namespace and reads the answer (and the app's greeting) silently.
export async function enter(c, nsp = "/", auth = "") {
  const prefix = nsp === "/" ? "" : `${nsp},`;

  c.send(`40${prefix}${auth}`);
  await c.frame({ quiet: true });
  if (nsp === "/" || nsp === "/custom") await c.frame({ quiet: true });
}

export function get(target, headers = "") {
  return `GET ${target} HTTP/1.1\r\nHost: h\r\n${headers}\r\n`;
}

export function post(target, body, headers = "Content-Type: text/plain;charset=UTF-8\r\n") {
  const bytes = Buffer.from(body);

  return Buffer.concat([
    Buffer.from(`POST ${target} HTTP/1.1\r\nHost: h\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`),
    bytes,
  ]);
}

// An upgrade request; a header given as null is left out.
export function upgrade(target, headers = {}, method = "GET", version = "1.1") {
  const all = {
    Host: "h",
    Connection: "Upgrade",
    Upgrade: "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ...headers,
  };
  const lines = Object.entries(all).filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}: ${value}\r\n`);

  return `${method} ${target} HTTP/${version}\r\n${lines.join("")}\r\n`;
}

// A polling session. "get" and "post" write down the answers; "ask" starts a
// GET and leaves it waiting at the server.
class Session {
  constructor(test, path, revision) {
    this.test = test;
    this.path = path;
    this.revision = revision;
  }

  async open(query) {
    this.getter = await this.test.connect("GET");
    this.poster = await this.test.connect("POST");
    this.getter.write(get(`${this.path}?EIO=${this.revision}&transport=polling${query}`));
    const response = await this.getter.response({ quiet: 200 });
    [, this.sid] = /"sid\\*":\\*"([A-Za-z0-9_-]{20})/.exec(`${response.body}`);
    this.test.record.name(this.sid, "<sid>");
    this.target = `${this.path}?EIO=${this.revision}&transport=polling&sid=${this.sid}`;
  }

  write(method, body, headers) {
    if (method === "GET") this.getter.write(get(this.target, headers));
    else this.poster.write(post(this.target, body, headers));
  }

  async get(options = {}) {
    this.write("GET", "", options.headers);
    return this.getter.response(options);
  }

  async post(body, options = {}) {
    this.write("POST", body, options.headers);
    return this.poster.response(options);
  }

  // A GET that waits at the server when this returns.
  async ask(headers) {
    this.write("GET", "", headers);
    await this.test.barrier();
  }

  // Reads answers, the first of which is asked for already, until one holds
  // the packet "last"; writes the packets down as one list, because how many
  // answers they are spread over is a matter of timing.
  async drain(last) {
    const packets = [];

    for (;;) {
      const response = await this.getter.response({ quiet: 200 });
      if (!response || response.status !== 200) break;
      packets.push(...`${response.body}`.split("\x1e"));
      if (packets.includes(last)) break;
      this.write("GET");
    }
    this.test.note(`packets ${packets.map((packet) => show(Buffer.from(packet))).join(" ")}`);
  }

  // Joins a namespace and reads all that is said to it.
  async enter(nsp = "/", auth = "") {
    const prefix = nsp === "/" ? "" : `${nsp},`;
    const greets = nsp === "/" || nsp === "/custom";
    let text = "";

    await this.post(`40${prefix}${auth}`, { quiet: 200 });
    while (!text.includes("40") || (greets && !text.includes("42"))) {
      const response = await this.get({ quiet: 200 });
      text += response.body;
    }
  }

  // What a session is now: one that answers, or one that is gone.
  async state(message = "4state") {
    const other = await this.test.connect("STATE");

    other.write(post(this.target, message));
    const response = await other.response({ quiet: 200 });
    if (response && response.status === 200) this.test.note("session open");
    other.destroy();
  }

  // A WebSocket that wants to take the session over.
  async candidate(label = "WS", query = `&EIO=${this.revision}`) {
    const c = await this.test.connect(label);

    c.write(upgrade(`${this.path}?transport=websocket&sid=${this.sid}${query}`));
    await c.response({ quiet: 101 });
    return c;
  }

  // The whole upgrade, done right.
  async upgrade() {
    const c = await this.candidate();

    c.send("2probe");
    await c.frame({ quiet: true });
    c.send("5");
    c.send("4upgraded");
    await c.frame({ quiet: true });
    return c;
  }
}

// Milliseconds that should be "expected": written down as that number unless
// they are fewer or much more. Either may be the fault of a busy machine, as
// the beginning is when we saw it; run.mjs tries such a case again.
export function about(expected, ms, late = 150) {
  return ms >= expected - 2 && ms < expected + late ? `${expected} ms` : `${Math.round(ms)} ms!`;
}

export { DEADLINE, makeFrame };
