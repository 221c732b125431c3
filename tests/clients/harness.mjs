// SPDX-License-Identifier: MIT
// The register of cases and what each of them is given.
//
// A case is a function that gets a context: a server, one release of the
// client and one mode. What it opened through the context is closed when it
// is over, whether it failed or not. Cases of one lane run one after the
// other against the same server, so a case may count on being alone in it;
// other lanes have servers of their own.
import assert from "node:assert/strict";
import { DEADLINE, within } from "./deadline.mjs";
import { certificate } from "./certificates.mjs";
import { freePort, startServer } from "./server.mjs";
import { MODES, ask, client, connected, parserOf } from "./stock.mjs";

export const cases = [];

// Registers a case. Options:
//   env     the server's environment
//   modes   only these modes
//   since   only clients from this release on, as [major, minor]
//   old     false: not with clients of release 2; true: only with those
//   needs   features of the app; without one of them the case is skipped
//   ms      deadline of the whole case
export function test(name, options, run) {
  if (typeof options === "function") {
    run = options;
    options = {};
  }
  cases.push({ name, run, env: {}, modes: Object.keys(MODES), needs: [], ms: 4 * DEADLINE, ...options });
}

export class Skip extends Error {}

// The servers of one lane, by environment, started when first needed.
export class Pool {
  constructor(command) {
    this.command = command;
    this.servers = new Map();
  }

  async get(env) {
    const key = JSON.stringify(env);

    if (!this.servers.has(key)) this.servers.set(key, await this.start(env));
    const server = this.servers.get(key);
    if (server.alive) return server;
    this.servers.delete(key);
    throw new Error(`the server is gone: ${server.errors}`);
  }

  async start(env) {
    const server = await startServer(this.command, env);

    server.env = env;
    server.url = (port = server.port) => `${env.TLS ? "https" : "http"}://localhost:${port}`;
    /* what a client has to know of it */
    server.known = env.TLS ? { ca: certificate("ca.crt", env.TLS) } : {};
    return server;
  }

  // What the app on a server can do beyond the events every app has.
  async features(server) {
    if (!server.features) {
      const socket = client("4.8").io(server.url(), {
        forceNew: true, reconnection: false, ...MODES.websocket, ...parserOf(server.env), ...server.known,
      });
      try {
        await connected(socket);
        [server.features] = await ask(socket, "features");
      } finally {
        socket.disconnect();
      }
    }
    return server.features;
  }

  // Ends all servers; returns what was wrong with the way they ended.
  async stop() {
    const wrong = [];

    for (const server of this.servers.values()) {
      const complaint = server.alive ? await server.stop() : "";
      if (complaint) wrong.push(complaint);
    }
    this.servers.clear();
    return wrong;
  }
}

export class Context {
  constructor(pool, release, mode) {
    this.pool = pool;
    this.release = release;
    this.mode = mode;
    this.client = client(release);
    /* a namespace that clients of this release can join with auth */
    this.home = this.client.old ? "/custom" : "/";
    this.sockets = [];
    this.own = [];
    this.assert = assert;
  }

  // A socket that is not connected yet.
  open(nsp = "/", options = {}) {
    const { server = this.server, port = server.port, ...rest } = options;
    const socket = this.client.io(`${server.url(port)}${nsp}`, {
      forceNew: true,
      reconnection: false,
      ...server.known,
      ...MODES[this.mode],
      ...parserOf(this.server.env),
      ...rest,
    });

    this.sockets.push(socket);
    return socket;
  }

  // A socket that is connected, and in mode "upgrade" upgraded.
  connect(nsp, options) {
    return connected(this.open(nsp, options), this.mode);
  }

  // Another namespace over the connection of a socket.
  also(socket, nsp, options) {
    const other = socket.io.socket(nsp, options);

    this.sockets.push(other);
    return connected(other, this.mode);
  }

  // The reason the server gave for the end of the socket that had this key.
  async reason(key) {
    if (!this.judge || !this.judge.connected) this.judge = await this.connect();
    const [reason] = await ask(this.judge, "reason", key);
    return reason;
  }

  // A server for this case alone, on a port it can be started on again.
  async startServer(env = {}) {
    const server = await this.pool.start({ PORT: String(await freePort()), ...envFor(env, this.client) });

    this.own.push(server);
    return server;
  }

  async close() {
    for (const socket of this.sockets) {
      socket.off();
      socket.io.reconnection(false);
      socket.io.off();
      socket.disconnect();
      socket.io._close();
    }
    for (const server of this.own) {
      if (!server.alive) continue;
      server.signal("SIGCONT");
      const complaint = await server.stop();
      if (complaint) throw new Error(`the server ${complaint}`);
    }
  }
}

// Old clients are served only if the server is told to.
const envFor = (env, { old }) => (old ? { ALLOW_EIO3: "1", ...env } : env);

// Runs one case; throws Skip when the app cannot do what it is about.
export async function runCase(one, pool, release, mode) {
  const context = new Context(pool, release, mode);

  context.server = await pool.get(envFor(one.env, context.client));
  const features = await pool.features(context.server);
  for (const need of one.needs) {
    if (!features.includes(need)) throw new Skip(`the app has no "${need}"`);
  }
  try {
    await within(one.ms, `the end of "${one.name}"`, Promise.resolve(one.run(context)));
  } finally {
    await context.close();
  }
  if (!context.server.alive) throw new Error(`the server died: ${context.server.errors}`);
}
