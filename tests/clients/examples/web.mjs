// SPDX-License-Identifier: MIT
// Pages, REST calls, an event stream and a plain WebSocket beside Socket.IO:
// whatever is written by one way is seen by all.
import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { next, until } from "../deadline.mjs";
import { example, root } from "../examples.mjs";
import { load } from "../stock.mjs";

// The events of a stream, as they come.
async function listen(t, seen) {
  const control = new AbortController();
  const answer = await fetch(t.url("/events"), { signal: control.signal });
  assert.equal(answer.headers.get("content-type"), "text/event-stream");
  const read = async () => {
    let text = "";
    for await (const piece of answer.body) {
      text += Buffer.from(piece);
      while (text.includes("\n\n")) {
        const [event] = text.split("\n\n", 1);
        text = text.slice(event.length + 2);
        assert.match(event, /^data: /);
        seen.push(JSON.parse(event.slice(6)));
      }
    }
    seen.ended = true;
  };
  read().catch(() => {});
  return () => control.abort();
}

async function openWebSocket(t, seen) {
  const { WebSocket } = load("ws");
  const ws = new WebSocket(t.url("/ws").replace("http", "ws"));
  ws.on("message", (data) => seen.push(JSON.parse(data)));
  ws.end = next(ws, "close");
  await next(ws, "message");
  return ws;
}

const post = (t, body, headers = {}) => fetch(t.url("/notes"), {
  method: "POST", body, headers: { "content-type": "application/json", ...headers },
});

example("web", async (t) => {
  // the page, and what is not there
  const page = await fetch(t.url("/"));
  assert.equal(await page.text(), fs.readFileSync(path.join(root, "public", "index.html"), "utf8"));
  assert.equal((await fetch(t.url("/nothing"))).status, 404);
  assert.deepEqual(await (await fetch(t.url("/notes"))).json(), []);

  const ways = [[], [], []];
  const stop = await listen(t, ways[0]);
  const socket = await t.connect();
  socket.on("note", (note) => ways[1].push(note));
  const ws = await openWebSocket(t, ways[2]);
  ways[2].shift();
  const all = (n) => until(`${n} notes by every way`, async () => {
    await fetch(t.url("/notes"));
    return ways.every((seen) => seen.length === n);
  });

  // one note by each way, seen by all
  const created = await post(t, JSON.stringify({ text: "by \"REST\" ä" }));
  assert.equal(created.status, 201);
  assert.equal(created.headers.get("location"), "/notes/1");
  const first = { id: 1, text: "by \"REST\" ä", user: "somebody" };
  assert.deepEqual(await created.json(), first);
  socket.emit("note", "by Socket.IO");
  await all(2);
  ws.send(JSON.stringify({ text: "by WebSocket" }));
  await all(3);
  const list = await (await fetch(t.url("/notes"))).json();
  assert.deepEqual(list.map(({ id, text }) => [id, text]), [[1, first.text], [2, "by Socket.IO"], [3, "by WebSocket"]]);
  for (const seen of ways) assert.deepEqual(seen, list);
  assert.deepEqual(await (await fetch(t.url("/notes?last=2&x"))).json(), list.slice(1));

  // one of them, and what is wrong
  assert.deepEqual(await (await fetch(t.url("/notes/%31"))).json(), first);
  for (const id of ["0", "4", "x", "", "%ff"]) assert.equal((await fetch(t.url(`/notes/${id}`))).status, 404);
  for (const body of ["", "{", "{\"text\":1}", "[]"]) {
    const answer = await post(t, body);
    assert.deepEqual([answer.status, await answer.json()], [400, { error: "a note is { text }" }]);
  }
  assert.equal((await fetch(t.url("/notes"), { method: "DELETE" })).status, 405);

  // an answer that comes later; a cookie and a redirect
  const late = await fetch(t.url("/later"), { method: "POST", body: "später" });
  assert.equal(await late.text(), "später");
  const login = await fetch(t.url("/login?user=ann"), { redirect: "manual" });
  assert.deepEqual([login.status, login.headers.get("location"), login.headers.get("set-cookie")],
    [303, "/notes", "user=ann; Path=/"]);
  assert.equal((await fetch(t.url("/login?user=a%20b"))).status, 400);
  await post(t, "{\"text\":\"mine\"}", { cookie: "x=1; user=ann" });
  await all(4);
  assert.equal(ways[0][3].user, "ann");

  // who goes is forgotten; who writes nonsense is told; the others go on
  const other = [];
  const stopOther = await listen(t, other);
  stopOther();
  const bad = await openWebSocket(t, []);
  bad.send("nonsense");
  assert.equal((await bad.end)[0], 1007);
  await post(t, "{\"text\":\"last\"}");
  await all(5);
  const unanswered = fetch(t.url("/later"), { method: "POST", body: "x" }).catch(() => {});

  // the end of the server is the end of all of them, in order
  const ended = next(socket, "disconnect");
  const stopped = t.program.stop();
  await ended;
  assert.equal((await ws.end)[0], 1001);
  await until("the end of the stream", async () => {
    await new Promise(setImmediate);
    return ways[0].ended;
  });
  await stopped;
  await unanswered;
  stop();
}, { args: () => [path.join(root, "public")], modes: ["polling", "websocket"] });
