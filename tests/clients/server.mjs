// SPDX-License-Identifier: MIT
// The server under test as a child process. Which one it is the caller says:
// a program, or an .mjs file for Node. It is told its port and options by
// environment variables, says "listening on ..." on standard output when it
// is ready, and ends with status 0 on SIGTERM. Only processes started here
// are ever signalled, each by its own id.
import { spawn } from "node:child_process";
import fs from "node:fs";
import net from "node:net";
import { DEADLINE, within } from "./deadline.mjs";

const running = new Set();

// Status of a server that lacks what the environment asks for.
export const UNSUPPORTED = 64;

export class Unsupported extends Error {}

process.on("exit", () => {
  for (const server of running) server.child.kill("SIGKILL");
});
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(1));

// A command line; one that is a file as a whole may have blanks in its name.
function words(command) {
  if (fs.existsSync(command)) return [command];
  return command.split(/\s+/).filter(Boolean);
}

class Server {
  constructor(command, env) {
    const argv = words(command);

    if (argv[0].endsWith(".mjs")) argv.unshift(process.execPath);
    this.output = "";
    this.errors = "";
    this.stopping = false;
    this.child = spawn(argv[0], argv.slice(1), {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(this);
    this.ended = new Promise((resolve) => {
      this.child.on("error", (error) => {
        this.errors += error.message;
        running.delete(this);
        resolve({ code: null, signal: null });
      });
      this.child.on("close", (code, signal) => {
        running.delete(this);
        resolve({ code, signal });
      });
    });
    this.child.stderr.on("data", (data) => { this.errors += data; });
    this.ready = new Promise((resolve) => {
      this.child.stdout.on("data", (data) => {
        this.output += data;
        const match = /^listening on .*?(\d+)\/?\s*$/m.exec(this.output);
        if (match) resolve(Number(match[1]));
      });
    });
  }

  get pid() { return this.child.pid; }

  get alive() { return running.has(this); }

  signal(name) { this.child.kill(name); }

  // Ends the server as an administrator would and returns what is wrong with
  // the way it ended, or nothing.
  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    const { code, signal: by } = await within(DEADLINE,
      `the server's end after ${signal}`, this.ended);
    const killed = signal === "SIGKILL" && by === "SIGKILL";
    if (!killed && code !== 0) return `ended with ${by || `status ${code}`}: ${this.errors}`;
    return this.errors && `wrote to standard error: ${this.errors}`;
  }
}

// Starts a server and waits until it listens.
export async function startServer(command, env = {}) {
  const server = new Server(command, { PORT: "0", ...env });
  const died = server.ended.then(({ code, signal }) => {
    if (code === UNSUPPORTED) throw new Unsupported(JSON.stringify(env));
    throw new Error(`the server ended with ${signal || `status ${code}`} `
      + `instead of listening: ${server.errors}`);
  });

  died.catch(() => {});
  server.port = await within(DEADLINE, `"listening on" from ${command}`,
    Promise.race([server.ready, died]));
  return server;
}

// A port that was free a moment ago, for servers that are started again on
// the port they had.
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = net.createServer();
    probe.on("error", reject);
    probe.listen(0, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
