// SPDX-License-Identifier: MIT
// Which requests are the engine's, their parameters, the order of the checks
// and the answers; and HTTP/1.1 where a client could see how strict a server
// takes it.
import { compare, get, post, upgrade } from "../case.mjs";

const EIO = "EIO=4&transport=polling";

// -- 1.1 which requests belong to the engine ---------------------------------

for (const target of [
  `/socket.io/?${EIO}`, `/socket.io/anything?${EIO}`, `/socket.io/a/b/?${EIO}`, `/socket.io/&${EIO}`,
  `/socket.io?${EIO}`, "/socket.io", "/socket.io/", "/socket.io/?", `/socket.iox/?${EIO}`,
  `/SOCKET.IO/?${EIO}`, `/socket%2eio/?${EIO}`, `//socket.io/?${EIO}`, `/x/../socket.io/?${EIO}`,
  `/socket.io/../?${EIO}`, `http://h/socket.io/?${EIO}`, "/", "/healthz", "/healthz?x", "/no/such/file",
  `/socket.io/?${EIO}#fragment`, `/socket.io/?#${EIO}`, `/engine.io/?${EIO}`, "/engine.io/",
]) {
  compare(`target ${target}`, async (t) => { await t.once(get(target)); });
}

const OWN_PATH = { env: { SIO_PATH: "/my/own/path/", ENGINE_ECHO: "0" } };

for (const target of [`/my/own/path/?${EIO}`, `/my/own/path?${EIO}`, `/socket.io/?${EIO}`, `/my/own/?${EIO}`]) {
  compare(`own path, target ${target}`, OWN_PATH, async (t) => { await t.once(get(target)); });
}

// -- 1.2 parameters ------------------------------------------------------------

const REVISIONS = ["", "EIO", "EIO=", "EIO=3", "EIO=5", "EIO=04", "EIO=4.0", "EIO=%204", "EIO=4%20", "EIO=+4",
  "EIO=%34", "EIO=3&EIO=4", "EIO=4&EIO=3", "eio=4", "EIO=4=", "%45IO=4", "EIO[]=4"];

for (const revision of REVISIONS) {
  compare(`revision "${revision}"`, async (t) => {
    await t.once(get(`/socket.io/?transport=polling&${revision}`));
  });
}

const TRANSPORTS = ["", "transport", "transport=", "transport=Polling", "transport=polling%20",
  "transport=+polling", "transport=websocket", "transport=webtransport", "transport=unknown",
  "transport=__proto__", "transport=constructor", "transport=toString", "transport=polling,websocket",
  "transport=websocket&transport=polling", "transport=polling&transport=nonsense",
  "transport=p%6flling", "transport=polling%00", "transport=%zz", `transport=${"x".repeat(4000)}`];

for (const transport of TRANSPORTS) {
  compare(`transport "${transport.slice(0, 60)}"`, async (t) => {
    await t.once(get(`/socket.io/?EIO=4&${transport}`));
  });
}

const SIDS = ["sid", "sid=", "sid=unknown", "sid=AAAAAAAAAAAAAAAAAAAA", "sid=__proto__", "sid=constructor",
  "sid=toString", "sid=hasOwnProperty", "sid=%00", "sid=a&sid=", `sid=${"x".repeat(4000)}`, "sid=%e2%82%ac"];

for (const sid of SIDS) {
  compare(`sid "${sid.slice(0, 60)}"`, async (t) => {
    await t.once(get(`/socket.io/?${EIO}&${sid}`));
    await t.once(post(`/socket.io/?${EIO}&${sid}`, "40"));
  });
}

for (const query of ["t=abc", "b64=1", "b64=", "t=1&t=2", "x", "=", "&&&", "a=b=c"]) {
  compare(`ignored parameter "${query}"`, async (t) => {
    await t.once(get(`/socket.io/?${query}&${EIO}`));
  });
}

compare("parameter j asks for JSONP", async (t) => {
  await t.once(get(`/socket.io/?${EIO}&j=0`));
});

// What the application sees of the query.
for (const query of ["", "a=1", "a=1&b=2", "a=1&a=2", "a", "a=", "=v", "a=%20b+c", "a=%e2%82%ac", "a=%f0%9f%98%80",
  "%c3%a4=1", "a=%ff", "a=%", "a=%zz", "a=%4", "a=b%26c", "a=b=c", "a;b=1", "a[]=1&a[b]=2", "__proto__=x",
  "constructor=y", "a=%00", "a=1&&b=2&", "a=\"'<>"]) {
  compare(`query "${query}" as the application sees it`, async (t) => {
    const s = await t.session("/socket.io/", query && `&${query}`);
    await s.enter();
    await s.post("420[\"handshake\"]", { quiet: 200 });
    await s.get();
  });
}

// -- 1.3 the order of the checks ----------------------------------------------

compare("order: transport before sid", async (t) => {
  await t.once(get("/socket.io/?EIO=4&transport=x&sid=unknown"));
  await t.once(post("/socket.io/?EIO=4&transport=x&sid=unknown", ""));
  await t.once(post("/socket.io/?transport=x", ""));
});

compare("order: sid before transport mismatch, revision and method", async (t) => {
  await t.once(get("/socket.io/?EIO=3&transport=websocket&sid=unknown"));
  await t.once(post("/socket.io/?EIO=3&transport=websocket&sid=unknown", ""));
});

compare("order: method before handshake and revision", async (t) => {
  await t.once(post("/socket.io/?EIO=3&transport=websocket", ""));
  await t.once(post("/socket.io/?EIO=3&transport=polling", ""));
});

compare("order: WebSocket without an upgrade before revision", async (t) => {
  await t.once(get("/socket.io/?EIO=3&transport=websocket"));
});

compare("order: allowRequest", { needs: ["deny"] }, async (t) => {
  for (const deny of ["1", "2"]) {
    await t.once(get(`/socket.io/?${EIO}&deny=${deny}`));
    await t.once(get(`/socket.io/?EIO=3&transport=polling&deny=${deny}`));
    await t.once(get(`/socket.io/?EIO=4&transport=websocket&deny=${deny}`));
    await t.once(post(`/socket.io/?${EIO}&deny=${deny}`, ""));
    await t.once(upgrade(`/socket.io/?EIO=4&transport=websocket&deny=${deny}`));
  }
});

compare("a session must be asked with its own transport", async (t) => {
  const s = await t.session();
  await t.once(get(`/engine.io/?EIO=4&transport=websocket&sid=${s.sid}`));
  await t.once(post(`/engine.io/?EIO=4&transport=websocket&sid=${s.sid}`, "4x"));
  const ws = await t.socket();
  await t.once(get(`/engine.io/?${EIO}&sid=${ws.sid}`));
  await t.once(post(`/engine.io/?${EIO}&sid=${ws.sid}`, "4x"));
  ws.send("4still there");
  await ws.frame();
  await s.post("4still there");
  await s.get();
});

compare("a session must be asked with its own revision", async (t) => {
  const s = await t.session();
  for (const revision of ["EIO=3", "", "EIO=5"]) {
    await t.once(get(`/engine.io/?${revision}&transport=polling&sid=${s.sid}`));
    await t.once(post(`/engine.io/?${revision}&transport=polling&sid=${s.sid}`, "4x"));
  }
  await s.post("4still there");
  await s.get();
});

compare("sessions of another path are unknown here", async (t) => {
  const s = await t.session();
  await t.once(get(`/socket.io/?${EIO}&sid=${s.sid}`));
});

compare("only the announced transports: no polling", { env: { TRANSPORTS: "websocket" } }, async (t) => {
  await t.once(get(`/socket.io/?${EIO}`));
  const c = await t.connect();
  c.write(upgrade("/socket.io/?EIO=4&transport=websocket"));
  await c.response();
  await c.frame();
});

compare("only the announced transports: no WebSocket", { env: { TRANSPORTS: "polling" } }, async (t) => {
  await t.once(get(`/socket.io/?${EIO}`));
  const s = await t.session("/socket.io/");
  for (const sid of ["", `&sid=${s.sid}`]) {
    const c = await t.connect();
    c.write(upgrade(`/socket.io/?EIO=4&transport=websocket${sid}`));
    await c.response({ ms: 500 });
  }
});

compare("no upgrades allowed", { env: { ALLOW_UPGRADES: "0" } }, async (t) => {
  await t.once(get(`/socket.io/?${EIO}`));
  const s = await t.session();
  const c = await t.connect();
  c.write(upgrade(`/engine.io/?EIO=4&transport=websocket&sid=${s.sid}`));
  const response = await c.response();
  if (response.status === 101) {
    await c.frame();
    await c.goodbye();
  } else {
    await c.closed();
  }
  await s.state();
});

// -- 1.4 methods ------------------------------------------------------------------

const METHODS = ["PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "FOO"];

for (const method of METHODS) {
  const request = (target) => get(target).replace("GET", method);
  const head = method === "HEAD";

  compare(`method ${method} without a session`, async (t) => {
    await t.once(request(`/socket.io/?${EIO}`), { head });
  });
  compare(`method ${method} with a session`, async (t) => {
    const s = await t.session();
    await t.once(request(s.target), { head });
    await s.state();
  });
  compare(`method ${method} elsewhere`, async (t) => {
    await t.once(request("/nothing"), { head });
  });
}

compare("method PUT with a body and a session", async (t) => {
  const s = await t.session();
  await t.once(`${post(s.target, "4x")}`.replace("POST", "PUT"));
  await s.state();
});

compare("GET with a body", async (t) => {
  await t.once(`${post(`/socket.io/?${EIO}`, "4x")}`.replace("POST", "GET"));
});

// -- HTTP ---------------------------------------------------------------------------

compare("HTTP/1.0", async (t) => {
  const c = await t.connect();
  c.write(`GET /socket.io/?${EIO} HTTP/1.0\r\n\r\n`);
  await c.response();
  await c.closed();
  await t.once("GET /socket.io/?transport=x HTTP/1.0\r\n\r\n");
});

compare("HTTP/1.0 with keep-alive", async (t) => {
  await t.once(`GET /socket.io/?${EIO} HTTP/1.0\r\nConnection: keep-alive\r\n\r\n`);
});

compare("Connection: close", async (t) => {
  const c = await t.connect();
  c.write(get(`/socket.io/?${EIO}`, "Connection: close\r\n"));
  await c.response();
  await c.closed();
});

compare("no Host", { since: 20 }, async (t) => {
  await t.once(`GET /socket.io/?${EIO} HTTP/1.1\r\n\r\n`);
});

compare("requests one behind the other in one segment", async (t) => {
  const c = await t.connect();
  c.write(get("/healthz") + get(`/socket.io/?${EIO}`) + get("/none") + get("/socket.io/?transport=x"));
  for (let i = 0; i < 4; i++) await c.response();
  await c.fate();
});

compare("a request behind a waiting GET on the same connection", async (t) => {
  const s = await t.session();
  s.getter.write(get(s.target) + get("/healthz"));
  await t.barrier();
  await s.post("4x");
  await s.getter.response();
  await s.getter.response();
});

compare("POST and GET behind each other on one connection", async (t) => {
  const s = await t.session();
  const c = await t.connect();
  c.write(Buffer.concat([post(s.target, "4a"), Buffer.from(get(s.target)), post(s.target, "4b")]));
  await c.response();
  await c.response();
  await c.response();
});

compare("a request in pieces of one byte", async (t) => {
  const c = await t.connect();
  for (const byte of get(`/socket.io/?${EIO}`)) c.write(byte);
  await c.response();
  await c.fate();
});

// Requests that are not quite HTTP. Where Node takes one that smells of
// smuggling, or the other way round, the difference is listed.
const request = (lines, body = "") => `${lines.join("\r\n")}\r\n\r\n${body}`;
const HEAD = "POST /nothing HTTP/1.1";
const ODD = {
  "both lengths": request([HEAD, "Host: h", "Content-Length: 5", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  "both lengths, chunked first": request([HEAD, "Host: h", "Transfer-Encoding: chunked", "Content-Length: 5"], "0\r\n\r\n"),
  "two lengths that agree": request([HEAD, "Host: h", "Content-Length: 1", "Content-Length: 1"], "x"),
  "two lengths that differ": request([HEAD, "Host: h", "Content-Length: 1", "Content-Length: 2"], "xx"),
  "a list of lengths": request([HEAD, "Host: h", "Content-Length: 1, 1"], "x"),
  "a length with a sign": request([HEAD, "Host: h", "Content-Length: +1"], "x"),
  "a negative length": request([HEAD, "Host: h", "Content-Length: -1"]),
  "a length in hex": request([HEAD, "Host: h", "Content-Length: 0x1"], "x"),
  "an empty length": request([HEAD, "Host: h", "Content-Length: "]),
  "a length with a blank behind": request([HEAD, "Host: h", "Content-Length: 1 "], "x"),
  "a length beyond 64 bits": request([HEAD, "Host: h", "Content-Length: 99999999999999999999"]),
  "a coding that is not chunked": request([HEAD, "Host: h", "Transfer-Encoding: gzip"]),
  "chunked behind another coding": request([HEAD, "Host: h", "Transfer-Encoding: gzip, chunked"], "0\r\n\r\n"),
  "chunked before another coding": request([HEAD, "Host: h", "Transfer-Encoding: chunked, gzip"], "0\r\n\r\n"),
  "chunked twice": request([HEAD, "Host: h", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"], "0\r\n\r\n"),
  "chunked in capitals": request([HEAD, "Host: h", "Transfer-Encoding: CHUNKED"], "0\r\n\r\n"),
  "a chunk size that is none": request([HEAD, "Host: h", "Transfer-Encoding: chunked"], "zz\r\n\r\n"),
  "a chunk size too large": request([HEAD, "Host: h", "Transfer-Encoding: chunked"], "fffffffffffffffff\r\n"),
  "a chunk with an extension": request([HEAD, "Host: h", "Transfer-Encoding: chunked"], "1;a=b\r\nx\r\n0\r\n\r\n"),
  "a chunk longer than it says": request([HEAD, "Host: h", "Transfer-Encoding: chunked"], "1\r\nxy\r\n0\r\n\r\n"),
  "chunks with a trailer": request([HEAD, "Host: h", "Transfer-Encoding: chunked"], "1\r\nx\r\n0\r\nA: b\r\n\r\n"),
  "a header without a colon": request(["GET /nothing HTTP/1.1", "Host: h", "nonsense"]),
  "a blank before the colon": request(["GET /nothing HTTP/1.1", "Host: h", "A : b"]),
  "a header without a name": request(["GET /nothing HTTP/1.1", "Host: h", ": b"]),
  "a header continued on the next line": request(["GET /nothing HTTP/1.1", "Host: h", "A: b", " c"]),
  "a blank before the first header": request(["GET /nothing HTTP/1.1", " Host: h"]),
  "a NUL in a header": request(["GET /nothing HTTP/1.1", "Host: h", "A: b\0c"]),
  "a control character in a header": request(["GET /nothing HTTP/1.1", "Host: h", "A: b\x01c"]),
  "a DEL in Origin": request([`GET /socket.io/?${EIO} HTTP/1.1`, "Host: h", "Origin: a\x7fb"]),
  "a control character in Origin": request([`GET /socket.io/?${EIO} HTTP/1.1`, "Host: h", "Origin: a\x01b"]),
  "a bare CR in a header": request(["GET /nothing HTTP/1.1", "Host: h", "A: b\rc"]),
  "lines that end with LF only": "GET /nothing HTTP/1.1\nHost: h\n\n",
  "an empty line before the request": `\r\n\r\n${get("/nothing")}`,
  "two Hosts": request(["GET /nothing HTTP/1.1", "Host: h", "Host: i"]),
  "an empty Host": request(["GET /nothing HTTP/1.1", "Host: "]),
  "a request line without a version": request(["GET /nothing", "Host: h"]),
  "HTTP/1.2": request(["GET /nothing HTTP/1.2", "Host: h"]),
  "HTTP/2.0": request(["GET /nothing HTTP/2.0", "Host: h"]),
  "HTTP/3.0": request(["GET /nothing HTTP/3.0", "Host: h"]),
  "the preface of HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  "a target with a blank": request(["GET /no thing HTTP/1.1", "Host: h"]),
  "a target with bytes over 127": request(["GET /n\u00f6thing HTTP/1.1", "Host: h"]),
  "a target with a control character": request(["GET /no\x01thing HTTP/1.1", "Host: h"]),
  "a target that is no path": request(["GET nothing HTTP/1.1", "Host: h"]),
  "two blanks in the request line": request(["GET  /nothing HTTP/1.1", "Host: h"]),
  "OPTIONS *": request(["OPTIONS * HTTP/1.1", "Host: h"]),
  "CONNECT": request(["CONNECT h:80 HTTP/1.1", "Host: h"]),
  "rubbish": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03rubbish\r\n\r\n",
  "a target of 20,000 bytes": get(`/socket.io/?${EIO}&x=${"y".repeat(20000)}`),
  "a header of 20,000 bytes": get(`/socket.io/?${EIO}`, `A: ${"y".repeat(20000)}\r\n`),
  "150 headers": get(`/socket.io/?${EIO}`, Array.from({ length: 150 }, (_, i) => `H${i}: x\r\n`).join("")),
  "an expectation": request([HEAD, "Host: h", "Content-Length: 1", "Expect: 100-continue"], "x"),
  "an unknown expectation": request([HEAD, "Host: h", "Content-Length: 1", "Expect: the-best"], "x"),
  "Upgrade without Connection": get(`/socket.io/?${EIO}`, "Upgrade: websocket\r\n"),
  "Upgrade to something else": get(`/socket.io/?${EIO}`, "Connection: Upgrade\r\nUpgrade: h2c\r\n"),
};

// What Node 18 still let pass.
const SINCE_20 = ["a blank before the colon", "a header without a name", "a blank before the first header",
  "a target with bytes over 127"];

for (const [name, bytes] of Object.entries(ODD)) {
  compare(`http: ${name}`, { since: SINCE_20.includes(name) ? 20 : 18 }, async (t) => { await t.once(Buffer.from(bytes, "latin1")); });
}
