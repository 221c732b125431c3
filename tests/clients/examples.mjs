// SPDX-License-Identifier: MIT
// The programs of examples/, each with the stock client: what its first
// comment promises is asked of it, and it has to end cleanly on SIGTERM.
// SIO_EXAMPLES names the folder of the programs, SIO_EXAMPLES_UNDER what they
// are to be run under: valgrind, say.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import { DEADLINE, next, until, within } from "./deadline.mjs";
import { freePort } from "./server.mjs";
import { MODES, client, connected } from "./stock.mjs";

const here = path.dirname(new URL(import.meta.url).pathname);

export const root = path.join(here, "..", "..");

export class Missing extends Error {}

const cases = [];

// Registers what is asked of the example: run(t) gets a Context.
export const example = (name, run, options = {}) => cases.push({ name, run, ...options });

const answers = (port) => new Promise((resolve) => {
  const socket = net.connect(port, "127.0.0.1");
  socket.on("connect", () => { socket.destroy(); resolve(true); });
  socket.on("error", () => setTimeout(resolve, 20, false));
});

// One example as a process.
export class Program {
  // A port that was free may not be so any more: then another one is tried.
  static async start(file, args, under = process.env.SIO_EXAMPLES_UNDER, tries = 3) {
    const program = new Program(file, args, await freePort(), under);
    try {
      await until(`${path.basename(file)} to listen`, () => program.exit || answers(program.port));
      if (program.exit) throw new Error(`it ended: ${program.errors}`);
      return program;
    } catch (error) {
      program.kill();
      if (tries > 1 && /is in use/.test(program.errors)) return Program.start(file, args, under, tries - 1);
      throw error;
    }
  }

  constructor(file, args, port, under = "") {
    const [command, ...rest] = [...under.split(/\s+/).filter(Boolean), file, `${port}`, ...args];

    this.port = port;
    this.errors = "";
    this.output = "";
    this.child = spawn(command, rest, {
      cwd: root, env: { ...process.env, PORT: `${port}` }, stdio: ["ignore", "pipe", "pipe"],
    });
    this.child.stderr.on("data", (data) => { this.errors += data; });
    this.child.stdout.on("data", (data) => { this.output += data; });
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => { this.errors += error; this.exit = { code: -1 }; resolve(this.exit); });
      this.child.on("close", (code, signal) => { this.exit = { code, signal }; resolve(this.exit); });
    });
    this.kill = () => this.child.kill("SIGKILL");
    process.on("exit", this.kill);
    this.ended.then(() => process.off("exit", this.kill));
  }

  async stop() {
    this.child.kill("SIGTERM");
    return within(DEADLINE, "its end after SIGTERM", this.ended);
  }
}

export class Context {
  constructor(program, mode) {
    this.program = program;
    this.mode = mode;
    this.sockets = [];
    this.secure = false;
  }

  url(where = "") { return `${this.secure ? "https" : "http"}://localhost:${this.program.port}${where}`; }

  // A socket that is not connected yet.
  open(nsp = "", options = {}) {
    const socket = client("4.8").io(this.url(nsp), {
      forceNew: true, reconnection: false, ...MODES[this.mode], ...options,
    });
    this.sockets.push(socket);
    return socket;
  }

  connect(nsp, options) { return connected(this.open(nsp, options), this.mode); }

  // The error with which a client is refused.
  async refusal(auth) { return (await next(this.open("", { auth }), "connect_error"))[0]; }

  close() { for (const socket of this.sockets) socket.disconnect(); }
}

// How it went, or that it could not be tried.
async function runExample({ name, run, modes = ["websocket"], args = () => [], file, killed }, mode, folder) {
  const program = file ? file() : path.join(folder, name);

  if (!fs.existsSync(program)) throw new Missing(`${name} was not built`);
  const extra = await args();
  // One that is killed cannot give back its memory.
  const running = await Program.start(program, extra, killed ? "" : undefined);
  const t = new Context(running, mode);
  t.args = extra;
  t.file = program;
  try {
    await within(4 * DEADLINE, `the end of "${name}"`, Promise.resolve(run(t)));
    const { code, signal } = await running.stop();
    assert.deepEqual([code, signal], killed ? [null, "SIGTERM"] : [0, null]);
    assert.equal(running.errors, "");
  } catch (error) {
    if (running.errors) error.stack += `\nits standard error:\n${running.errors}`;
    throw error;
  } finally {
    t.close();
    running.kill();
  }
}

export async function runExamples(count, skips, fail, words = "") {
  const folder = process.env.SIO_EXAMPLES;
  const start = Date.now();
  let good = 0;
  let bad = 0;

  if (!folder) {
    skips.set("the examples", "SIO_EXAMPLES does not name their folder");
    return;
  }
  for (const name of ["basic", "people", "redis", "web"]) await import(`./examples/${name}.mjs`);
  for (const one of cases.filter(({ name }) => name.includes(words))) {
    for (const mode of one.modes || ["websocket"]) {
      try {
        await runExample(one, mode, folder);
        good++;
      } catch (error) {
        if (error instanceof Missing) {
          count.skipped++;
          skips.set(`example ${one.name}`, error.message);
        } else {
          bad++;
          fail(`example ${one.name} ${mode}`, error);
        }
      }
    }
  }
  count.passed += good;
  console.log(`${bad ? "not ok" : "ok"} examples: ${good} cases, ${((Date.now() - start) / 1000).toFixed(1)} s`);
}
