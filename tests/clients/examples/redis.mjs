// SPDX-License-Identifier: MIT
// A history in Redis: there when the chat comes back, and missed by nobody
// when Redis is not there.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { DEADLINE, next, until, within } from "../deadline.mjs";
import { Context, Missing, Program, example } from "../examples.mjs";
import { ask, record } from "../stock.mjs";

let folder, server;

// The server goes by two names: by the other one it checks files. Debian has the
// one that serves in the package that starts a service, and the other beside the
// tools; so a name of our own will do.
function findRedis() {
  const runs = (file) => spawnSync(file, ["--version"]).status === 0;
  if (runs("redis-server")) return "redis-server";
  const found = process.env.PATH.split(":").map((dir) => path.join(dir, "redis-check-rdb")).find(fs.existsSync);
  if (!found) return null;
  const name = path.join(folder, "redis-server");
  fs.symlinkSync(found, name);
  return runs(name) ? name : null;
}

// A server of our own, on a unix socket in a folder of its own.
async function startRedis() {
  const socket = path.join(folder, "redis.sock");
  const child = spawn(server, ["--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
    "--appendonly", "yes", "--appendfsync", "always", "--logfile", path.join(folder, "log")], { stdio: "ignore" });
  const ended = new Promise((resolve) => { child.on("close", resolve); });
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  ended.then(() => process.off("exit", kill));
  return { async stop() { child.kill("SIGTERM"); await within(DEADLINE, "the end of Redis", ended); } };
}

const texts = ([messages]) => messages.map(({ text }) => text);

async function untilUp(socket, seen, up) {
  await until(`"redis" ${up}`, async () => {
    await new Promise((resolve) => { setTimeout(resolve, 20); });
    return seen.length > 0 && seen.at(-1)[1] === up;
  });
}

example("history_redis", async (t) => {
  const events = [];
  let redis = await startRedis();
  try {
    // Whether it was there first or not.
    const ann = t.open();
    const seen = record(ann, "redis");
    await untilUp(ann, seen, true);
    const heard = next(ann, "message");
    assert.deepEqual(await ask(ann, "post", { text: "one ä \"" }), [{ stored: true }]);
    assert.equal((await heard)[0].text, "one ä \"");
    for (let i = 0; i < 60; i++) ann.emit("post", { text: `${i}` });
    assert.deepEqual(await ask(ann, "post", { text: "last" }), [{ stored: true }]);

    // the chat starts anew
    await t.program.stop();
    const again = await Program.start(t.file, t.args);
    events.push(again);
    const t2 = new Context(again, t.mode);
    const bob = t2.open();
    const known = record(bob, "redis");
    const history = record(bob, "history");
    await untilUp(bob, known, true);
    const eve = t2.open();
    const list = texts(await next(eve, "history"));
    assert.equal(list.length, 50);
    assert.deepEqual(list.slice(0, 2), ["last", "59"]);
    assert.ok(history.length <= 1);

    // Redis goes, the chat goes on
    await redis.stop();
    await untilUp(bob, known, false);
    const still = next(eve, "message");
    assert.deepEqual(await ask(bob, "post", { text: "lost" }), [{ stored: false }]);
    assert.equal((await still)[0].text, "lost");
    const zoe = t2.open();
    assert.deepEqual(await next(zoe, "redis"), [false]);

    // and comes back, with all that it had
    redis = await startRedis();
    await untilUp(bob, known, true);
    assert.deepEqual(await ask(bob, "post", { text: "found" }), [{ stored: true }]);
    const max = t2.open();
    assert.deepEqual(texts(await next(max, "history")).slice(0, 2), ["found", "last"]);
    t2.close();
    const { code } = await again.stop();
    assert.equal(code, 0, again.errors);
    assert.equal(again.errors, "");
  } finally {
    for (const program of events) program.kill();
    await redis.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}, {
  args() {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), "sio-redis-"));
    server = findRedis();
    if (!server) {
      fs.rmSync(folder, { recursive: true });
      throw new Missing("there is no redis-server");
    }
    return [path.join(folder, "redis.sock")];
  },
});
