// SPDX-License-Identifier: MIT
// The stock clients, side by side, and what a test wants to know of them.
import path from "node:path";
import { createRequire } from "node:module";
import { DEADLINE, next, within } from "./deadline.mjs";

const modules = process.env.NODE_MODULES_DIR;

export const load = createRequire(modules ? path.join(modules, "x") : import.meta.url);

export const RELEASES = ["4.8", "4.7", "4.5", "4.1", "4.0", "3.1", "3.0", "2.5", "2.0"];

// Those of protocol 3, which a server has to allow. Release 1 speaks it too, but
// counts and encodes texts over polling in a way of its own.
export const isOld = (release) => parseInt(release, 10) < 3;

export const MODES = {
  polling: { transports: ["polling"] },
  websocket: { transports: ["websocket"] },
  upgrade: { transports: ["polling", "websocket"] },
};

// What a client of a server with this environment must be told: parsers are
// not negotiated.
export const parserOf = (env) => (env.PARSER === "msgpack" ? { parser: load("socket.io-msgpack-parser") } : {});

const loaded = new Map();

// The client library of a release: { io, version, atLeast(major, minor) }.
export function client(release) {
  if (!loaded.has(release)) {
    const name = `socket.io-client-${release}`;
    const { version } = load(`${name}/package.json`);
    const [major, minor] = version.split(".").map(Number);

    loaded.set(release, {
      io: isOld(release) ? oldIo(load(name)) : load(name).io,
      old: isOld(release),
      version,
      atLeast: (a, b) => major > a || (major === a && minor >= b),
    });
  }
  return loaded.get(release);
}

// Release 2 says some things in other words: what comes in for "auth" is
// the query of the namespace ("/" has none), and refusals are "error" events.
// A case can be written in today's words for all of them. It prefers a global
// WebSocket, which Node has since 22; that one knows no certificates, no headers.
function oldIo(lookup) {
  const dress = (socket) => {
    socket.on("error", (data) => {
      const error = new Error(data && data.message ? data.message : `${data}`);

      if (typeof data === "object" && !data.message) error.data = data;
      socket.emit("connect_error", error);
    });
    return socket;
  };
  const inOldWords = ({ auth, ...options } = {}) => (
    auth ? { ...options, query: new URLSearchParams(auth).toString() } : options);

  return (url, { query, ...options }) => {
    const { origin, pathname } = new URL(url);
    const manager = new lookup.Manager(origin, { path: "/socket.io", query, forceNode: true, ...options });
    const { socket } = manager;

    manager.socket = (nsp, more) => dress(socket.call(manager, nsp, inOldWords(more)));
    manager._close = manager.close;
    return manager.socket(url.slice(origin.length) || pathname, options);
  };
}

// The engine below a socket.
export const engineOf = (socket) => socket.io.engine;

// Waits until the engine has left long-polling.
export async function upgraded(socket) {
  const engine = engineOf(socket);

  if (engine.transport.name === "websocket") return;
  await next(engine, "upgrade");
}

// Keeps a fresh socket on long-polling until the function returned is called,
// so that a test decides what is under way when the upgrade begins.
export function holdUpgrade(socket) {
  const engine = engineOf(socket);
  const method = engine._probe ? "_probe" : "probe";
  const probe = engine[method];
  const held = [];
  let hold = true;

  engine[method] = (name) => (hold ? held.push(name) : probe.call(engine, name));
  return () => {
    hold = false;
    for (const name of held) probe.call(engine, name);
  };
}

// Waits for the socket's connection, and in mode "upgrade" for the end of
// the upgrade. A refusal is an error.
export async function connected(socket, mode) {
  if (!socket.connected) {
    await within(DEADLINE, `the connection to ${socket.nsp}`, new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("connect_error", (error) => {
        reject(new Error(`cannot connect to ${socket.nsp}: ${error.message || error}`));
      });
    }));
  }
  if (mode === "upgrade") await upgraded(socket);
  return socket;
}

// Emits with an ack request; resolves with the answer's arguments. Written
// by hand because the oldest releases have neither timeout() nor
// emitWithAck().
export function ask(socket, event, ...args) {
  let lost;

  return within(DEADLINE, `the ack of "${event}"`, new Promise((resolve, reject) => {
    lost = (reason) => reject(new Error(`"${reason}" before the ack of "${event}"`));
    socket.once("disconnect", lost);
    socket.emit(event, ...args, (...answer) => resolve(answer));
  })).finally(() => socket.off("disconnect", lost));
}

// Records everything a socket receives under the given event names.
export function record(socket, ...events) {
  const seen = [];

  for (const event of events) socket.on(event, (...args) => seen.push([event, ...args]));
  return seen;
}

// A round trip: what the server had sent to this socket before is here.
export async function settled(...sockets) {
  await Promise.all(sockets.map((socket) => ask(socket, "message-with-ack")));
}

// The next n events of that name, each as its list of arguments.
export function collect(socket, event, n, ms = DEADLINE) {
  const seen = [];

  return within(ms, `${n} times "${event}"`, new Promise((resolve) => {
    const listener = (...args) => {
      seen.push(args);
      if (seen.length < n) return;
      socket.off(event, listener);
      resolve(seen);
    };
    socket.on(event, listener);
  }), () => `${seen.length} came`);
}
