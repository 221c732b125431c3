// SPDX-License-Identifier: MIT
// The examples about who is there, and who may be: rooms, private messages,
// log-in, a super user.
import assert from "node:assert/strict";
import { next } from "../deadline.mjs";
import { example } from "../examples.mjs";
import { ask, record } from "../stock.mjs";

const modes = ["polling", "websocket"];
// Its own answer comes behind what was sent to it before.
const settled = (...sockets) => Promise.all(sockets.map((socket) => ask(socket, "join", "own")));

example("rooms", async (t) => {
  const [ann, bob, eve] = await Promise.all([t.connect(), t.connect(), t.connect()]);
  const seen = [ann, bob, eve].map((socket) => record(socket, "said", "joined", "left"));
  assert.deepEqual(await ask(ann, "join", "kitchen"), [[ann.id, "kitchen"]]);
  await ask(bob, "join", "kitchen");
  await ask(bob, "join", "cellar");
  await ask(eve, "join", "cellar");
  ann.emit("say", "kitchen", "tea?");
  eve.emit("say", "kitchen", "not heard");
  await settled(ann, bob, eve);
  const own = (list) => list.filter(([, room]) => room !== "own");
  assert.deepEqual(own(seen[0]), [["joined", "kitchen", bob.id]]);
  assert.deepEqual(own(seen[1]), [["joined", "cellar", eve.id], ["said", "kitchen", "tea?"]]);
  assert.deepEqual(own(seen[2]), []);
  seen.forEach((list) => { list.length = 0; });
  await ask(ann, "join", "asleep");
  eve.emit("shout", "kitchen", "cellar", "fire");
  await settled(eve);
  await settled(ann, bob, eve);
  assert.deepEqual(own(seen[0]), []);
  assert.deepEqual(own(seen[1]), [["said", "everywhere", "fire"]]);
  assert.deepEqual(own(seen[2]), [["said", "everywhere", "fire"]]);
  const left = next(bob, "left");
  const [rooms] = await ask(ann, "leave", "kitchen");
  assert.deepEqual(rooms.sort(), [ann.id, "asleep", "own"].sort());
  assert.deepEqual(await left, ["kitchen", ann.id]);
  bob.emit("say", "kitchen", "anybody?");
  await settled(bob);
  await settled(ann);
  assert.deepEqual(own(seen[0]), []);
  const gone = next(bob, "left");
  const { id } = eve;
  eve.disconnect();
  assert.equal((await gone)[1], id);
}, { modes });

example("private", async (t) => {
  assert.match((await t.refusal({})).message, /^a name, please/);
  assert.match((await t.refusal({ user: "" })).message, /^a name, please/);
  const login = (user) => t.connect("", { auth: { user } });
  const [ann, bob, window2, eve] = [await login("ann"), await login("bob"), await login("bob"), await login("eve")];
  const overheard = record(eve, "private");
  const both = Promise.all([next(bob, "private"), next(window2, "private")]);
  assert.deepEqual(await ask(ann, "private", "bob", "psst"), [{ delivered: 2 }]);
  assert.deepEqual(await both, [["ann", "psst"], ["ann", "psst"]]);
  assert.deepEqual(await ask(ann, "private", "zoe", "psst"), [{ error: "nobody of that name" }]);
  assert.deepEqual(await ask(ann, "private", "bob"), [{ error: "to whom, and what?" }]);
  /* an id is no name, though it is a room */
  assert.deepEqual(await ask(ann, "private", bob.id, "psst"), [{ error: "nobody of that name" }]);
  window2.disconnect();
  const answer = next(ann, "private");
  assert.deepEqual(await ask(bob, "private", "ann", "yes?"), [{ delivered: 1 }]);
  assert.deepEqual(await answer, ["bob", "yes?"]);
  await ask(eve, "private", "nobody", "");
  assert.deepEqual(overheard, []);
});

example("login", async (t) => {
  const told = async (auth) => {
    const { message, data: { reason } } = await t.refusal(auth);
    return [message, reason];
  };
  assert.deepEqual(await told({}), ["please log in", "missing"]);
  assert.deepEqual(await told({ user: "ann", password: 7 }), ["please log in", "missing"]);
  const wrong = ["wrong name or password", "wrong"];
  assert.deepEqual(await told({ user: "zoe", password: "apple" }), wrong);
  for (const password of ["apple ", "", "appleapple"]) assert.deepEqual(await told({ user: "ann", password }), wrong);
  assert.deepEqual(await told({ user: "ann", password: "apple" }), ["too many tries", "locked"]);
  assert.deepEqual(await told({ user: "bob", password: "b" }), wrong);
  for (const logins of [1, 2]) {
    const bob = await t.connect("", { auth: { user: "bob", password: "banana" } });
    assert.deepEqual(await ask(bob, "whoami"), ["bob", logins]);
  }
});

example("ban", async (t) => {
  const login = (user, secret) => t.connect("", { auth: secret ? { user, secret } : { user } });
  const root = await login("root", "open sesame");
  const [ann, window2, bob] = [await login("ann"), await login("ann"), await login("bob", "abracadabra")];
  assert.deepEqual(await ask(bob, "ban", "root", "mean"), [{ error: "you are not the super user" }]);
  const said = next(ann, "said");
  bob.emit("say", "hi");
  assert.deepEqual(await said, ["hi"]);
  const told = [ann, window2].flatMap((socket) => [next(socket, "banned"), next(socket, "disconnect")]);
  assert.deepEqual(await ask(root, "ban", "ann", "shouting"), [["ann"]]);
  const [why, [reason], why2, [reason2]] = await Promise.all(told);
  assert.deepEqual([why, why2], [["shouting"], ["shouting"]]);
  assert.deepEqual([reason, reason2], ["io server disconnect", "io server disconnect"]);
  const refusal = await t.refusal({ user: "ann" });
  assert.equal(refusal.message, "banned");
  assert.deepEqual(refusal.data, { why: "shouting" });
  assert.equal((await t.refusal({ user: "ann", secret: "guess" })).message, "banned");
  assert.deepEqual(await ask(root, "unban", "ann"), [[]]);
  const back = await login("ann");
  assert.ok(back.connected && bob.connected);
}, { args: () => ["open sesame"] });
