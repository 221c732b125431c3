// SPDX-License-Identifier: MIT
// Engine.IO 3 and Socket.IO 2, allowed: both forms of payloads, the client's
// heartbeat, upgrades, revisions that are mixed, and how namespaces are joined.
import { about, compare, get, makeFrame, post, upgrade } from "../case.mjs";
import { hex } from "../wire.mjs";

const env = { ALLOW_EIO3: "1" };
const old = (t, query = "", path = undefined) => t.session(path, query, 3);
const oldSocket = (t, query = "", path = undefined, label = undefined) => t.socket(path, `&EIO=3${query}`, label);
const OCTETS = { headers: "Content-Type: application/octet-stream\r\n" };

// Digits of a length as bytes, between the kind and 255.
const item = (kind, data) => {
  const bytes = Buffer.from(data);

  return Buffer.concat([
    Buffer.from([kind, ...[...`${bytes.length}`].map(Number), 255]), bytes,
  ]);
};

// Reads answers and writes their bytes down; octets are no text.
async function getBytes(t, s, options) {
  const response = await s.get(options);

  if (response) t.note(`body ${hex(response.plain)}`);
}

// -- the handshake ----------------------------------------------------------------

for (const query of ["EIO=3", "EIO=3&t=abc", "", "EIO=", "EIO=2", "EIO=5", "EIO=44", "EIO=4&EIO=3", "EIO=3&EIO=4", "eio=4"]) {
  compare(`eio3: handshake of "${query}"`, { env }, async (t) => {
    await t.once(get(`/engine.io/?${query}&transport=polling`));
    const c = await t.connect();
    c.write(upgrade(`/socket.io/?${query}&transport=websocket`));
    await c.response();
    await c.frame();
  });
}

compare("eio3: what is checked before", { env }, async (t) => {
  await t.once(get("/engine.io/?EIO=3&transport=nothing"));
  await t.once(get("/engine.io/?EIO=3&transport=polling&sid=unknown"));
  await t.once(post("/engine.io/?EIO=3&transport=polling", "1:2"));
  await t.once(get("/engine.io/?EIO=3&transport=websocket"));
  await t.once(get("/socket.io/?EIO=3&transport=polling&deny=1"));
});

compare("eio3: not allowed, a handshake over polling", async (t) => {
  await t.once(get("/engine.io/?EIO=3&transport=polling"));
  await t.once(get("/engine.io/?transport=polling"));
  await t.once(get("/engine.io/?EIO=3&transport=polling&j=0"));
  await t.once(get("/socket.io/?EIO=3&transport=polling&deny=1"));
});

// -- payloads of text -------------------------------------------------------------

for (const body of ["3:4hi", "3:4hi5:4h€😀", "6:b4AQL/", "2:b4", "1:4", "0:", "0:3:4hi0:", "1:6", "1:5", "3:0hi",
  "1:61:6", "003:4hi", "5:4a:b3", "8:4\ud83d\ude00\u0000\u001e\"\\x", "3:4ä\u2028", "2:63", "5:6x1:2"]) {
  compare(`eio3: POST of ${JSON.stringify(body)}`, { env }, async (t) => {
    const s = await old(t);
    await s.post(body);
    await s.post("7:4behind");
    await getBytes(t, s);
  });
}

// What came before the bad one is echoed, and the session is gone.
for (const body of ["", ":", "4hi", "3", "3:4h", "3:4hi3", "3:4hi9:4", "2:4hi", "1:", "-1:4", "0x3:4hi", "1:7", "1:x",
  "3:4hi1:x3:4no", "99999999999999999999:4", "1:b:", "3:4hi:"]) {
  compare(`eio3: POST of what is none: ${JSON.stringify(body)}`, { env }, async (t) => {
    const s = await old(t);
    await s.ask();
    await s.post(body, { silent: true });
    await s.getter.response();
    await s.post("1:6");
  });
}

compare("eio3: the answer to what is none", { env }, async (t) => {
  const s = await old(t);
  await s.post("none");
});

// Numbers as JavaScript reads them.
for (const body of ["1e1:4234567890", " 3:4hi", "3.0:4hi", "+3:4hi"]) {
  compare(`eio3: POST with the length of ${JSON.stringify(body)}`, { env }, async (t) => {
    const s = await old(t);
    await s.ask();
    await s.post(body, { silent: true });
    await s.getter.response();
  });
}

compare("eio3: half of a character", { env }, async (t) => {
  const s = await old(t);
  await s.ask();
  await s.post("2:4\ud83d\ude002:4x", { silent: true });
  await s.getter.response();
});

compare("eio3: binary of an unknown type", { env }, async (t) => {
  const s = await old(t);
  await s.post("4:b7AA", { silent: true });
  await s.post("3:4hi", { silent: true });
  await s.getter.destroy();
});

compare("eio3: invalid UTF-8 in a POST is counted as it is read", { env }, async (t) => {
  const s = await old(t);
  s.poster.write(post(s.target, Buffer.from("3:4\xff\xfe3:4ok", "latin1")));
  await s.poster.response();
  await getBytes(t, s);
});

compare("eio3: a POST that closes", { env }, async (t) => {
  const s = await old(t);
  await s.ask();
  await s.post("3:4hi1:13:4no");
  await s.getter.response();
  await s.get();
});

compare("eio3: overlapping GETs and POSTs", { env }, async (t) => {
  const s = await old(t);
  await s.ask();
  const c = await t.connect("GET2");
  c.write(get(s.target));
  await c.response();
  await s.getter.response();
  await s.post("1:6");
});

compare("eio3: other methods, too large a POST", { env: { ...env, MAX_PAYLOAD: "100" } }, async (t) => {
  const s = await old(t);
  await t.once(`PUT ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n`);
  await t.once(post(s.target, `101:4${"x".repeat(100)}`));
  await s.post(`95:4${"x".repeat(94)}`);
  await getBytes(t, s);
});

compare("eio3: compression", { env }, async (t) => {
  const s = await old(t);
  const text = `4${"ä".repeat(1500)}`;
  await s.post(`${text.length}:${text}`);
  await getBytes(t, s, { headers: "Accept-Encoding: gzip\r\n" });
  await s.post(item(1, Buffer.alloc(2000, 4)), OCTETS);
  await getBytes(t, s, { headers: "Accept-Encoding: deflate\r\n" });
});

// -- payloads of octets -----------------------------------------------------------

for (const [name, body] of [
  ["text", item(0, "4hi")],
  ["text of more bytes than letters", item(0, "4h€😀")],
  ["binary", item(1, [4, 1, 2, 255])],
  ["binary without data", item(1, [4])],
  ["both", Buffer.concat([item(0, "4a€"), item(1, [4, 1, 2, 255]), item(0, "6")])],
  ["base64", item(0, "b4AQL/")],
  ["300 bytes", item(1, [4, ...new Array(299).fill(7)])],
  ["a length with zeros in front", Buffer.concat([Buffer.from([0, 0, 0, 3, 255]), Buffer.from("4hi")])],
]) {
  compare(`eio3: octets: ${name}`, { env }, async (t) => {
    const s = await old(t);
    await s.post(body, OCTETS);
    await getBytes(t, s);
    await s.post("3:4on");
    await getBytes(t, s);
  });
}

for (const [name, body] of [
  ["an empty packet", item(0, "")],
  ["an unknown type", item(0, "7x")],
  ["invalid UTF-8", item(0, Buffer.from([0x34, 0x80]))],
]) {
  compare(`eio3: octets that are none: ${name}`, { env }, async (t) => {
    const s = await old(t);
    await s.ask();
    await s.post(Buffer.concat([item(0, "4hi"), body, item(0, "4no")]), { ...OCTETS, silent: true });
    await s.getter.response();
    await s.post("1:6");
  });
}

// The official server finds a meaning in most of these.
for (const [name, body] of [
  ["nothing", ""],
  ["a length that is too large", Buffer.concat([item(0, "4hi"), Buffer.from([0, 9, 255, 0x34])])],
  ["no end of the length", Buffer.from([0, 3])],
  ["no length", Buffer.from([0, 255, 0x34])],
  ["a digit of 32", Buffer.from([0, 32, 255, 0x34])],
  ["a kind of 2", item(2, [4, 1])],
  ["text in place of octets", "3:4hi"],
  ["binary without its type", item(1, "")],
  ["binary of an unknown type", item(1, [9, 1])],
]) {
  compare(`eio3: octets that are spoiled: ${name}`, { env }, async (t) => {
    const s = await old(t);
    await s.ask();
    await s.post(body, { ...OCTETS, silent: true });
    const other = await t.connect("STATE");
    other.write(post(s.target, "5:4last"));
    const response = await other.response({ silent: true });
    t.note(`then ${response.status}`);
    await getBytesOf(t, s);
  });
}

async function getBytesOf(t, s) {
  const response = await s.getter.response({ silent: true });

  t.note(`body ${hex(response.plain ?? response.body)}`);
}

compare("eio3: octets with a parameter behind the type are text", { env }, async (t) => {
  const s = await old(t);
  await s.post("3:4hi", { headers: "Content-Type: application/octet-stream; x=y\r\n" });
  await getBytes(t, s);
});

compare("eio3: a client that wants base64", { env }, async (t) => {
  const s = await old(t, "&b64=1");
  await s.post(item(1, [4, 1, 2, 255]), OCTETS);
  await s.post("6:b4AAECAw==3:4hi".replace("6:b4AAECAw==", "10:b4AAECAw=="));
  await getBytes(t, s);
});

compare("eio3: text and binary in one answer", { env }, async (t) => {
  const s = await old(t);
  await s.post("6:b4AQL/5:4h€😀");
  await getBytes(t, s);
});

// -- WebSocket --------------------------------------------------------------------

compare("eio3: messages over WebSocket", { env }, async (t) => {
  const c = await oldSocket(t);
  for (const text of ["4hi", "4", "4h€😀", "b4AQL/", "b4"]) {
    c.send(text);
    await c.frame();
  }
  for (const bytes of [[4, 1, 2, 255], [4], new Array(300).fill(4)]) {
    c.sendBinary(Buffer.from(bytes));
    await c.frame();
  }
  c.send("2");
  await c.frame();
  c.send("2probe");
  await c.frame();
  c.send("5");
  c.send("6");
  c.send("0");
  c.send("4on");
  await c.frame();
});

compare("eio3: a client that wants base64 over WebSocket", { env }, async (t) => {
  const c = await oldSocket(t, "&b64=1");
  c.sendBinary(Buffer.from([4, 1, 2, 255]));
  await c.frame();
});

for (const text of ["", "7", "x", "3", "3probe"]) {
  compare(`eio3: WebSocket text ${JSON.stringify(text)}`, { env }, async (t) => {
    const c = await oldSocket(t);
    c.send(text);
    await c.frame();
    await c.goodbye();
  });
}

for (const [name, frame] of [["no bytes", makeFrame(2, "")], ["an unknown type", makeFrame(2, [9, 1])],
  ["b without a type", makeFrame(1, "b")], ["b of an unknown type", makeFrame(1, "b9AA")]]) {
  compare(`eio3: WebSocket message of ${name}`, { env }, async (t) => {
    const c = await oldSocket(t);
    c.write(frame);
    c.send("4on");
    await c.frame();
  });
}

// -- the heartbeat ----------------------------------------------------------------

compare("eio3: ping and pong over polling", { env }, async (t) => {
  const s = await old(t);
  await s.post("1:2");
  await s.get();
  await s.post("1:21:2");
  await s.get();
  await s.ask();
  await s.post("1:3", { silent: true });
  await s.getter.response();
  await s.post("1:6");
});

const quick = { ...env, PING_INTERVAL: "200", PING_TIMEOUT: "300" };

compare("eio3: a silent client", { env: quick, timed: true }, async (t) => {
  const c = await oldSocket(t);
  const start = performance.now();
  await c.frame();
  t.note(`after ${about(500, performance.now() - start, 200)}`);
});

compare("eio3: a client that only talks", { env: quick, timed: true }, async (t) => {
  const c = await oldSocket(t);
  const start = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 300));
  c.send("4hi");
  await c.frame();
  await c.frame();
  t.note(`after ${about(500, performance.now() - start, 200)}`);
});

compare("eio3: a client that pings", { env: quick, timed: true }, async (t) => {
  const c = await oldSocket(t);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const start = performance.now();
  c.send("2");
  await c.frame();
  await c.frame();
  t.note(`after ${about(500, performance.now() - start, 200)}`);
});

compare("eio3: a silent client over polling", { env: quick, timed: true }, async (t) => {
  const s = await old(t);
  const start = performance.now();
  s.write("GET");
  await s.getter.response();
  t.note(`after ${about(500, performance.now() - start, 200)}`);
});

compare("eio3: a silent client that has upgraded", { env: quick, timed: true }, async (t) => {
  const s = await old(t);
  const c = await s.candidate();
  c.send("5");
  c.send("4on");
  await c.frame();
  await c.frame({ ms: 1500 });
});

// -- upgrades ---------------------------------------------------------------------

compare("eio3: upgrade", { env }, async (t) => {
  const s = await old(t);
  const c = await s.candidate();
  await s.ask();
  c.send("2probe");
  await c.frame();
  await s.getter.response();
  await s.post("6:b4AQL/");
  c.send("5");
  await c.frame();
  c.sendBinary(Buffer.from([4, 7]));
  await c.frame();
  await s.get();
  await s.post("1:6");
});

compare("eio3: upgrade while a poll waits", { env }, async (t) => {
  const s = await old(t);
  const c = await s.candidate();
  await s.ask();
  c.send("5");
  await s.getter.response();
  c.send("4on");
  await c.frame();
});

for (const text of ["4hi", "2", "3probe", ""]) {
  compare(`eio3: a candidate that says ${JSON.stringify(text)}`, { env }, async (t) => {
    const s = await old(t);
    const c = await s.candidate();
    c.send(text);
    await c.frame();
    await s.post("3:4on");
    await getBytes(t, s);
  });
}

compare("eio3: a candidate that wants base64", { env }, async (t) => {
  const s = await old(t);
  const c = await s.candidate("WS", "&EIO=3&b64=1");
  c.send("5");
  c.sendBinary(Buffer.from([4, 7]));
  await c.frame();
});

compare("upgrade: base64 asked for at the handshake only", async (t) => {
  const s = await t.session(undefined, "&b64=1");
  const c = await s.candidate();
  c.send("5");
  c.sendBinary(Buffer.from([7]));
  await c.frame();
});

// -- both revisions ---------------------------------------------------------------

for (const [own, other] of [[3, "EIO=4"], [4, "EIO=3"], [4, ""], [3, "EIO=5"], [3, ""]]) {
  compare(`eio3: a session of ${own} and a request of "${other}"`, { env }, async (t) => {
    const s = await t.session(undefined, "", own);
    const target = `/engine.io/?${other}&transport=polling&sid=${s.sid}`;
    await t.once(post(target, own === 3 ? "3:4hi" : "4hi"));
    const c = await t.connect("WS");
    c.write(upgrade(`/engine.io/?${other}&transport=websocket&sid=${s.sid}`));
    await c.response();
    c.destroy();
    await s.state(own === 3 ? "1:6" : "6");
  });
}

// -- Socket.IO --------------------------------------------------------------------

const SIO = "/socket.io/";

// A client of Socket.IO 2 in "/", greeted.
async function oldClient(t, label) {
  const c = await oldSocket(t, "", SIO, label);

  await c.frame({ quiet: true });
  await c.frame({ quiet: true });
  return c;
}

compare("sio2: the main namespace is joined at once", { env }, async (t) => {
  const c = await oldSocket(t, "", SIO);
  await c.frame();
  await c.frame();
  c.send("420[\"handshake\"]");
  await c.frame();
  c.send("421[\"rooms\"]");
  await c.frame();
});

compare("sio2: the main namespace over polling", { env }, async (t) => {
  await t.once(get(`${SIO}?EIO=3&transport=polling`));
  const s = await old(t, "", SIO);
  await s.get();
  await s.post("20:420[\"message-with-ack\",\"€\"]".replace("20:", "27:"));
  await s.get();
  await s.post("1:1");
});

for (const name of ["/custom", "/custom,", "/custom?token=x", "/custom?token=x,", "/custom?a=1&b=2&a=3", "/custom?", "/custom?x",
  "/custom?x=%20+%C3%A4%zz", "/custom#frag", "/custom?x=1#frag", "/custom?x=a/b?c", "/custom,{\"token\":1}", "/custom?=1"]) {
  compare(`sio2: joins ${JSON.stringify(name)}`, { env }, async (t) => {
    const c = await oldClient(t);
    c.send(`40${name}`);
    await c.frame();
    await c.frame();
    c.send("42/custom,5[\"handshake\"]");
    await c.frame();
    c.send("42/custom?x=1,6[\"rooms\"]");
    await c.frame();
  });
}

for (const name of ["/nope", "/nope?x=1,", "/Custom", "/custom/", "/cust%6Fm"]) {
  compare(`sio2: joins ${JSON.stringify(name)}, which is not there`, { env }, async (t) => {
    const c = await oldClient(t);
    c.send(`40${name}`);
    await c.frame();
    c.send("420[\"transport\"]");
    await c.frame();
  });
}

// Names are URLs to the official server.
for (const name of ["/a/../custom", "/./custom", "/käse", "/a b", "//custom", "/a\\b"]) {
  compare(`sio2: joins ${JSON.stringify(name)}, which is written otherwise`, { env }, async (t) => {
    const c = await oldClient(t);
    c.send(`40${name}`);
    await c.frame();
  });
}

for (const [token, name] of [["wrong", "data"], ["bare", "its message"]]) {
  compare(`sio2: a refusal with ${name}`, { env }, async (t) => {
    const c = await oldClient(t);
    c.send(`40/guarded?token=${token}`);
    await c.frame();
    c.send("420[\"transport\"]");
    await c.frame();
  });
}

compare("sio2: admitted", { env }, async (t) => {
  const c = await oldClient(t);
  c.send("40/guarded?token=good");
  await c.frame();
  c.send("42/guarded,0[\"message-with-ack\",1]");
  await c.frame();
});

compare("sio2: events, acks and binary", { env }, async (t) => {
  const c = await oldClient(t);
  c.send("42[\"message\",1,\"two\",null,{\"a\":[]}]");
  await c.frame();
  c.send("427[\"message-with-ack\",\"€\"]");
  await c.frame();
  c.send("451-8[\"message-with-ack\",{\"_placeholder\":true,\"num\":0}]");
  c.sendBinary(Buffer.from([4, 1, 2, 3]));
  await c.frame();
  await c.frame();
  c.send("42[\"make-binary\",3]");
  for (let i = 0; i < 4; i++) await c.frame();
  c.send("42[\"ask\",5000,\"q\"]");
  await c.frame();
  c.send("430[\"yes\"]");
  await c.frame();
});

compare("sio2: binary over polling", { env }, async (t) => {
  const s = await old(t, "", SIO);
  await s.get();
  const event = "451-8[\"message-with-ack\",{\"_placeholder\":true,\"num\":0}]";
  await s.post(Buffer.concat([item(0, event), item(1, [4, 1, 2, 3])]), OCTETS);
  await getBytes(t, s);
  await s.post(`${event.length}:${event}6:b4AQID`);
  await getBytes(t, s);
});

compare("sio2: a broadcast to clients of both", { env }, async (t) => {
  const a = await oldClient(t, "OLD");
  const b = await t.client();
  for (const c of [a, b]) {
    c.send("420[\"join\",\"both\"]");
    await c.frame({ quiet: true });
  }
  a.send("42[\"in\",\"both\",\"text €\"]");
  await a.frame();
  await b.frame();
  b.send("451-[\"in\",\"both\",{\"_placeholder\":true,\"num\":0}]");
  b.sendBinary(Buffer.from([1, 2]));
  await b.frame();
  await b.frame();
  await a.frame();
  await a.frame();
});

compare("sio2: disconnects", { env }, async (t) => {
  const c = await oldClient(t);
  c.send("40/custom");
  await c.frame();
  await c.frame();
  c.send("41/custom?x=1");
  c.send("420[\"transport\"]");
  await c.frame();
  c.send("42[\"leave-me\",false]");
  await c.frame();
});

compare("sio2: the server ends the connection", { env }, async (t) => {
  const c = await oldClient(t);
  c.send("42[\"leave-me\",true]");
  await c.frame();
  await c.frame();
});

compare("sio2: namespaces that say goodbye", { env }, async (t) => {
  const c = await oldClient(t);
  c.send("40/bye");
  await c.frame();
  await c.frame();
  c.send("40/gone");
  for (let i = 0; i < 4; i++) await c.frame();
});

for (const text of ["40", "40/", "44{\"message\":\"x\"}", "42/custom,[\"x\"]", "4x", "42[\"connect\"]"]) {
  compare(`sio2: ${text} does not fit`, { env }, async (t) => {
    const c = await oldClient(t);
    c.send(text);
    await c.frame();
  });
}

compare("sio2: no time limit for who is in", { env: { ...env, CONNECT_TIMEOUT: "300" } }, async (t) => {
  const c = await oldClient(t);
  await new Promise((resolve) => setTimeout(resolve, 500));
  c.send("420[\"transport\"]");
  await c.frame();
});
