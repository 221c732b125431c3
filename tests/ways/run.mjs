// SPDX-License-Identifier: MIT
// The chat's ways in, across: what is posted by any is heard by all, exactly
// once and in one order; and what anybody has heard outlives a kill.
//
//   node run.mjs
//
// SIO_CHAT names the program. The last line says how many passed and failed.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { until } from "../clients/deadline.mjs";
import { startServer } from "../clients/server.mjs";
import { WITH_HTTP2, allWays, soon } from "./ways.mjs";

const CHAT = process.env.SIO_CHAT;
const KILLS = 15;
const WAYS = allWays(WITH_HTTP2);
const names = Object.keys(WAYS);
const count = { passed: 0, failed: 0 };
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sio-ways-"));

process.on("exit", () => fs.rmSync(folder, { recursive: true, force: true }));

async function test(name, run) {
  try {
    await run();
    count.passed++;
    console.log(`ok ${name}`);
  } catch (error) {
    count.failed++;
    console.log(`not ok ${name}`);
    console.log(`${error.stack || error}`.replace(/^/gm, "    "));
  }
}

const start = (...args) => startServer([CHAT, "--port", "0", ...args].join(" "));

async function stop(server) {
  const complaint = await server.stop();

  if (complaint) throw new Error(complaint);
}

async function openAll(port) {
  const visitors = await Promise.all(names.map((name) => WAYS[name](port)));

  return visitors.map((visitor, i) => Object.assign(visitor, { name: names[i] }));
}

// What a visitor knows now.
const now = (visitor) => (visitor.lists ? visitor.lists.at(-1) : visitor.state());

const texts = (list) => list.map(({ text }) => text).reverse();

function same(got, wanted, what) {
  const [a, b] = [got, wanted].map((value) => JSON.stringify(value));

  if (a !== b) throw new Error(`${what}: got ${a}, wanted ${b}`);
}

async function allHear(visitors, text) {
  for (const visitor of visitors) {
    await until(`"${text}" at ${visitor.name}`, async () => soon((await now(visitor))[0].text === text));
  }
}

// Each list is the one before with something new in front of it: so nothing
// came twice, and nothing in another order.
function checkOrder({ name, lists = [] }) {
  lists.slice(1).forEach((list, i) => {
    const before = texts(lists[i]);

    same(texts(list).slice(0, before.length), before, `${name}, list ${i + 1}`);
  });
}

await test("what is posted by each is heard by all", async () => {
  const server = await start("--self-signed", "--tls-and-plain");
  const visitors = await openAll(server.port);
  const said = ["hi"];

  for (const visitor of visitors) {
    said.push(`by ${visitor.name}`);
    await visitor.say({ user: visitor.name, text: said.at(-1) });
    await allHear(visitors, said.at(-1));
  }
  for (const visitor of visitors) {
    same(texts(await now(visitor)), said, visitor.name);
    checkOrder(visitor);
  }
  // Whoever comes late has the same history.
  const late = await openAll(server.port);
  for (const visitor of late) same(await now(visitor), await now(visitors[0]), `${visitor.name}, late`);
  for (const visitor of [...visitors, ...late]) visitor.close();
  await stop(server);
});

await test("what all post at once is one history for all", async () => {
  const server = await start("--self-signed", "--tls-and-plain");
  const visitors = await openAll(server.port);
  const each = Math.floor(48 / visitors.length);
  const wanted = visitors.length * each + 1;

  await Promise.all(visitors.map(async (visitor) => {
    for (let i = 0; i < each; i++) await visitor.say({ user: visitor.name, text: `${i}` });
  }));
  for (const visitor of visitors) {
    await until(`${wanted} messages at ${visitor.name}`, async () => soon((await now(visitor)).length === wanted));
  }
  const all = await now(visitors[0]);
  for (const visitor of visitors) {
    same(await now(visitor), all, visitor.name);
    checkOrder(visitor);
    same(all.filter(({ user }) => user === visitor.name).map(({ text }) => Number(text)).reverse(),
      Array.from({ length: each }, (_, i) => i), `what ${visitor.name} has posted`);
  }
  for (const visitor of visitors) visitor.close();
  await stop(server);
});

// Everybody posts, some forty in all, and in the middle of it comes the kill.
// All lists that were seen.
async function talkUntilKilled(server, round) {
  const visitors = await openAll(server.port);
  const each = Math.floor(40 / visitors.length);
  const talks = visitors.map(async (visitor, i) => {
    for (let n = 0; n < each && server.alive; n++) {
      await visitor.say({ user: visitor.name, text: `${round}-${i}-${n}` }).catch(() => {});
      await soon();
    }
  });

  await until("a message", async () => soon(visitors.some(({ lists = [[]] }) => `${lists.at(-1)[0]?.text}`.startsWith(`${round}-`))));
  await new Promise((resolve) => { setTimeout(resolve, 2 * round); });
  server.signal("SIGKILL");
  await server.ended;
  await Promise.all(talks);
  for (const visitor of visitors) visitor.close();
  return visitors.flatMap(({ lists = [] }) => lists);
}

// What was posted in this round is not pushed out by as many others.
function checkKept(kept, lists, round) {
  const posted = kept.filter((text) => text.startsWith(`${round}-`));

  for (const list of lists) {
    const seen = texts(list).filter((text) => text.startsWith(`${round}-`));
    same(posted.slice(0, seen.length), seen, `what was seen before kill ${round}`);
  }
}

async function killAndLook() {
  const args = ["--self-signed", "--tls-and-plain", "--history", path.join(folder, "history")];
  let server = await start(...args);

  for (let round = 0; round < KILLS; round++) {
    const lists = await talkUntilKilled(server, round);
    server = await start(...args);
    const visitor = await WAYS["POST /poll"](server.port);
    checkKept(texts(await visitor.state()), lists, round);
    visitor.close();
  }
  await stop(server);
}

await test(`what anybody has seen is there after kill -9, ${KILLS} times`, async () => {
  try {
    await killAndLook();
  } catch (error) {
    if (!`${error.message}`.includes("without SQLite")) throw error;
    console.log("# no SQLite: nothing is kept");
  }
});

console.log(`${count.passed} passed, ${count.failed} failed`);
process.exit(count.failed ? 1 : 0);
