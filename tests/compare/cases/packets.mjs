// SPDX-License-Identifier: MIT
// Socket.IO packets: what the decoder takes and refuses, the states of a
// connection, connecting, events and acks.
import { compare, enter, makeFrame, post } from "../case.mjs";

// A connection that is in three namespaces, the last of which answers every
// event.
async function member(t) {
  const c = await t.client();

  await enter(c, "/custom");
  await enter(c, "/any");
  return c;
}

// Reads until the answer to a last question, which comes after everything
// that was caused before, or to the end of the connection.
async function settle(t, c) {
  await t.barrier();
  c.send("42/any,[\"state\"]");
  for (;;) {
    const frame = await c.frame();
    if (!frame || frame.opcode === 8 || `${frame.payload}` === "42/any,[\"any\",\"state\"]") return;
  }
}

function row(name, frames, options = {}) {
  compare(`packet ${name}`, options, async (t) => {
    const c = await member(t);
    // At once: what is behind an event counts, and when it comes, too.
    c.write(Buffer.concat([].concat(frames).map((frame) =>
      typeof frame === "string" ? makeFrame(1, `4${frame}`) : makeFrame(2, frame))));
    await settle(t, c);
  });
}

// -- 15.2 CONNECT ----------------------------------------------------------------------

for (const text of ["0", "0{}", "0{\"a\":1}", "0/custom", "0/custom,", "0/custom,{\"a\":1}", "0/custom{\"a\":1}",
  "0/custom?x=1,", "0/custom?x=1", "0123{}", "0/custom,123{}", "0[]", "0\"x\"", "0null", "01", "0true", "0{\"a\":1",
  "0{\"a\":1}}", "0 {}", "0{} ", "0,", "0,{}", "0/", "0/,", "0//", "0custom", "0-{}", "01-{}", "0/custom,,",
  "0/nothing,", "0/nothing", "0/\u00e4,", "0/a b,", "0/a\tb,", "0/\",", "0/\\,", `0/${"x".repeat(255)},`,
  `0/${"x".repeat(2000)},`, "0{\"__proto__\":{\"a\":1}}", "0{\"_placeholder\":true,\"num\":0}"]) {
  compare(`packet ${text.slice(0, 60)} as the first${text.length > 60 ? ` (${text.length})` : ""}`, async (t) => {
    const c = await t.socket("/socket.io/");
    c.send(`4${text}`);
    await t.barrier();
    c.send("40/any,");
    for (;;) {
      const frame = await c.frame();
      if (!frame || frame.opcode === 8 || /^40\/any,/.test(frame.payload)) return;
    }
  });
}

// -- DISCONNECT --------------------------------------------------------------------------

for (const text of ["1", "1/custom", "1/custom,", "1{}", "1[]", "1\"x\"", "1null", "1 ", "112", "1/custom,{}",
  "1/nothing,", "1/", "1,"]) {
  compare(`packet ${text}`, async (t) => {
    const c = await member(t);
    c.send(`4${text}`);
    await t.barrier();
    c.send(text.includes("custom") ? "40/custom," : "40");
    await settle(t, c);
  });
}

// -- EVENT ----------------------------------------------------------------------------------

for (const text of ["2[\"a\"]", "2/any,[\"a\"]", "2/any,[\"a\"] ", "2/any, [\"a\"]", "2/any,[ \"a\" , 1 ]",
  "2/any,[\"a\",1,null,true,{}]", "2", "2/any,", "2/any", "2 [\"message-with-ack\"]", "212[\"message-with-ack\",1]",
  "20[\"message-with-ack\"]", "21 [\"message-with-ack\"]", "2007[\"message-with-ack\"]", "2-1[\"message-with-ack\"]",
  "21e3[\"message-with-ack\"]", "20x1[\"message-with-ack\"]", "21.5[\"message-with-ack\"]", "2+1[\"message-with-ack\"]",
  "29007199254740991[\"message-with-ack\"]", "29007199254740992[\"message-with-ack\"]",
  "2299999999999999999999[\"message-with-ack\"]", `2${"9".repeat(400)}["message-with-ack"]`,
  "2/custom,12[\"message-with-ack\",\"c\"]", "2/a[\"x\"]", "2/nothing,[\"x\"]", "2/any,[1]", "2/any,[1.5]",
  "2/any,[-0]", "2/any,[1e21]", "2/any,[\"\"]", "2/any,[\"error\"]", "2/any,[\"connection\"]",
  "2/any,[\"__proto__\"]", "2/any,[\"constructor\"]", "2/any,[]", "2/any,[null]", "2/any,[true]", "2/any,[{}]",
  "2/any,[[]]", "2/any,[{\"toString\":\"foo\"}]", "2/any,{}", "2/any,\"a\"", "2/any,null", "2/any,1", "2/any,{\"0\":\"a\"}",
  "2/any,[\"connect\"]", "2/any,[\"connect_error\"]", "2/any,[\"disconnect\"]", "2/any,[\"disconnecting\"]",
  "2/any,[\"newListener\"]", "2/any,[\"removeListener\"]", "2/any,[\"Connect\"]", "2/any,[\"a\"]x", "2/any,[\"a\"][]",
  "2/any,[\"a\"", "2/any,[\"a\",]", "2/any,[,]", "2/any,['a']", "2/any,[\"a\" 1]",
  "2/any,[\"a\",{\"_placeholder\":true,\"num\":0}]", "2/any,[\"a\",{\"_placeholder\":true}]",
  `2/any,["${"n".repeat(300)}"]`, `2/any,["${"n".repeat(5000)}"]`, `2/any,["a"${",1".repeat(1000)}]`]) {
  const name = text.length > 60 ? `${text.slice(0, 40)}... (${text.length})` : text;
  row(name, text);
}

// -- ACK --------------------------------------------------------------------------------------

for (const text of ["31[]", "31[1]", "31", "3[]", "3", "31{}", "31\"x\"", "31null", "3[", "3/any,1[]", "3/nothing,1[]",
  "399999999999[]", "3-1[]", "3/any,5[1,2]"]) row(text, text);

// -- CONNECT_ERROR, unknown types ---------------------------------------------------------------

for (const text of ["4", "4{}", "4\"x\"", "4[]", "4/custom,{}", "7", "8[\"a\"]", "9", "a", "-", " ", " {}", "", "\u00e4",
  "\0", "2\0", "[]", "/any,[\"a\"]"]) row(`${JSON.stringify(text)} of no use`, text);

// -- binary --------------------------------------------------------------------------------------

const PH = (num) => `{"_placeholder":true,"num":${num}}`;
const B = (...list) => Buffer.from(list);

const BINARY = {
  "one attachment": [`51-/any,["a",${PH(0)}]`, B(1, 2, 3)],
  "two attachments": [`52-/any,["a",${PH(0)},${PH(1)}]`, B(1), B(2)],
  "two attachments in the other order": [`52-/any,["a",${PH(1)},${PH(0)}]`, B(1), B(2)],
  "nested": [`51-/any,["a",{"x":[${PH(0)}]}]`, B(1)],
  "an empty attachment": [`51-/any,["a",${PH(0)}]`, B()],
  "with an ack id": [`51-12["message-with-ack",${PH(0)}]`, B(1)],
  "with an ack id in a namespace": [`51-/custom,12["message-with-ack",${PH(0)}]`, B(1)],
  "ten attachments": [`510-/any,["a"${Array.from({ length: 10 }, (_, i) => `,${PH(i)}`).join("")}]`,
    ...Array.from({ length: 10 }, (_, i) => B(i))],
  "eleven attachments": [`511-/any,["a"]`],
  "a great many attachments": ["5999999999-/any,[\"a\"]"],
  "no attachment": ["50-/any,[\"a\"]"],
  "no number": ["5/any,[\"a\"]"],
  "an empty number": ["5-/any,[\"a\"]"],
  "a number and two dashes": ["5-1-/any,[\"a\"]"],
  "a number with a point": ["51.5-/any,[\"a\"]"],
  "nothing but the type": ["5"],
  "a number with an exponent": ["51e1-/any,[\"a\"]", B(1)],
  "a number with a blank": ["5 1-/any,[\"a\"]", B(1)],
  "a number in hex": ["50x1-/any,[\"a\"]", B(1)],
  "a number with a plus": ["5+1-/any,[\"a\"]", B(1)],
  "a number with a zero in front": ["501-/any,[\"a\"]", B(1)],
  "an attachment nobody uses": ["51-/any,[\"a\"]", B(1)],
  "the same attachment twice": [`52-/any,["a",${PH(0)},${PH(0)}]`, B(1), B(2)],
  "no data": ["51-/any,", B(1)],
  "no data and no namespace": ["51-", B(1)],
  "a placeholder out of range": [`51-/any,["a",${PH(1)}]`, B(1)],
  "a placeholder below zero": [`51-/any,["a",${PH(-1)}]`, B(1)],
  "a placeholder of text": ["51-/any,[\"a\",{\"_placeholder\":true,\"num\":\"0\"}]", B(1)],
  "a placeholder without number": ["51-/any,[\"a\",{\"_placeholder\":true}]", B(1)],
  "a placeholder with a fraction": [`51-/any,["a",${PH(0.5)}]`, B(1)],
  "a placeholder with an object": [`51-/any,["a",${PH("{}")}]`, B(1)],
  "a placeholder with null": [`51-/any,["a",${PH("null")}]`, B(1)],
  "a placeholder with splice": [`51-/any,["a",${PH("\"splice\"")}]`, B(1)],
  "a placeholder with a great number": [`51-/any,["a",${PH("1e99")}]`, B(1)],
  "a placeholder with 0.0": [`51-/any,["a",${PH("0.0")}]`, B(1)],
  "a placeholder with -0": [`51-/any,["a",${PH("-0")}]`, B(1)],
  "a placeholder that is 1": ["51-/any,[\"a\",{\"_placeholder\":1,\"num\":0}]", B(1)],
  "a placeholder that is false": ["51-/any,[\"a\",{\"_placeholder\":false,\"num\":0}]", B(1)],
  "a placeholder with more in it": ["51-/any,[\"a\",{\"_placeholder\":true,\"num\":0,\"x\":1}]", B(1)],
  "a placeholder within one": [`51-/any,["a",{"_placeholder":true,"num":0,"x":${PH(0)}}]`, B(1)],
  "a placeholder as name": [`51-/any,[${PH(0)}]`, B(1)],
  "a placeholder instead of the array": [`51-/any,${PH(0)}`, B(1)],
  "text while attachments are awaited": [`51-/any,["a",${PH(0)}]`, "2/any,[\"b\"]"],
  "a second binary event while attachments are awaited": [`51-/any,["a",${PH(0)}]`, `51-/any,["b",${PH(0)}]`],
  "binary while none is awaited": [B(1)],
  "one attachment too many": [`51-/any,["a",${PH(0)}]`, B(1), B(2)],
  "broken JSON": ["51-/any,[\"a\"", B(1)],
  "a reserved name": [`51-/any,["connect",${PH(0)}]`, B(1)],
  "an unknown namespace": [`51-/nothing,["a",${PH(0)}]`, B(1)],
  "a binary ack nobody waits for": [`61-7[${PH(0)}]`, B(1)],
  "a binary ack without id": [`61-[${PH(0)}]`, B(1)],
  "a binary ack with an object": ["61-7{}", B(1)],
  "a binary ack without attachments": ["60-7[]"],
};

for (const [name, frames] of Object.entries(BINARY)) row(`binary event: ${name}`, frames);

compare("binary event over polling, in one body", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/any");
  await s.ask();
  await s.post(`451-/any,["a",${PH(0)}]\x1ebAQID\x1e42/any,["end"]`);
  await s.drain("42/any,[\"any\",\"end\"]");
});

compare("binary event over polling, in two bodies", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/any");
  await s.ask();
  await s.post(`451-/any,["a",${PH(0)}]`);
  await s.post("bAQID\x1e42/any,[\"end\"]");
  await s.drain("42/any,[\"any\",\"end\"]");
});

compare("binary event over polling, its attachment over WebSocket", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/any");
  await s.post(`451-/any,["a",${PH(0)}]`, { quiet: 200 });
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  ws.send("5");
  ws.sendBinary(B(1, 2));
  await ws.frame();
  await ws.frame();
});

// -- 15.3 after a refusal ------------------------------------------------------------------------

compare("refusal over polling: what came before is answered", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/any");
  await s.ask();
  await s.post("42/any,[\"before\"]\x1e42{}\x1e42/any,[\"after\"]");
  await s.getter.response();
  await s.get();
});

compare("refusal over WebSocket: what came before is answered", async (t) => {
  const c = await t.client("/any");
  c.write(Buffer.concat([makeFrame(1, "42/any,[\"before\"]"), makeFrame(1, "42{}"), makeFrame(1, "42/any,[\"after\"]")]));
  for (;;) {
    const frame = await c.frame();
    if (!frame || frame.opcode === 8) return;
  }
});

// -- 15.4 states -----------------------------------------------------------------------------------

compare("state: an event before CONNECT", async (t) => {
  const c = await t.socket("/socket.io/");
  c.send("42[\"message-with-ack\"]");
  await c.frame();
});

compare("state: an event right behind CONNECT, in one segment", async (t) => {
  const c = await t.socket("/socket.io/");
  c.write(Buffer.concat([makeFrame(1, "40"), makeFrame(1, "420[\"message-with-ack\",1]")]));
  for (let i = 0; i < 3; i++) {
    const frame = await c.frame();
    if (frame.opcode === 8) return;
  }
});

compare("state: an event right behind CONNECT, in one body", async (t) => {
  const s = await t.session("/socket.io/");
  await s.ask();
  await s.post("40/any,\x1e42/any,[\"early\"]");
  await s.getter.response();
  await s.post("6");
});

compare("state: an event while the middleware decides", async (t) => {
  const c = await t.socket("/socket.io/");
  c.write(Buffer.concat([makeFrame(1, "40/guarded,{\"token\":\"good\"}"), makeFrame(1, "42/guarded,0[\"message-with-ack\",1]")]));
  for (let i = 0; i < 2; i++) {
    const frame = await c.frame();
    if (frame.opcode === 8) return;
  }
});

compare("state: a second CONNECT", async (t) => {
  const c = await member(t);
  c.send("40/any,");
  await settle(t, c);
});

compare("state: a second CONNECT while the middleware decides", async (t) => {
  const c = await t.client("/any");
  const connect = makeFrame(1, "40/guarded,{\"token\":\"good\"}");
  c.write(Buffer.concat([connect, connect]));
  const frame = await c.frame();
  if (frame.opcode === 1) await settle(t, c);
});

compare("state: DISCONNECT while the middleware decides", async (t) => {
  const c = await t.client("/any");
  c.write(Buffer.concat([makeFrame(1, "40/guarded,{\"token\":\"good\"}"), makeFrame(1, "41/guarded,")]));
  const start = performance.now();
  while (performance.now() - start < 60) await t.barrier();
  await settle(t, c);
});

compare("state: an event after the server's disconnect", async (t) => {
  const c = await member(t);
  c.send("42/custom,[\"leave-me\",false]");
  await c.frame();
  c.send("42/custom,[\"message\",1]");
  await settle(t, c);
});

compare("state: an ack after the server's disconnect", async (t) => {
  const c = await member(t);
  c.send("42/custom,[\"leave-me\",false]");
  await c.frame();
  c.send("43/custom,0[]");
  await settle(t, c);
});

compare("state: DISCONNECT after the server's disconnect", async (t) => {
  const c = await member(t);
  c.send("42/custom,[\"leave-me\",false]");
  await c.frame();
  c.send("41/custom,");
  await settle(t, c);
});

compare("state: a binary event after the server's disconnect", async (t) => {
  const c = await member(t);
  c.send("42/custom,[\"leave-me\",false]");
  await c.frame();
  c.send(`451-/custom,["message",${PH(0)}]`);
  c.sendBinary(B(1));
  await settle(t, c);
});

compare("state: an event after the client's own disconnect", async (t) => {
  const c = await member(t);
  c.send("41/custom,");
  await t.barrier();
  c.send("42/custom,[\"message\",1]");
  await settle(t, c);
});

compare("state: CONNECT after a disconnect", async (t) => {
  const c = await member(t);
  c.send("42/custom,[\"leave-me\",false]");
  await c.frame();
  c.send("40/custom,{\"again\":true}");
  await settle(t, c);
});

compare("state: DISCONNECT twice", async (t) => {
  const c = await member(t);
  c.send("41/custom,");
  await t.barrier();
  c.send("41/custom,");
  await settle(t, c);
});

compare("state: no namespace left, then another", async (t) => {
  const c = await t.client();
  c.send("41");
  await t.barrier();
  c.send("40/any,");
  await settle(t, c);
});

compare("state: DISCONNECT of the main namespace leaves the others", async (t) => {
  const c = await member(t);
  c.send("41");
  await t.barrier();
  c.send("42/custom,0[\"message-with-ack\",1]");
  await settle(t, c);
});

compare("state: a refused namespace can be asked for again", async (t) => {
  const c = await t.socket("/socket.io/");
  for (const token of ["wrong", "bare", "good"]) {
    c.send(`40/guarded,{"token":"${token}"}`);
    await c.frame();
  }
  c.send("42/guarded,0[\"message-with-ack\"]");
  await c.frame();
});

compare("state: an event for a refused namespace", async (t) => {
  const c = await t.client("/any");
  c.send("40/guarded,{}");
  await c.frame();
  c.send("42/guarded,[\"x\"]");
  await settle(t, c);
});

// -- 16 connecting ------------------------------------------------------------------------------------

compare("connect: the answer, then what the application says", async (t) => {
  const c = await t.socket("/socket.io/");
  c.send("40{\"b\":[1,{\"c\":null}],\"a\":\"\u00e4\"}");
  await c.frame();
  await c.frame();
});

compare("connect: over polling", async (t) => {
  const s = await t.session("/socket.io/");
  await s.ask();
  await s.post("40/custom,{\"a\":1}");
  await s.drain("42/custom,[\"auth\",{\"a\":1}]");
});

compare("connect: several namespaces in one body", async (t) => {
  const s = await t.session("/socket.io/");
  await s.post("40/any,\x1e40/nothing,\x1e40/guarded,{\"token\":\"bare\"}");
  await s.post("6");
  const start = performance.now();
  while (performance.now() - start < 60) await t.barrier();
  const response = await s.get({ quiet: 200 });
  for (const packet of `${response.body}`.split("\x1e").sort()) t.note(packet);
});

compare("connect: ten namespaces that do not exist", async (t) => {
  const c = await member(t);
  for (let i = 0; i < 10; i++) c.send(`40/no${i},`);
  await settle(t, c);
});

compare("connect: an id of a socket is not that of its connection", async (t) => {
  const c = await t.socket("/socket.io/");
  c.send("40");
  const frame = await c.frame({ quiet: true });
  const { sid } = JSON.parse(`${frame.payload}`.slice(2));
  t.note(`${/^[A-Za-z0-9_-]{20}$/.test(sid)} ${sid === c.sid}`);
});

// -- 17 events and acks -----------------------------------------------------------------------------

// The question of the server, with its id, which depends on what others do.
async function question(t, c, ...args) {
  c.send(`42["ask",${JSON.stringify(args).slice(1)}`);
  const frame = await c.frame({ quiet: true });
  const [, kind, id, rest] = /^4(2|5\d+-)(\d+)(.*)$/.exec(`${frame.payload}`);
  t.note(`< 4${kind}N${rest}`);
  return id;
}

compare("ack: of the server's question", async (t) => {
  const c = await t.client();
  for (const answer of ["[]", "[1]", "[null,{\"a\":[]},\"\u00e4\"]", "[[1],[2]]"]) {
    const id = await question(t, c, 10000, "what");
    c.send(`43${id}${answer}`);
    await c.frame();
  }
});

compare("ack: with bytes", async (t) => {
  const c = await t.client();
  const id = await question(t, c, 10000);
  c.send(`461-${id}[${PH(0)},1]`);
  c.sendBinary(B(1, 2));
  await c.frame();
  await c.frame();
});

compare("ack: twice, and of another namespace", async (t) => {
  const c = await t.client();
  await enter(c, "/any");
  const id = await question(t, c, 10000);
  c.send(`43/any,${id}["elsewhere"]`);
  c.send(`43${id}["first"]`);
  c.send(`43${id}["second"]`);
  await settle(t, c);
});

compare("ack: by another client", async (t) => {
  const c = await t.client();
  const other = await t.client();
  const id = await question(t, c, 10000);
  other.send(`43${id}["mine"]`);
  other.send("420[\"message-with-ack\"]");
  await other.frame();
  c.send(`43${id}["ours"]`);
  await c.frame();
});

compare("ack: too late", async (t) => {
  const c = await t.client();
  await enter(c, "/any");
  const id = await question(t, c, 50);
  await c.frame();
  c.send(`43${id}["late"]`);
  await settle(t, c);
});

compare("ack: without data", async (t) => {
  const c = await t.client();
  await enter(c, "/any");
  const id = await question(t, c, 10000);
  c.send(`43${id}`);
  await settle(t, c);
});

compare("ack: every form of the server's answers", async (t) => {
  const c = await t.client();
  await enter(c, "/custom");
  for (const text of ["420[\"message-with-ack\"]", "421[\"message-with-ack\",null]", "42/custom,7[\"message-with-ack\",1]",
    "423[\"binary-ack\"]", "42/custom,4[\"binary-ack\"]"]) {
    c.send(text);
    const frame = await c.frame();
    const count = Number((/^46(\d+)-/.exec(`${frame.payload}`) || [0, 0])[1]);
    for (let i = 0; i < count; i++) await c.frame();
  }
});

compare("event: bytes from the server", async (t) => {
  const c = await t.client();
  c.send("42[\"make-binary\",5]");
  for (let i = 0; i < 4; i++) await c.frame();
  const s = await t.session("/socket.io/");
  await s.enter();
  await s.post("42[\"make-binary\",5]", { quiet: 200 });
  await s.get();
});

compare("event: a broadcast on every transport", async (t) => {
  const c = await t.client("/custom");
  const s = await t.session("/socket.io/");
  await s.enter("/custom");
  c.send("42/custom,0[\"join\",\"compare\"]");
  await c.frame();
  await s.post("42/custom,0[\"join\",\"compare\"]", { quiet: 200 });
  await s.get();
  c.send("42/custom,1[\"in\",\"compare\",{\"x\":\"\u00e4\"}]");
  await c.frame();
  await c.frame();
  await s.get();
  c.send(`451-/custom,2["in","compare",${PH(0)}]`);
  c.sendBinary(B(9));
  for (let i = 0; i < 3; i++) await c.frame();
  await s.get();
});

compare("event: names that only the server tells are dropped by it", async (t) => {
  const c = await member(t);
  c.send("42[\"volatile\",1]");
  await settle(t, c);
});

// -- JSON ------------------------------------------------------------------------------------------------

const JSONS = ["\"\\u0000\"", "{\"\\u0000\":1}", "{\"a\\u0000b\":1,\"a\":2}", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"",
  "\"a\\ud83db\"", "{\"\\ud800\":1}", "\"\\uD83D\\uDE00\"", "12345678901234567890", "9223372036854775807", "9223372036854775808",
  "-9223372036854775808", "-9223372036854775809", "9007199254740993", "123456789012345680000", "1e400", "-1e400", "1e-400", "-0",
  "-0.0", "0.1", "1.0", "1.10", "100000000000000000000", "1000000000000000000000", "1e21", "1E5", "1e+5", "1e-5", "1e-6", "1e-7",
  "1.5e300", "5e-324", "2.2250738585072014e-308", "1.7976931348623157e308", "0.30000000000000004", "4.35", "0.000001", "123.456",
  "1e0", "-1.5", "01", "-01", "+1", ".5", "5.", "1e", "-", "0x10", "1_000", "NaN", "Infinity", "-Infinity", "undefined", "nul", "True",
  "'a'", "\"\t\"", "\"\n\"", "\"\\x41\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\", "\"abc", "\"\\/\"", "\"/\"", "\"\\b\\f\\n\\r\\t\\\"\\\\\"",
  "\"\\u0001\\u001f\\u007f\\u0080\\u2028\\u2029\\ufeff\\uffff\"", "\"\u007f\u2028\ufeff\"", "\"\\u00e4\"", "\"\u00e4\"", "\"\\u0041\"",
  "[", "]", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\":1 \"b\":2}", "{\"a\":1}{", "1 2", "/*c*/1", "//c",
  "{\"a\":1,\"a\":2}", "{\"b\":1,\"a\":2}", "{\"b\":1,\"2\":2,\"1\":1}", "{\"\":0}", "{\"__proto__\":1}", "{\"constructor\":{\"prototype\":1}}",
  "{\"toJSON\":1}", "{\"length\":5}", " \t\r\n1 \t\r\n", "\u00a01", "\ufeff1", "\u20281", "[[[[[[]]]]]]", `${"[".repeat(60)}${"]".repeat(60)}`,
  `${"[".repeat(200)}${"]".repeat(200)}`, `${"[".repeat(3000)}${"]".repeat(3000)}`, `${"{\"a\":".repeat(60)}1${"}".repeat(60)}`,
  "[".repeat(100000), "1".repeat(400), `0.${"1".repeat(400)}`, `1e${"9".repeat(50)}`, "{\"_placeholder\":true,\"num\":0}"];

JSONS.forEach((text, i) => {
  const name = `${JSON.stringify(text).slice(1, -1).slice(0, 60)}${text.length > 60 ? `... (${text.length})` : ""}`;
  row(`json ${i}: ${name}`, `2/any,["j",${text}]`);
});

for (const text of ["\xff", "a\xc0\xafb", "\xed\xa0\x80"]) {
  compare(`json over polling with bytes that are no UTF-8: ${Buffer.from(text, "latin1").toString("hex")}`, async (t) => {
    const s = await t.session("/socket.io/");
    await s.enter("/any");
    s.poster.write(post(s.target, Buffer.from(`42/any,["${text}",{"${text}":"${text}"}]`, "latin1")));
    await s.poster.response();
    await s.get();
  });
}
