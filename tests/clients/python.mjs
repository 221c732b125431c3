// SPDX-License-Identifier: MIT
// The Python client of Debian, python3-socketio: its cases are in python.py,
// which tells how they went. Without it they are skipped. PYTHON names another
// interpreter than Debian's.
import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { within } from "./deadline.mjs";
import { startServer } from "./server.mjs";

const script = path.join(path.dirname(fileURLToPath(import.meta.url)), "python.py");

// Runs it to its end: { status, lines }.
async function run(port) {
  const child = spawn(process.env.PYTHON || "/usr/bin/python3", [script, `${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" },
  });
  let text = "";

  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => { text += data; });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  try {
    const status = await within(240000, "the Python client", new Promise((resolve) => {
      child.on("error", () => resolve(77));
      child.on("close", resolve);
    }), () => text);
    return { status, lines: text.split("\n") };
  } finally {
    kill();
    process.off("exit", kill);
  }
}

export async function runPython(command, count, skips, fail) {
  const start = Date.now();
  // At its end this client waits for as long as a ping may take.
  const server = await startServer(command, { PING_INTERVAL: "500" });
  const { status, lines } = await run(server.port);
  const good = lines.filter((line) => line.startsWith("ok ")).length;

  if (status === 77) {
    count.skipped++;
    skips.set("the Python client", lines.join(" ").trim() || "there is no python3");
  } else {
    count.passed += good;
    lines.forEach((line, i) => {
      if (!line.startsWith("not ok ")) return;
      const end = lines.findIndex((other, at) => at > i && !other.startsWith(" "));
      fail(`Python ${line.slice(7)}`, lines.slice(i + 1, end).join("\n"));
    });
    if (status !== 0 && !lines.some((line) => line.startsWith("not ok "))) fail("Python", lines.slice(-60).join("\n"));
    console.log(`${status === 0 ? "ok" : "not ok"} Python: ${good} cases, ${((Date.now() - start) / 1000).toFixed(1)} s`);
  }
  const complaint = await server.stop();
  if (complaint) fail("the end of the Python client's server", complaint);
}
