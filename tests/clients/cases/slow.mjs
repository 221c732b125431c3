// SPDX-License-Identifier: MIT
// Clients that do not read: what is queued for them has a limit, and nobody
// else waits for them. The official server has no such limits, so this needs
// the feature "queue".
import { DEADLINE, next, until } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, engineOf, record } from "../stock.mjs";

const tcp = (socket) => engineOf(socket).transport.ws._socket;
const MUCH = "x".repeat(100000);
const TIMES = 200;
const options = (env) => ({ env: { ...env, PING_INTERVAL: "60000" }, modes: ["websocket"], needs: ["queue"], since: [3, 0], ms: 8 * DEADLINE });

// Everybody is sent more than the kernel's buffers hold, as fast as one of
// them gets it, who is not disturbed by the other.
async function flood(t, slow) {
  const fast = await t.connect();

  tcp(slow).pause();
  for (let i = 0; i < TIMES; i++) {
    const came = next(fast, "all-msg");
    fast.emit("all", i, MUCH);
    t.assert.equal((await came)[0], i);
  }
  return fast;
}

test("slow: beyond QUEUE_BYTES the connection is closed with its own reason", options({ QUEUE_BYTES: "300000" }), async (t) => {
  const key = `slow ${t.release} ${t.mode}`;
  const slow = await t.connect("/", { auth: { key } });

  await flood(t, slow);
  t.assert.equal(await until("the server's reason", () => t.reason(key)), "queue full");
  const gone = next(slow, "disconnect");
  tcp(slow).resume();
  await gone;
});

test("slow: with QUEUE_POLICY refuse it misses events and lives", options({ QUEUE_BYTES: "300000", QUEUE_POLICY: "1" }), async (t) => {
  const slow = await t.connect();
  const seen = record(slow, "all-msg");
  const fast = await flood(t, slow);

  tcp(slow).resume();
  t.assert.deepEqual(await ask(slow, "message-with-ack", "alive"), ["alive"]);
  fast.emit("all", "last");
  await until("the last event", async () => {
    await ask(slow, "message-with-ack");
    return seen.some(([, what]) => what === "last");
  });
  const numbers = seen.map(([, i]) => i).slice(0, -1);
  t.assert.ok(numbers.length < TIMES, `${numbers.length} came`);
  t.assert.deepEqual(numbers, [...numbers].sort((a, b) => a - b));
});

test("slow: one that takes nothing for WRITE_TIMEOUT is given up", options({ QUEUE_BYTES: "100000000", WRITE_TIMEOUT: "500" }), async (t) => {
  const key = `stuck ${t.release} ${t.mode}`;
  const slow = await t.connect("/", { auth: { key } });

  await flood(t, slow);
  t.assert.equal(await until("the server's reason", () => t.reason(key)), "write timeout");
});
