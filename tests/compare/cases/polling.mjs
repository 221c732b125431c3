// SPDX-License-Identifier: MIT
// HTTP long-polling: GET, POST, their overlaps and compression.
import { compare, get, post } from "../case.mjs";

// -- 2.1 GET ----------------------------------------------------------------------

compare("GET waits until there is something", async (t) => {
  const s = await t.session();
  await s.ask();
  await s.post("4first");
  await s.getter.response();
  await s.post("4second");
  await s.post("4third");
  await s.get();
  await s.getter.fate();
});

for (const [name, agent] of [["MSIE", "Mozilla/4.0 (compatible;MSIE 7.0)"], ["Trident", "Mozilla/5.0 (Trident/7.0)"],
  ["another browser", "Mozilla/5.0 MSIE"]]) {
  compare(`GET by ${name}`, async (t) => {
    const headers = `User-Agent: ${agent}\r\n`;
    await t.once(get("/socket.io/?EIO=4&transport=polling", headers));
    const s = await t.session();
    await s.post("4x", { headers: `Content-Type: text/plain\r\n${headers}` });
    await s.get({ headers });
  });
}

compare("GET: the client goes away while it waits", async (t) => {
  const s = await t.session();
  await s.ask();
  s.getter.destroy();
  await t.barrier();
  await s.post("4x");
  await s.poster.fate();
});

compare("GET: the client resets while it waits", async (t) => {
  const s = await t.session();
  await s.ask();
  s.getter.reset();
  await t.barrier();
  await s.post("4x");
});

compare("GET on a connection, POST on the same one, then away", async (t) => {
  const s = await t.session();
  const c = await t.connect();
  for (let i = 0; i < 3; i++) {
    c.write(post(s.target, `4${i}`));
    await c.response();
    c.write(get(s.target));
    await c.response();
  }
  await c.fate();
  c.destroy();
  await s.state();
});

// -- 2.2 POST ---------------------------------------------------------------------

const TYPES = {
  "of no type": "",
  "of type text/plain": "Content-Type: text/plain\r\n",
  "of type application/json": "Content-Type: application/json\r\n",
  "of type application/x-www-form-urlencoded": "Content-Type: application/x-www-form-urlencoded\r\n",
  "of type application/octet-stream": "Content-Type: application/octet-stream\r\n",
  "of type application/octet-stream with a parameter": "Content-Type: application/octet-stream; x=y\r\n",
  "of type APPLICATION/OCTET-STREAM": "Content-Type: APPLICATION/OCTET-STREAM\r\n",
  "of another charset": "Content-Type: text/plain; charset=latin1\r\n",
  "with a Content-Encoding": "Content-Encoding: gzip\r\n",
  "with an Origin": "Origin: http://other.example\r\n",
};

for (const [name, headers] of Object.entries(TYPES)) {
  compare(`POST ${name}`, async (t) => {
    const s = await t.session();
    await s.post("4x", { headers });
    await s.poster.fate();
    await s.state();
  });
}

compare("POST of application/octet-stream that is never finished", async (t) => {
  const s = await t.session();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Type: application/octet-stream\r\nContent-Length: 10\r\n\r\n4x`);
  await s.poster.response();
  await s.state();
});

// What becomes of a body: the answer, what was echoed, and the session.
const BODIES = {
  "one message": "4a",
  "three messages": "4a\x1e4b\x1e4c",
  "text and binary": "4a\x1ebAQID\x1e4b",
  "an empty body": "",
  "a separator alone": "\x1e",
  "a separator behind": "4a\x1e",
  "a separator in front": "\x1e4a",
  "two separators": "4a\x1e\x1e4b",
  "a type that is none": "4a\x1e9\x1e4b",
  "a letter": "4a\x1ex\x1e4b",
  "only rubbish": "abc",
  "bytes that are no UTF-8": Buffer.from([0x34, 0x61, 0xff, 0xfe, 0x62]),
  "half of a character at the end": Buffer.from([0x34, 0xe2, 0x82]),
  "an overlong character": Buffer.from([0x34, 0xc0, 0xaf, 0x61]),
  "a surrogate in UTF-8": Buffer.from([0x34, 0xed, 0xa0, 0x80, 0x61]),
  "a code point too large": Buffer.from([0x34, 0xf4, 0x90, 0x80, 0x80, 0x61]),
  "broken bytes one after the other": Buffer.from([0x34, 0xf0, 0x9f, 0x98, 0xe2, 0x82, 0xf0, 0x90, 0x80, 0xff]),
  "a byte order mark": "\ufeff4a",
  "a byte order mark in a message": "4\ufeffa",
  "a NUL": "4a\0b",
  "an empty message": "4",
  "base64 with padding": "bYQ==",
  "base64 without padding": "bYQ",
  "base64 with the letters of URLs": "b-_-_",
  "base64 with rubbish": "bA!Q@I#D",
  "base64 with a blank": "bAQ ID",
  "base64 with padding inside": "bYQ==YQ==",
  "base64 of one letter": "bA",
  "base64 of nothing": "b",
  "a noop": "6",
  "an open packet": "0",
  "an upgrade packet": "5",
  "a pong": "3",
  "a pong with data": "3probe",
  "a message behind a pong": "3\x1e4a",
  "a message behind a close": "1\x1e4a",
};

for (const [name, body] of Object.entries(BODIES)) {
  compare(`POST of ${name}`, async (t) => {
    const s = await t.session();
    await s.ask();
    await s.post(body);
    await s.poster.fate();
    const { status } = await s.post("4state", { quiet: 200 });
    if (status === 200) await s.drain("4state");
    else await s.getter.response();
  });
}

compare("POST of a packet that closes, nothing waits", async (t) => {
  const s = await t.session();
  await s.post("1");
  await s.get();
  await s.post("4x");
});

compare("POST of a packet that pings, nothing waits", async (t) => {
  const s = await t.session();
  await s.post("2");
  await s.get();
});

compare("POST of a packet that pings, a GET waits", async (t) => {
  const s = await t.session();
  await s.ask();
  await s.post("2");
  await s.getter.response();
  await s.get();
});

const LIMIT = { env: { MAX_PAYLOAD: "100" } };
const LONG = { exactly: 100, "one byte more than": 101, "much more than": 100000 };

for (const [name, n] of Object.entries(LONG)) {
  compare(`POST of ${name} the limit`, LIMIT, async (t) => {
    const s = await t.session();
    await s.post(`4${"x".repeat(n - 1)}`);
    await s.poster.fate();
    await s.state();
    await s.get();
  });

  compare(`POST of ${name} the limit, in chunks`, LIMIT, async (t) => {
    const s = await t.session();
    const body = `4${"x".repeat(n - 1)}`;
    s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
    for (let i = 0; i < n; i += 40) {
      const part = body.slice(i, i + 40);
      s.poster.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    }
    s.poster.write("0\r\n\r\n");
    await s.poster.response();
    await s.state();
    await s.get();
  });
}

compare("POST: the limit counts bytes, not characters", LIMIT, async (t) => {
  const s = await t.session();
  await s.post(`4${"é".repeat(49)}`);
  await s.post(`4${"é".repeat(50)}`);
  await s.state();
  await s.get();
});

compare("POST without a length", async (t) => {
  const s = await t.session();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\n\r\n`);
  await s.poster.response();
  await s.state();
});

compare("POST in chunks of one byte", async (t) => {
  const s = await t.session();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n`);
  for (const letter of "4hello") s.poster.write(`1\r\n${letter}\r\n`);
  s.poster.write("0\r\n\r\n");
  await s.poster.response();
  await s.poster.fate();
  await s.get();
});

compare("POST that waits for 100 Continue", async (t) => {
  const s = await t.session();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n`);
  await s.poster.response();
  s.poster.write("4x");
  await s.poster.response();
  await s.get();
});

compare("POST: a character cut between two segments", async (t) => {
  const s = await t.session();
  const bytes = post(s.target, "4a😀b");
  s.poster.write(bytes.subarray(0, bytes.length - 3));
  await t.barrier();
  s.poster.write(bytes.subarray(bytes.length - 3));
  await s.poster.response();
  await s.get();
});

compare("POST: the client goes away in the middle", async (t) => {
  const s = await t.session();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
  await t.barrier();
  s.poster.destroy();
  await t.barrier();
  await s.get();
});

compare("POST: the client goes away in the middle, a GET waits", async (t) => {
  const s = await t.session();
  await s.ask();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
  await t.barrier();
  s.poster.reset();
  await s.getter.response();
  await s.get();
});

compare("POST: the answers leave before its own", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter();
  await s.ask();
  await s.post("42[\"message\",1]\x1e42[\"message\",2]\x1e420[\"message-with-ack\",3]");
  await s.drain("430[3]");
});

// -- 2.3 overlaps -----------------------------------------------------------------

compare("overlap: GET while a GET waits", async (t) => {
  const s = await t.session();
  const other = await t.connect("GET2");
  await s.ask();
  other.write(get(s.target));
  await other.response();
  await s.getter.response();
  await other.fate();
  await s.getter.fate();
  await s.post("4x");
});

compare("overlap: POST while a POST runs", async (t) => {
  const s = await t.session();
  const other = await t.connect("POST2");
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
  await t.barrier();
  other.write(post(s.target, "4y"));
  await other.response();
  await s.poster.closed();
  await other.fate();
  await s.get();
});

compare("overlap: POST while a POST runs and a GET waits", async (t) => {
  const s = await t.session();
  const other = await t.connect("POST2");
  await s.ask();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
  await t.barrier();
  other.write(post(s.target, "4y"));
  await other.response();
  await s.poster.closed();
  await s.getter.response();
});

compare("overlap: GET and POST at the same time", async (t) => {
  const s = await t.session();
  await s.ask();
  await s.post("4x");
  await s.getter.response();
  await s.state();
});

compare("overlap: PUT while a GET waits", async (t) => {
  const s = await t.session();
  await s.ask();
  await t.once(get(s.target).replace("GET", "PUT"), { label: "PUT" });
  await s.post("4x");
  await s.getter.response();
});

compare("overlap: a close packet while a GET waits", async (t) => {
  const s = await t.session();
  await s.ask();
  await s.post("1");
  await s.getter.response();
  await s.get();
});

compare("overlap: the server closes while a GET waits", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter();
  await s.ask();
  await s.post("42[\"leave-me\",true]");
  await s.getter.response();
  await s.get();
  await s.get();
});

compare("overlap: the server closes and nothing waits", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter();
  await s.post("42[\"leave-me\",true]");
  await s.get();
  await s.get();
});

compare("overlap: the server closes while a POST runs", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/", "{\"key\":\"victim\"}");
  await s.poster.fate();
  const boss = await t.client();
  boss.send("420[\"reason\",\"nobody\"]");
  await boss.frame();
  s.write("POST", "421[\"join\",\"cell\"]");
  await s.poster.response();
  await s.get();
  await s.ask();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n4x`);
  await t.barrier();
  boss.send("421[\"kick\",\"cell\",true]");
  await boss.frame();
  await s.getter.response();
  s.getter.write(get(s.target));
  await s.getter.response();
  await s.poster.closed();
});

// -- 2.4 compression ---------------------------------------------------------------

const ACCEPTED = ["gzip", "deflate", "br", "identity", "*", "gzip, deflate", "deflate, gzip", "gzip;q=0",
  "gzip;q=0, deflate", "gzip;q=0.5, deflate;q=0.8", "deflate;q=0.5, gzip;q=0.5", "identity;q=0, gzip", "GZIP",
  "x-gzip", "*;q=0", "gzip;q=1.0, *;q=0", "br, gzip", "gzip ; q=0.1", "zstd", "", "identity;q=1, gzip;q=0.5",
  "gzip;q=banana", ",,gzip,,"];

for (const accepted of ACCEPTED) {
  compare(`compression: Accept-Encoding "${accepted}"`, async (t) => {
    const s = await t.session();
    await s.post(`4${"x".repeat(2000)}`);
    await s.get({ headers: `Accept-Encoding: ${accepted}\r\n` });
  });
}

for (const n of [1023, 1024, 1025]) {
  compare(`compression: an answer of ${n} bytes`, async (t) => {
    const s = await t.session();
    await s.post(`4${"x".repeat(n - 1)}`);
    await s.get({ headers: "Accept-Encoding: gzip\r\n" });
  });
}

compare("compression: the threshold counts bytes, and all packets of an answer", async (t) => {
  const s = await t.session();
  await s.post(`4${"é".repeat(600)}`);
  await s.get({ headers: "Accept-Encoding: gzip\r\n" });
  await s.post(`4${"x".repeat(600)}`);
  await s.post(`4${"y".repeat(600)}`);
  await s.get({ headers: "Accept-Encoding: gzip\r\n" });
});

compare("compression: of binary", async (t) => {
  const s = await t.session();
  await s.post(`b${Buffer.alloc(3000, 5).toString("base64")}`);
  await s.get({ headers: "Accept-Encoding: gzip\r\n" });
});

compare("compression: not of POST answers, errors and foreign paths", async (t) => {
  const headers = "Accept-Encoding: gzip\r\n";
  const s = await t.session();
  await s.post("4x", { headers });
  await t.once(get("/socket.io/?transport=x", headers));
  await t.once(get("/nothing", headers));
});

for (const threshold of ["0", "true", "5"]) {
  const headers = "Accept-Encoding: gzip\r\n";

  compare(`compression: with a threshold of ${threshold}`, { env: { HTTP_THRESHOLD: threshold } }, async (t) => {
    const s = await t.session();
    for (const text of ["4", "4abc", "4abcd", "b", "bAQID"]) {
      await s.post(text);
      await s.get({ headers });
    }
    await t.once(get("/engine.io/?EIO=4&transport=polling", headers));
  });

  compare(`compression: of our own packets, with a threshold of ${threshold}`, { env: { HTTP_THRESHOLD: threshold } }, async (t) => {
    const s = await t.session();
    await s.ask(headers);
    const c = await s.candidate();
    c.send("2probe");
    await c.frame();
    await s.getter.response();
    c.destroy();
    await s.ask(headers);
    await s.post("1", { headers });
    await s.getter.response();
  });
}

compare("compression: turned off", { env: { HTTP_COMPRESSION: "0" } }, async (t) => {
  const s = await t.session();
  await s.post(`4${"x".repeat(2000)}`);
  await s.get({ headers: "Accept-Encoding: gzip\r\n" });
});

compare("compression: incoming bodies are taken as they are", async (t) => {
  const s = await t.session();
  await s.post("4x", { headers: "Content-Encoding: gzip\r\n" });
  await s.get();
});

// -- 7 flushing ----------------------------------------------------------------------

compare("flush: everything queued leaves in one answer", async (t) => {
  const s = await t.session();
  await s.post("4a\x1e4b");
  await s.post("bAQID");
  await s.post("4c");
  await s.get();
});

compare("flush: an answer larger than maxPayload is not split", { env: { MAX_PAYLOAD: "1000" } }, async (t) => {
  const s = await t.session();
  for (let i = 0; i < 5; i++) await s.post(`4${"x".repeat(900)}`, { quiet: 200 });
  await s.get();
});

compare("b64: binary as base64 over polling", async (t) => {
  const s = await t.session("/engine.io/", "&b64=1");
  await s.post("bAQID\x1eb");
  await s.get();
});

compare("origin: no CORS headers by default", async (t) => {
  const headers = "Origin: http://a.example\r\n";
  await t.once(get("/socket.io/?EIO=4&transport=polling", headers));
  await t.once(get("/socket.io/?EIO=4&transport=x", headers));
  await t.once(get("/socket.io/?EIO=4&transport=polling", `${headers}Access-Control-Request-Method: POST\r\n`)
    .replace("GET", "OPTIONS"));
});
