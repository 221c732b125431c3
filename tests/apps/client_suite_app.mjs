// SPDX-License-Identifier: MIT
// The two little servers that the test suites of socket.io-client and
// engine.io-client talk to, on the official packages; client_suite_app.c is
// the same on libsocketio. Cases that ask for everything here are in
// ../clients/cases/suite.mjs.
//
//   APP=sio  Socket.IO (the suite expects port 3210)
//   APP=eio  Engine.IO (the suite expects port 3000)
import http from "node:http";
import path from "node:path";
import { createRequire } from "node:module";

const modules = process.env.NODE_MODULES_DIR;
const load = createRequire(modules ? path.join(modules, "x") : import.meta.url);
const port = Number(process.env.PORT || (process.env.APP === "eio" ? 3000 : 3210));
const httpServer = http.createServer((req, res) => { res.writeHead(404); res.end(); });

if (process.env.APP === "eio") {
  const eio = load("engine.io").attach(httpServer, {
    pingInterval: 500,
    maxHttpBufferSize: 100,
    allowRequest: (req, ok) => ok(null, !new URL(req.url, "http://h").searchParams.has("deny")),
  });
  eio.on("initial_headers", (headers) => {
    headers["set-cookie"] = [
      "1=1; Max-Age=86400",
      "2=2; Path=/; HttpOnly; Secure; SameSite=Strict",
      "3=3; Max-Age=0",
      `4=4; Expires=${new Date().toUTCString()}`,
    ];
  });
  eio.on("connection", (s) => {
    s.send("hi");
    s.on("message", (m) => {
      if (m === "give binary") s.send(Buffer.from([0, 1, 2, 3, 4]));
      else if (m === "give utf8") s.send("пойду спать всем спокойной ночи");
      else if (m === "sendHeaders") s.send(JSON.stringify(s.transport.dataReq?.headers));
      else s.send(m);
    });
  });
} else {
  const { Server } = load("socket.io");
  const io = new Server(httpServer, {
    pingInterval: 2000,
    connectionStateRecovery: {},
    allowRequest: (req, ok) => setTimeout(() => ok(null, true), 10),
  });
  for (const name of ["/valid", "/asd", "/timeout_socket"]) io.of(name);
  io.of("/no").use((s, next) => next(new Error("Auth failed (custom namespace)")));
  io.use((s, next) => next(s.handshake.query.fail ? new Error("Auth failed (main namespace)") : undefined));
  io.of("/abc").on("connection", (s) => s.emit("handshake", s.handshake));
  io.of("/foo").on("connection", (s) => s.on("getId", (cb) => cb(s.id)));

  const bin = Buffer.isBuffer;
  io.on("connection", (s) => {
    const seen = new Set();
    const on = (ev, f) => s.on(ev, f);
    on("hi", () => s.emit("hi"));
    on("echo", (v, cb) => cb(v));
    on("ack", () => s.emit("ack", (n, o) => n === 5 && o.test && s.emit("got it")));
    on("getAckDate", (v, cb) => cb(new Date()));
    on("getDate", () => s.emit("takeDate", new Date()));
    on("getDateObj", () => s.emit("takeDateObj", { date: new Date() }));
    on("getUtf8", () => {
      for (const t of ["てすと", "Я Б Г Д Ж Й", "Ä ä Ü ü ß", "utf8 — string", "utf8 — string"]) s.emit("takeUtf8", t);
    });
    on("false", () => s.emit("false", false));
    on("doge", () => s.emit("doge", Buffer.from("asdfasdf")));
    on("getbin", () => s.emit("takebin", Buffer.from("asdfasdf")));
    on("buffa", (b) => bin(b) && s.emit("buffack"));
    const mixed = (o) => o.hello === "lol" && bin(o.message) && o.goodbye === "gotcha";
    on("jsonbuff", (o) => mixed(o) && s.emit("jsonbuff-ack"));
    on("jsonblob", (o) => mixed(o) && s.emit("jsonblob-ack"));
    on("abuff1", (b) => bin(b) && seen.add("abuff1"));
    on("abuff2", () => seen.has("abuff1") && s.emit("abuff2-ack"));
    on("blob", (b) => bin(b) && s.emit("back"));
    on("blob1", (b) => bin(b) && seen.add("blob1"));
    on("blob2", (t) => t === "second" && seen.has("blob1") && seen.add("blob2"));
    on("blob3", (b) => bin(b) && seen.has("blob2") && s.emit("blob3-ack"));
    on("getHandshake", (cb) => cb(s.handshake));
    on("getId", (cb) => cb(s.id));
  });
}
httpServer.listen(port, () => console.log(`listening on ${httpServer.address().port}`));
for (const sig of ["SIGTERM", "SIGINT"]) process.on(sig, () => process.exit(0));
