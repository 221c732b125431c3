// SPDX-License-Identifier: MIT
// socketio-chat over TLS, and clients of HTTP/2 for it: node's own, curl and
// h2load.
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import http2 from "node:http2";
import readline from "node:readline";
import { promisify } from "node:util";

const run = promisify(execFile);
const PATIENCE = 20000;

// The promise, or an error after a while.
export function soon(promise, what) {
  let timer;
  const late = new Promise((resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what}`)), PATIENCE);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export async function startChat(...options) {
  const child = spawn(
    process.env.SIO_CHAT,
    ["--port", "0", "--self-signed", "--root", process.env.SIO_PUBLIC, ...options],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const lines = readline.createInterface({ input: child.stdout });
  const [line] = await soon(once(lines, "line"), "server");
  const port = Number(/:(\d+)/.exec(line)[1]);
  return {
    pid: child.pid,
    port,
    url: `https://localhost:${port}`,
    descriptors: () => fs.readdirSync(`/proc/${child.pid}/fd`).length,
    // in kilobytes
    memory: () =>
      Number(/^VmRSS:\s*(\d+)/m.exec(fs.readFileSync(`/proc/${child.pid}/status`, "utf8"))[1]),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGTERM");
        await soon(once(child, "exit"), "end of the server");
      }
      return child.exitCode;
    },
  };
}

export async function connect(chat, options = {}) {
  const session = http2.connect(chat.url, { rejectUnauthorized: false, ...options });
  session.on("error", () => {});
  await soon(once(session, "connect"), "connection");
  return session;
}

// One request: { status, headers, body }.
export async function ask(session, headers, body) {
  const stream = session.request(headers, { endStream: body === undefined });
  let text = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => (text += chunk));
  const head = once(stream, "response");
  const end = once(stream, "end");
  if (body !== undefined) stream.end(body);
  const [answer] = await soon(head, "answer");
  await soon(end, "end of an answer");
  return { status: answer[":status"], headers: answer, body: text };
}

export const get = (session, path) => ask(session, { ":path": path });
export const post = (session, path, body) =>
  ask(session, { ":method": "POST", ":path": path, "content-type": "application/json" }, body);
export const say = (session, text) =>
  post(session, "/msgs", JSON.stringify({ user: "test", text }));

// The last argument may be { body }, what curl reads.
export async function curl(...args) {
  const { body } = typeof args.at(-1) === "object" ? args.pop() : {};
  const running = run("curl", ["-sk", "--max-time", "20", ...args]);
  running.child.stdin.end(body);
  return (await running).stdout;
}

export async function has(command) {
  try {
    await run("sh", ["-c", `command -v ${command}`]);
    return true;
  } catch {
    return false;
  }
}

export async function h2load(...args) {
  const { stdout } = await run("h2load", args, { timeout: 120000 });
  return stdout;
}
