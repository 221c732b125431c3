// SPDX-License-Identifier: MIT
// Rooms and broadcasts: who gets what, and who does not.
import { next } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { ask, record, settled } from "../stock.mjs";

// Four sockets; a and b are in "one", b and c in "two", d in none.
async function four(t, nsp = "/") {
  const sockets = await Promise.all(["a", "b", "c", "d"].map(() => t.connect(nsp)));
  const [a, b, c] = sockets;

  await Promise.all([
    ask(a, "join", "one"),
    ask(b, "join", ["one", "two"]),
    ask(c, "join", "two"),
  ]);
  const seen = sockets.map((socket) => record(socket, "room-msg", "broadcast-msg", "all-msg"));

  // what each socket got since the last time, as a word of their letters
  const who = async () => {
    await settled(...sockets);
    const word = seen.map((list, i) => "abcd"[i].repeat(list.length)).join("");
    const args = seen.flat();
    seen.forEach((list) => { list.length = 0; });
    return [word, args];
  };
  return { sockets, who };
}

test("rooms: join, leave, list and count", async (t) => {
  const a = await t.connect();
  const b = await t.connect();

  t.assert.deepEqual(await ask(a, "rooms"), [["<own>"]]);
  t.assert.deepEqual(await ask(a, "join", "x"), ["joined"]);
  t.assert.deepEqual(await ask(a, "join", ["ä", "x", ""]), ["joined"]);
  t.assert.deepEqual(await ask(a, "rooms"), [["", "<own>", "x", "ä"]]);
  t.assert.deepEqual(await ask(b, "join", "x"), ["joined"]);
  t.assert.deepEqual(await ask(b, "room-size", "x"), [2]);
  t.assert.deepEqual(await ask(a, "leave", "x"), ["left"]);
  t.assert.deepEqual(await ask(a, "leave", "never joined"), ["left"]);
  t.assert.deepEqual(await ask(b, "room-size", "x"), [1]);
  t.assert.deepEqual(await ask(b, "room-size", "nobody"), [0]);
  t.assert.deepEqual(await ask(a, "room-size", b.id), [1]);
});

test("rooms: a socket that is gone is in no room", async (t) => {
  const a = await t.connect();
  const b = await t.connect();

  await ask(b, "join", "left-behind");
  t.assert.deepEqual(await ask(a, "room-size", "left-behind"), [1]);
  b.emit("leave-me", false);
  await next(b, "disconnect");
  t.assert.deepEqual(await ask(a, "room-size", "left-behind"), [0]);
});

test("rooms: to, in, except and all of their mixtures", async (t) => {
  const { sockets: [a, b, c, d], who } = await four(t);
  const cases = [
    [a, ["to", "one", 1], "b", "room-msg"],
    [d, ["to", "one", 1], "ab", "room-msg"],
    [d, ["to", ["one", "two"], 1], "abc", "room-msg"],
    [b, ["to", ["one", "two"], 1], "ac", "room-msg"],
    [d, ["to", "nobody", 1], "", "room-msg"],
    [a, ["in", "one", 1], "ab", "room-msg"],
    [d, ["in", ["two", "one"], 1], "abc", "room-msg"],
    [a, ["except", "one", 1], "cd", "room-msg"],
    [a, ["except", "nobody", 1], "abcd", "room-msg"],
    [d, ["to-except", "one", "two", 1], "a", "room-msg"],
    [a, ["to-except", "one", "two", 1], "", "room-msg"],
    [d, ["to-except", "two", "one", 1], "c", "room-msg"],
    [a, ["broadcast", 1], "bcd", "broadcast-msg"],
    [d, ["broadcast", 1], "abc", "broadcast-msg"],
    [a, ["to", b.id, 1], "b", "room-msg"],
    [a, ["to", a.id, 1], "", "room-msg"],
    [a, ["in", a.id, 1], "a", "room-msg"],
    [a, ["in", [b.id, c.id, b.id], 1], "bc", "room-msg"],
    [a, ["except", c.id, 1], "abd", "room-msg"],
  ];

  for (const [socket, emit, word, event] of cases) {
    t.assert.deepEqual(await ask(socket, ...emit), ["sent"]);
    const [got, args] = await who();
    t.assert.equal(got, word, JSON.stringify(emit));
    for (const one of args) t.assert.deepEqual(one, [event, 1]);
  }
  a.emit("all", "x", { y: "z" });
  await settled(a);
  const [got, args] = await who();
  t.assert.equal(got, "abcd");
  for (const one of args) t.assert.deepEqual(one, ["all-msg", "x", { y: "z" }]);
});

test("rooms: of one namespace are not those of another", async (t) => {
  const root = await four(t, "/");
  const custom = await four(t, "/custom");

  await ask(root.sockets[3], "in", ["one", "two"], "r");
  t.assert.deepEqual((await custom.who())[0], "");
  t.assert.deepEqual((await root.who())[0], "abc");
  await ask(custom.sockets[3], "broadcast", "c");
  t.assert.deepEqual((await root.who())[0], "");
  t.assert.deepEqual((await custom.who())[0], "abc");
});

test("rooms: sockets pulled in, pushed out and kicked", async (t) => {
  const { sockets: [a, b, c, d], who } = await four(t);

  t.assert.deepEqual(await ask(d, "pull", "one", "three"), ["pulled"]);
  t.assert.deepEqual(await ask(d, "room-size", "three"), [2]);
  t.assert.deepEqual(await ask(a, "rooms"), [["<own>", "one", "three"]]);
  t.assert.deepEqual(await ask(d, "push-out", "two", "three"), ["pushed"]);
  await ask(d, "in", "three", 1);
  t.assert.equal((await who())[0], "a");
  const gone = Promise.all([next(b, "disconnect"), next(c, "disconnect")]);
  t.assert.deepEqual(await ask(d, "kick", "two", false), ["kicked"]);
  t.assert.deepEqual((await gone).map(([reason]) => reason),
    ["io server disconnect", "io server disconnect"]);
  t.assert.deepEqual(await ask(a, "room-size", "one"), [1]);
  t.assert.deepEqual(await ask(d, "room-size", "two"), [0]);
});

test("rooms: many members, each gets each broadcast once and in order", async (t) => {
  const sockets = await Promise.all(Array.from({ length: 12 }, () => t.connect()));
  const seen = sockets.map((socket) => record(socket, "room-msg"));

  await Promise.all(sockets.map((socket) => ask(socket, "join", "crowd")));
  for (let i = 0; i < 50; i++) sockets[0].emit("in", "crowd", i);
  await settled(sockets[0]);
  await settled(...sockets);
  for (const list of seen) {
    t.assert.deepEqual(list, Array.from({ length: 50 }, (_, i) => ["room-msg", i]));
  }
});
