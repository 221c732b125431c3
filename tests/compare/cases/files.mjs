// SPDX-License-Identifier: MIT
// The browser bundles below the path.
import { compare, get } from "../case.mjs";

const NAMES = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js", "socket.io.msgpack.min.js"];
const FILES = NAMES.flatMap((name) => [name, `${name}.map`]);

for (const name of FILES) {
  compare(`file ${name}`, async (t) => { await t.once(get(`/socket.io/${name}`)); });
}

for (const [name, target] of Object.entries({
  "with a query": "/socket.io/socket.io.js?x=1",
  "with another query": "/socket.io/socket.io.min.js?EIO=4&transport=polling",
  "with an empty query": "/socket.io/socket.io.js?",
  "with another letter for the slash": "/socket.ioXsocket.io.js",
  "with a slash behind": "/socket.io/socket.io.js/",
  "that is unknown": "/socket.io/foo.js",
  "without a name": "/socket.io/",
  "with capitals": "/socket.io/Socket.io.js",
  "in a folder": "/socket.io/x/socket.io.js",
  "with dots": "/socket.io/../socket.io/socket.io.js",
  "with an encoded letter": "/socket.io/socket.io%2ejs",
  "with a fragment": "/socket.io/socket.io.js#x",
  "with two slashes": "/socket.io//socket.io.js",
  "outside": "/socket.io.js",
  "of another build": "/socket.io/socket.io.esm.js",
  "that is the licence": "/socket.io/LICENSE",
  "that is the version": "/socket.io/version",
  "compressed by name": "/socket.io/socket.io.js.gz",
})) {
  compare(`file ${name}`, async (t) => { await t.once(get(target)); });
}

for (const method of ["HEAD", "POST", "PUT", "DELETE", "OPTIONS"]) {
  compare(`file with method ${method}`, async (t) => {
    const head = method === "HEAD";
    await t.once(get("/socket.io/socket.io.min.js").replace("GET", method), { head });
  });
}

compare("file with method POST and a body", async (t) => {
  await t.once("POST /socket.io/socket.io.min.js HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello");
});

for (const match of ["\"4.8.4\"", "W/\"4.8.4\"", "\"4.8.3\"", "4.8.4", "*", "\"x\", \"4.8.4\"", "", "\"4.8.4\" "]) {
  compare(`file with If-None-Match ${match}`, async (t) => {
    await t.once(get("/socket.io/socket.io.min.js", `If-None-Match: ${match}\r\n`));
  });
}

for (const coding of ["gzip", "deflate", "br", "gzip, deflate, br", "br;q=0, gzip", "gzip;q=0.2, br;q=0.1", "identity", "*", "", "GZIP",
  "deflate;q=0.9, gzip;q=0.8, br;q=0.7", "*;q=0", "zstd", "identity;q=0"]) {
  compare(`file with Accept-Encoding "${coding}"`, async (t) => {
    await t.once(get("/socket.io/socket.io.min.js", `Accept-Encoding: ${coding}\r\n`));
  });
}

compare("file compressed, with HEAD", async (t) => {
  await t.once(get("/socket.io/socket.io.js", "Accept-Encoding: gzip\r\n").replace("GET", "HEAD"), { head: true });
});

compare("file map compressed", async (t) => {
  await t.once(get("/socket.io/socket.io.js.map", "Accept-Encoding: br\r\n"));
});

compare("file with If-Modified-Since and Range", async (t) => {
  await t.once(get("/socket.io/socket.io.min.js",
    "If-Modified-Since: Sat, 01 Jan 2050 00:00:00 GMT\r\nRange: bytes=0-9\r\n"));
});

compare("file with an Origin", async (t) => {
  await t.once(get("/socket.io/socket.io.min.js", "Origin: http://a.example\r\n"));
});

compare("files are not served when told so", { env: { SERVE_CLIENT: "0" } }, async (t) => {
  await t.once(get("/socket.io/socket.io.js"));
  await t.once(get("/socket.io/socket.io.min.js.map"));
});

compare("files below another path", { env: { SIO_PATH: "/my/own/path", ENGINE_ECHO: "0" } }, async (t) => {
  await t.once(get("/my/own/path/socket.io.min.js"));
  await t.once(get("/socket.io/socket.io.min.js"));
});

compare("files one behind the other", async (t) => {
  const c = await t.connect();
  c.write(get("/socket.io/socket.io.min.js", "Accept-Encoding: br\r\n") + get("/socket.io/foo.js")
    + get("/socket.io/socket.io.js", "If-None-Match: \"4.8.4\"\r\n") + get("/healthz"));
  for (let i = 0; i < 4; i++) await c.response();
});
