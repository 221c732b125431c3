// SPDX-License-Identifier: MIT
// Connection state recovery, byte for byte; and events that a whole room is
// to answer. Ids and offsets are random, and so they are named: <sid> and
// <pid> are those a visitor had first, <1> is the first offset that was seen.
import { compare } from "../case.mjs";

const env = { CSR: "1" };

// A client that keeps what the stock client keeps.
class Visitor {
  constructor(t, nsp = "/any") {
    this.t = t;
    this.nsp = nsp;
    this.names = [];
    this.offsets = 0;
  }

  shown(text) {
    let shown = text;

    // of two the longer first: an offset of theirs may be the beginning of another
    for (const [value, name] of [...this.names].sort(([a], [b]) => b.length - a.length)) {
      shown = shown.replaceAll(value, name);
    }
    return shown.replace(/("[sp]id":")[A-Za-z0-9_-]{20}"/g, "$1a new one\"");
  }

  // Keeps and names the ids and the offset of a text.
  keep(text) {
    const ids = text.match(/^40(?:\/[^,]*,)?\{"sid":"(.{20})","pid":"(.{20})"\}$/);
    const packet = text.match(/^4[25](?:\d-)?(?:\/[^,]*,)?(\[.*)$/);

    if (ids) {
      this.pid = ids[2];
      if (!this.names.length) this.names.push([ids[1], "<sid>"], [ids[2], "<pid>"]);
    }
    const last = packet && JSON.parse(packet[1]).at(-1);
    if (typeof last === "string" && !/^(auth|sent|state)$/.test(last) && !this.plain?.includes(last)) {
      this.offset = last;
      if (!this.names.some(([value]) => value === last)) this.names.push([last, `<${++this.offsets}>`]);
    }
  }

  // Writes down the next message.
  async read() {
    const frame = await this.c.frame({ quiet: true });

    if (!frame) return null;
    if (frame.opcode !== 1) {
      this.c.log(`< ${frame.opcode === 2 ? `binary ${frame.payload.toString("hex")}` : "close"}`);
      return null;
    }
    const text = `${frame.payload}`;
    this.keep(text);
    this.c.log(`< ${this.shown(text)}`);
    return text;
  }

  // Everything up to the answer to a last question.
  async settle() {
    await this.t.barrier();
    this.send(`2${this.prefix}99["message-with-ack"]`);
    for (;;) {
      const text = await this.read();
      if (text === null || text === `43${this.prefix}99[]`) return;
    }
  }

  get prefix() { return this.nsp === "/" ? "" : `${this.nsp},`; }

  send(text) { this.c.send(`4${text}`); }

  // A new connection, and CONNECT with this payload; up to its answer.
  async come(auth = {}) {
    this.c = await this.t.socket("/socket.io/");
    this.send(`0${this.prefix}${JSON.stringify({ ...this.also, ...auth })}`);
    for (;;) {
      const text = await this.read();
      if (text === null || text.startsWith("40")) return;
    }
  }

  back() { return this.come({ pid: this.pid, offset: this.offset }); }

  async drop() {
    this.c.destroy();
    await this.t.barrier();
  }
}

const visit = async (t, nsp) => {
  const v = new Visitor(t, nsp);

  if (nsp === "/guarded") v.also = { token: "good" };
  await v.come();
  return v;
};

// Somebody who says things to others while a visitor is away.
async function speaker(t, nsp = "/guarded") {
  const c = await t.socket("/socket.io/");

  c.send(`40${nsp},{"token":"good"}`);
  await c.frame({ quiet: true });
  return async (...event) => {
    c.send(`42${nsp},7${JSON.stringify(event)}`);
    for (;;) {
      const frame = await c.frame({ quiet: true });
      if (`${frame.payload}` === `43${nsp},7["sent"]` || `${frame.payload}`.startsWith(`43${nsp},7[`)) return;
    }
  };
}

// Cases run side by side, so that each has a room of its own.
const away = async (t, v, room) => {
  const say = await speaker(t);

  await v.settle();
  await v.drop();
  await say("to", v.names[0][0], "to its id");
  await say("to", room, "to its room");
  await say("to", `not ${room}`, "to another room");
  await say("to-except", v.names[0][0], room, "but not to its room");
  await say("to-except", room, "nobody", "nobody is left out");
  await say("to", [room, v.names[0][0], `not ${room}`], "once");
};

compare("recovery: what events end with", { env }, async (t) => {
  const v = await visit(t, "/");

  await v.read();
  v.send("2[\"message\",\"x\"]");
  v.send("2[\"message\"]");
  await v.settle();
  v.send("2[\"volatile\",1]");
  await v.settle();
  v.send("2[\"make-binary\",2]");
  v.send("27[\"message-with-ack\",\"x\"]");
  v.send("2[\"ask\",0,1]");
  await t.barrier();
  await v.settle();
});

compare("recovery: missed events come before the answer", { env }, async (t) => {
  const v = await visit(t, "/guarded");

  v.send("2/guarded,[\"message\",1]");
  v.send("2/guarded,1[\"join\",\"recovery: missed events come before the answer\"]");
  await away(t, v, "recovery: missed events come before the answer");
  await v.back();
  v.send("2/guarded,2[\"rooms\"]");
  await v.settle();
  await v.drop();
  await v.back();
  await v.settle();
});

compare("recovery: the answer to CONNECT in auth", { env }, async (t) => {
  const v = await visit(t, "/");

  await v.read();
  await v.settle();
  await v.drop();
  await v.back();
  await v.settle();
});

compare("recovery: no event was seen", { env }, async (t) => {
  const v = await visit(t, "/guarded");

  await away(t, v, "recovery: no event was seen");
  await v.come({ pid: v.pid });
  await v.settle();
});

compare("recovery: the old connection is still there", { env }, async (t) => {
  const v = await visit(t, "/guarded");
  const old = v.c;

  v.send("2/guarded,[\"message\",1]");
  await v.settle();
  await v.back();
  await v.settle();
  const frame = await old.frame({ quiet: true, ms: 500 });
  if (frame) old.log("closed");
});

compare("recovery: a pid, used twice", { env }, async (t) => {
  const v = await visit(t, "/guarded");

  v.send("2/guarded,[\"message\",1]");
  await v.settle();
  await v.drop();
  const { pid, offset } = v;
  await v.back();
  v.send("1/guarded,");
  await t.barrier();
  await v.drop();
  await v.come({ pid, offset });
  await v.settle();
});

compare("recovery: who has left by itself", { env }, async (t) => {
  const v = await visit(t, "/guarded");

  v.send("2/guarded,[\"message\",1]");
  await v.settle();
  v.send("1/guarded,");
  await t.barrier();
  await v.drop();
  await v.back();
  await v.settle();
});

for (const close of [false, true]) {
  compare(`recovery: who was sent away, ${close}`, { env }, async (t) => {
    const v = await visit(t, "/guarded");

    v.send("2/guarded,[\"message\",1]");
    await v.settle();
    v.send(`2/guarded,["leave-me",${close}]`);
    await v.read();
    await v.drop();
    await v.back();
    await v.settle();
  });
}

for (const [what, wish] of [
  ["a wrong pid", (v) => ({ pid: "x".repeat(20), offset: v.offset })],
  ["a pid that is a number", (v) => ({ pid: 1, offset: v.offset })],
  ["a wrong offset", (v) => ({ pid: v.pid, offset: "nonsense" })],
  ["an offset that is a number", (v) => ({ pid: v.pid, offset: 1 })],
  ["an offset that is null", (v) => ({ pid: v.pid, offset: null })],
]) {
  compare(`recovery: ${what}`, { env }, async (t) => {
    const v = await visit(t, "/guarded");

    v.send("2/guarded,[\"message\",1]");
    await away(t, v, `recovery: ${what}`);
    await v.come(wish(v));
    await v.settle();
  });
}

compare("recovery: too late", { env: { ...env, CSR_MS: "300" } }, async (t) => {
  const v = await visit(t, "/guarded");

  v.send("2/guarded,[\"message\",1]");
  await v.settle();
  await v.drop();
  await new Promise((resolve) => { setTimeout(resolve, 500); });
  await v.back();
  await v.settle();
});

compare("recovery: a text behind a volatile event", { env }, async (t) => {
  const v = await visit(t, "/guarded");

  v.plain = ["text"];
  v.send("2/guarded,[\"message\",1]");
  await v.settle();
  v.send("2/guarded,[\"volatile\",\"text\"]");
  await away(t, v, "recovery: a text behind a volatile event");
  await v.come({ pid: v.pid, offset: "text" });
  await v.settle();
});

// -- events that a whole room is to answer --------------------------------------

// Two in the room, and one who asks; cases run side by side, so that each has a
// room of its own.
async function quiz(t, room, ms, ...args) {
  const c = [await t.client("/custom"), await t.client("/custom"), await t.client("/custom")];

  for (const one of c.slice(0, 2)) {
    one.send(`42/custom,1["join","${room}"]`);
    await one.frame({ quiet: true });
  }
  c[2].send(`42/custom,${JSON.stringify(["ask-room", room, ms, ...args])}`);
  return c;
}

// What one of them was asked, but for the id, which all cases count together.
async function question(c) {
  const [, id, rest] = `${(await c.frame({ quiet: true })).payload}`.match(/^42\/custom,(\d+)(.*)$/);

  c.log(`< 42/custom,<id>${rest}`);
  return id;
}

for (const [what, ms, answers] of [
  ["all answer", 5000, [["1"], ["{\"x\":[2]}"]]],
  ["one has several arguments, one has none", 5000, [["\"b\",\"c\""], [""]]],
  ["one answers null, one nothing", 5000, [["null"], [""]]],
  ["one answers twice", 5000, [["1", "2"], ["3"]]],
  ["one is silent", 300, [["1"], []]],
  ["nobody answers", 300, [[], []]],
  ["no time at all", 0, [[], []]],
]) {
  compare(`question to a room: ${what}`, async (t) => {
    const c = await quiz(t, what, ms, "?", 1);

    for (const [i, list] of answers.entries()) {
      const id = await question(c[i]);

      for (const answer of list) {
        c[i].send(`43/custom,${id}[${answer}]`);
        await t.barrier();
      }
    }
    await c[2].frame();
  });
}

compare("question to a room: nobody is in it", async (t) => {
  const c = await t.client("/custom");

  c.send("42/custom,[\"ask-room\",\"nobody\",5000]");
  await c.frame();
});

compare("question to a room: bytes are answered", async (t) => {
  const c = await quiz(t, "bytes", 5000);

  for (const one of c.slice(0, 2)) {
    const id = await question(one);

    one.send(`461-/custom,${id}[{"_placeholder":true,"num":0},2]`);
    one.sendBinary(Buffer.from([1, 2]));
    await t.barrier();
  }
  await c[2].frame();
});

// Ours does not wait for who has left.
compare("question to a room: one leaves", async (t) => {
  const c = await quiz(t, "leaves", 1000);
  const id = await question(c[0]);

  await question(c[1]);
  c[0].send(`43/custom,${id}["here"]`);
  c[1].send("41/custom,");
  await c[2].frame();
});
