// SPDX-License-Identifier: MIT
// The life of a session: heartbeats, closing, and what each packet does on
// each transport.
import { about, compare, enter, get, makeFrame, post } from "../case.mjs";

// -- 5 ids -----------------------------------------------------------------------------

compare("ids are 20 letters and differ", async (t) => {
  const ids = new Set();
  for (let i = 0; i < 20; i++) {
    const s = await t.session();
    ids.add(s.sid);
    if (!/^[A-Za-z0-9_-]{20}$/.test(s.sid)) t.note(`strange id ${s.sid}`);
  }
  t.note(`${ids.size} ids`);
});

compare("options show in the open packet", {
  env: { PING_INTERVAL: "1234", PING_TIMEOUT: "567", MAX_PAYLOAD: "89" },
}, async (t) => {
  await t.once(get("/socket.io/?EIO=4&transport=polling"));
  await t.once(get("/engine.io/?EIO=4&transport=polling"));
});

// -- 8 heartbeats -------------------------------------------------------------------------

const now = () => performance.now();
const BEAT = { timed: true, env: { PING_INTERVAL: "400", PING_TIMEOUT: "600" } };

compare("heartbeat: over WebSocket", BEAT, async (t) => {
  let start = now();
  const c = await t.socket();
  for (let i = 0; i < 3; i++) {
    await c.frame();
    t.note(`after ${about(400, now() - start)}`);
    start = now();
    c.send("3");
  }
});

compare("heartbeat: over polling", BEAT, async (t) => {
  let start = now();
  const s = await t.session();
  for (let i = 0; i < 3; i++) {
    await s.get();
    t.note(`after ${about(400, now() - start)}`);
    start = now();
    await s.post("3");
  }
});

compare("heartbeat: the next ping counts from the pong", BEAT, async (t) => {
  const c = await t.socket();
  await c.frame();
  const start = now();
  while (now() - start < 200) await t.barrier();
  c.send("3");
  const pong = now();
  await c.frame();
  t.note(`after ${about(400, now() - pong)}`);
});

compare("heartbeat: no pong over WebSocket", BEAT, async (t) => {
  const c = await t.socket();
  await c.frame();
  const start = now();
  await c.frame();
  t.note(`after ${about(600, now() - start)}`);
  await c.goodbye();
});

compare("heartbeat: no pong over polling, a GET waits", BEAT, async (t) => {
  const start = now();
  const s = await t.session();
  await s.get();
  await s.get();
  t.note(`after ${about(1000, now() - start)}`);
  await s.get();
});

compare("heartbeat: nobody asks over polling", BEAT, async (t) => {
  const start = now();
  const s = await t.session();
  const other = await t.connect("STATE");
  for (;;) {
    other.write(post(s.target, "6"));
    const response = await other.response({ quiet: 200 });
    if (response.status !== 200) break;
  }
  t.note(`gone after ${about(1000, now() - start)}`);
});

compare("heartbeat: a ping waits for the next GET", BEAT, async (t) => {
  const start = now();
  const s = await t.session();
  while (now() - start < 700) await t.barrier();
  await s.get();
  await s.post("3");
  await s.state();
});

compare("heartbeat: packets while a pong is awaited extend it once", BEAT, async (t) => {
  const c = await t.socket();
  await c.frame();
  const start = now();
  while (now() - start < 300) await t.barrier();
  c.send("6");
  await t.barrier();
  while (now() - start < 500) await t.barrier();
  c.send("6");
  await c.frame();
  t.note(`after ${about(900, now() - start)}`);
});

compare("heartbeat: an unsolicited pong", BEAT, async (t) => {
  const start = now();
  const c = await t.socket();
  while (now() - start < 250) await t.barrier();
  c.send("3");
  await c.frame();
  const ms = now() - start;
  t.note(`after ${ms < 550 ? about(400, ms) : about(650, ms)}`);
});

compare("heartbeat: a pong with data", BEAT, async (t) => {
  const c = await t.socket();
  await c.frame();
  c.send("3whatever");
  c.send("4x");
  await c.frame();
  await c.frame();
});

compare("heartbeat: it goes on over WebSocket after the upgrade", BEAT, async (t) => {
  const start = now();
  const s = await t.session();
  const ws = await s.upgrade();
  await ws.frame();
  t.note(`after ${about(400, now() - start)}`);
  ws.send("3");
  await ws.frame();
});

compare("heartbeat: the wrong direction", async (t) => {
  for (const packet of ["2", "2probe", "2x"]) {
    const c = await t.socket();
    c.send(packet);
    await c.frame();
    await c.goodbye();
  }
});

// -- 10 closing -----------------------------------------------------------------------------

compare("close: a close frame of the client", async (t) => {
  for (const payload of ["", "\x03\xe8", "\x03\xe8bye"]) {
    const c = await t.socket();
    c.write(makeFrame(8, Buffer.from(payload, "latin1")));
    await c.frame();
    await c.closed();
  }
});

compare("close: the text 1 over WebSocket", async (t) => {
  const c = await t.socket();
  c.send("1");
  c.send("4x");
  const frame = await c.frame();
  if (frame && frame.opcode === 8) await c.goodbye();
});

compare("close: by the server over WebSocket", async (t) => {
  const c = await t.client();
  c.send("42[\"leave-me\",true]");
  await c.frame();
  await c.frame();
  await c.goodbye();
});

compare("close: by the server over WebSocket, with much queued", async (t) => {
  const c = await t.client();
  c.send("42[\"burst\",50]");
  c.send("42[\"big\",200000]");
  c.send("42[\"leave-me\",true]");
  for (let i = 0; i < 53; i++) await c.frame();
});

compare("close: by the server over polling, with much queued", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter();
  await s.post("42[\"burst\",50]\x1e42[\"leave-me\",true]");
  await s.get();
  await s.get();
  await s.get();
});

compare("close: by the server at once, a namespace says goodbye", async (t) => {
  const c = await t.socket("/socket.io/");
  c.send("40/gone,");
  for (let i = 0; i < 3; i++) await c.frame();
});

compare("close: what comes after is ignored", async (t) => {
  const c = await t.socket();
  c.write(Buffer.concat([makeFrame(1, "x"), makeFrame(1, "4late"), makeFrame(2, "late")]));
  await c.frame();
  await c.goodbye();
});

// -- 11 each packet on each transport ------------------------------------------------------------

const PACKETS = ["0", "0{}", "1", "1x", "3", "3probe", "4", "4x", "5", "5x", "6", "6x", "bAQID", "b", "",
  "7", "9", "x", " 4x", "\x1e", "4a\x1e4b", "04", "-1"];

for (const packet of PACKETS) {
  compare(`packet ${JSON.stringify(packet)} over WebSocket`, async (t) => {
    const c = await t.socket();
    c.send(packet);
    c.send("4state");
    for (;;) {
      const frame = await c.frame();
      if (!frame || frame.opcode === 8 || `${frame.payload}` === "4state") break;
    }
  });
}

for (const [name, frame] of Object.entries({
  "empty binary": makeFrame(2, ""),
  "binary": makeFrame(2, "4x"),
  "binary of one zero": makeFrame(2, "\0"),
})) {
  compare(`packet ${name} over WebSocket`, async (t) => {
    const c = await t.socket();
    c.write(frame);
    await c.frame();
  });
}

// -- 18 what the application hears -------------------------------------------------------------------

let serial = 0;

// Joins with a key of its own, does something, and writes down the reason
// that the application was told.
async function reason(t, key, boss) {
  for (;;) {
    boss.send(`420["reason","${key}"]`);
    const frame = await boss.frame({ quiet: true });
    if (!frame) throw new Error("no answer to the question for the reason");
    const answer = `${frame.payload}`;
    if (answer !== "430[null]") {
      t.note(`reason ${answer.slice(3)}`);
      return;
    }
    await t.barrier();
  }
}

const OVER_SOCKET = {
  "a DISCONNECT packet": (c) => c.send("41"),
  "the server's disconnect": (c) => c.send("42[\"leave-me\",false]"),
  "the server's disconnect with the connection": (c) => c.send("42[\"leave-me\",true]"),
  "a close frame": (c) => c.write(makeFrame(8, "")),
  "the end of the connection": (c) => c.destroy(),
  "a reset": (c) => c.reset(),
  "an unmasked frame": (c) => c.write(makeFrame(1, "6", { mask: false })),
  "reserved bits": (c) => c.write(makeFrame(1, "6", { rsv: 4 })),
  "bytes that are no UTF-8": (c) => c.write(makeFrame(1, Buffer.from([0x34, 0xff]))),
  "a message beyond the limit": (c) => c.write(makeFrame(1, "4x", { announce: 2000000 })),
  "a ping": (c) => c.send("2"),
  "rubbish": (c) => c.send("x"),
  "a packet that is none": (c) => c.send("4x"),
  "an event that is none": (c) => c.send("42{}"),
  "an event for a namespace it is not in": (c) => c.send("42/custom,[\"message\"]"),
  "a second CONNECT": (c) => c.send("40"),
  "a CONNECT_ERROR": (c) => c.send("44"),
  "the text 1": (c) => { c.send("1"); c.write(makeFrame(8, "")); },
};

for (const [name, act] of Object.entries(OVER_SOCKET)) {
  compare(`reason over WebSocket: ${name}`, async (t) => {
    const key = `w${++serial}`;
    const boss = await t.client();
    const c = await t.client("/", `{"key":"${key}"}`);
    act(c);
    await reason(t, key, boss);
  });
}

const OVER_POLLING = {
  "a DISCONNECT packet": (s) => s.post("41", { quiet: 200 }),
  "the server's disconnect with the connection": async (s) => {
    await s.post("42[\"leave-me\",true]", { quiet: 200 });
    await s.get();
    await s.get();
  },
  "a close packet": (s) => s.post("1", { quiet: 200 }),
  "a waiting GET that goes away": async (s) => {
    await s.ask();
    s.getter.destroy();
  },
  "a GET while a GET waits": async (s) => {
    await s.ask();
    s.poster.write(get(s.target));
  },
  "a POST that goes away": async (s, t) => {
    s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
    await t.barrier();
    s.poster.destroy();
  },
  "a ping": (s) => s.post("2", { quiet: 200 }),
  "application/octet-stream": (s) => s.post("4", { headers: "Content-Type: application/octet-stream\r\n" }),
  "rubbish": (s) => s.post("x", { quiet: 200 }),
  "a packet that is none, a GET waits": async (s) => {
    await s.ask();
    await s.post("4x", { quiet: 200 });
    await s.getter.response();
  },
  "a packet that is none, nothing waits": async (s) => {
    await s.post("4x", { quiet: 200 });
    await s.get();
    await s.get();
  },
  "an event for a namespace it is not in, a GET waits": async (s) => {
    await s.ask();
    await s.post("42/custom,[\"message\"]", { quiet: 200 });
    await s.getter.response();
  },
  "an event for a namespace it is not in, nothing waits": async (s) => {
    await s.post("42/custom,[\"message\"]", { quiet: 200 });
    await s.get();
    await s.get();
  },
};

for (const [name, act] of Object.entries(OVER_POLLING)) {
  compare(`reason over polling: ${name}`, async (t) => {
    const key = `p${++serial}`;
    const boss = await t.client();
    const s = await t.session("/socket.io/");
    await s.enter("/", `{"key":"${key}"}`);
    await act(s, t);
    await reason(t, key, boss);
  });
}

for (const transport of ["WebSocket", "polling"]) {
  compare(`reason over ${transport}: no pong`, { env: { PING_INTERVAL: "300", PING_TIMEOUT: "300" } }, async (t) => {
    const key = `n${++serial}`;
    const start = now();
    if (transport === "polling") {
      const s = await t.session("/socket.io/");
      await s.enter("/", `{"key":"${key}"}`);
    } else {
      await t.client("/", `{"key":"${key}"}`);
    }
    while (now() - start < 900) await t.barrier();
    await reason(t, key, await t.client());
  });
}

compare("reason: every namespace of a connection", async (t) => {
  const boss = await t.client();
  const c = await t.client("/", "{\"key\":\"all 1\"}");
  await enter(c, "/custom", "{\"key\":\"all 2\"}");
  c.destroy();
  await reason(t, "all 1", boss);
  await reason(t, "all 2", boss);
});

// -- the time to join a namespace -------------------------------------------------------------------

const JOIN = { timed: true, env: { CONNECT_TIMEOUT: "400" } };

compare("connect timeout: over WebSocket", JOIN, async (t) => {
  const start = now();
  const c = await t.socket("/socket.io/");
  await c.frame();
  t.note(`after ${about(400, now() - start)}`);
});

compare("connect timeout: over polling", JOIN, async (t) => {
  const start = now();
  const s = await t.session("/socket.io/");
  await s.get();
  t.note(`after ${about(400, now() - start)}`);
  await s.get();
});

compare("connect timeout: a refused namespace does not count", JOIN, async (t) => {
  const start = now();
  const c = await t.socket("/socket.io/");
  c.send("40/nothing,");
  await c.frame();
  await c.frame();
  t.note(`after ${about(400, now() - start)}`);
});

compare("connect timeout: a namespace that was joined and left counts", JOIN, async (t) => {
  const c = await t.client();
  c.send("41");
  const start = now();
  while (now() - start < 600) await t.barrier();
  c.send("40");
  await c.frame();
});
