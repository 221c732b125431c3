// SPDX-License-Identifier: MIT
// The load generator, on the second core.
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { onCore } from "./servers.mjs";

const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

export class Load {
  #child;
  #lines;
  #ended;
  #said = "";

  // `progress` hears the lines that it writes meanwhile.
  constructor(bin, args, progress = () => {}) {
    const argv = [path.join(bin, "load"), ...args.map(String)];
    const [file, ...rest] = onCore(1, argv);
    const child = spawn(file, rest, { stdio: ["pipe", "pipe", "pipe"] });

    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[
      Symbol.asyncIterator]();
    running.add(child);
    child.stdin.on("error", () => {}); // it has ended: seen below
    child.stderr.on("data", (data) => {
      this.#said = (this.#said + data).slice(-1000);
      progress(this.#last());
    });
    this.#ended = new Promise((resolve) => {
      child.on("error", (error) => resolve(error.message));
      child.on("close", (code, signal) => {
        running.delete(child);
        resolve(code === 0 ? "it ended" : this.#last() || `${code ?? signal}`);
      });
    });
  }

  #last() {
    return this.#said.trimEnd().split("\n").pop();
  }

  // The next report. Rejects with the last line that was written if anything
  // was not as it has to be.
  async report() {
    const { value, done } = await this.#lines.next();

    if (done) throw new Error(await this.#ended);
    return JSON.parse(value);
  }

  // Of what began with --slices.
  slice(warm, seconds) {
    this.#child.stdin.write(`${warm} ${seconds}\n`);
    return this.report();
  }

  kill() {
    this.#child.kill("SIGKILL");
  }
}

// The report of a single run.
export async function generate(bin, args, progress) {
  const load = new Load(bin, args, progress);

  try {
    return await load.report();
  } finally {
    load.kill();
  }
}
