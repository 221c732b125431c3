// SPDX-License-Identifier: MIT
// The reference app on the official Node packages: the measure for
// reference_app.c, which is the same application on libsocketio. Both are
// started by the same environment variables, take the same events and must
// give the same bytes. What the events do is written in reference_app.md.
// The npm packages are found in the folder NODE_MODULES_DIR names, or beside
// this file.
import fs from "node:fs";
import http from "node:http";
import https from "node:https";
import path from "node:path";
import { createRequire } from "node:module";
const modules = process.env.NODE_MODULES_DIR;
const load = createRequire(modules ? path.join(modules, "x") : import.meta.url);

const { Server } = load("socket.io");
const engine = load("engine.io");

const env = process.env;

// What this app can do beyond the rest; a twin that is still growing answers
// with the part it has, and the tests of the others are skipped by name.
const FEATURES = [
  "ask-room",
  "compress",
  "deny",
  "dynamic",
  "engine-echo",
  "outgoing",
  "strict",
  "volatile",
];

const num = (k, d) => (env[k] === undefined || env[k] === "" ? d : Number(env[k]));
const on = (k) => env[k] === "1";
const list = (s) => s.split(",").filter(Boolean);

// "threshold=0,serverMaxWindowBits=11" as an object; 1 and 2 stand for true and false, with windows 1 for false
function deflateOptions(text) {
  const options = {};
  for (const [name, value] of list(text).map((one) => one.split("="))) {
    const bits = name.endsWith("Bits");
    if (name === "threshold") options[name] = Number(value);
    else if (bits) options[name] = value === "1" ? false : Number(value);
    else options[name] = value === "1";
  }
  return options;
}

// ---------------------------------------------------------------- options
const transport = {
  pingInterval: num("PING_INTERVAL", 25000),
  pingTimeout: num("PING_TIMEOUT", 20000),
  upgradeTimeout: num("UPGRADE_TIMEOUT", 10000),
  maxHttpBufferSize: num("MAX_PAYLOAD", 1000000),
  transports: list(env.TRANSPORTS || "polling,websocket"),
  allowUpgrades: env.ALLOW_UPGRADES !== "0",
  allowEIO3: on("ALLOW_EIO3"),
  perMessageDeflate: on("PER_MESSAGE_DEFLATE") && deflateOptions(env.DEFLATE || ""),
};
if (env.HTTP_COMPRESSION === "0") transport.httpCompression = false;
else if (env.HTTP_THRESHOLD === "true") transport.httpCompression = true;
else if (env.HTTP_THRESHOLD) transport.httpCompression = { threshold: Number(env.HTTP_THRESHOLD) };
if (env.CORS === "*") transport.cors = { origin: "*" };
else if (env.CORS === "list")
  transport.cors = {
    origin: ["http://a.example", "https://b.example:8443"],
    credentials: true,
    methods: ["GET", "POST"],
    allowedHeaders: ["X-One", "X-Two"],
    exposedHeaders: ["X-Out"],
    maxAge: 600,
  };
else if (env.CORS === "fixed") transport.cors = { origin: "http://a.example" };
if (on("COOKIE"))
  transport.cookie = { name: "io", path: "/", httpOnly: true, sameSite: "strict", maxAge: 86400 };
transport.allowRequest = (req, done) => {
  const deny = new URL(req.url, "http://x").searchParams.get("deny");
  if (deny === "1") done("denied by app", false);
  else if (deny === "2") done(null, false);
  else done(null, true);
};

const options = {
  ...transport,
  path: env.SIO_PATH || "/socket.io",
  addTrailingSlash: env.TRAILING_SLASH !== "0",
  connectTimeout: num("CONNECT_TIMEOUT", 45000),
  serveClient: env.SERVE_CLIENT !== "0",
  cleanupEmptyChildNamespaces: on("CLEANUP_CHILD_NSP"),
};
if (on("CSR")) options.connectionStateRecovery = { maxDisconnectionDuration: num("CSR_MS", 120000), skipMiddlewares: true };
if (env.PARSER === "msgpack") options.parser = load("socket.io-msgpack-parser");

// ---------------------------------------------------------------- plain http
// No proxies are believed here, and their protocol is not spoken.
if (env.TRUST_PROXY || env.PROXY_PROTOCOL) process.exit(64);

// TLS names a folder with server.crt, server.key and ca.crt.
const read = (name) => fs.readFileSync(path.join(env.TLS, name));
const certificates = () => ({
  cert: read("server.crt"),
  key: read("server.key"),
  ...(env.CLIENT_CERTIFICATES && {
    ca: read("ca.crt"),
    requestCert: true,
    rejectUnauthorized: env.CLIENT_CERTIFICATES === "required",
  }),
});
const createServer = (fn) => (env.TLS ? https.createServer(certificates(), fn) : http.createServer(fn));
const httpServer = createServer((req, res) => {
  if (req.url === "/healthz") {
    res.writeHead(200, { "content-type": "text/plain", "content-length": 2 });
    res.end("ok");
  } else {
    res.writeHead(404, { "content-type": "text/plain", "content-length": 9 });
    res.end("not found");
  }
});

const io = new Server(httpServer, options);

if (on("EXTRA_HEADERS")) {
  io.engine.on("initial_headers", (h) => { h["x-initial"] = "first"; });
  io.engine.on("headers", (h) => { h["x-each"] = "always"; });
}

// a bare Engine.IO echo next to it, for the engine.io-protocol suite
if (env.ENGINE_ECHO !== "0") {
  const { allowRequest, ...rest } = transport;
  const eio = engine.attach(httpServer, { ...rest, path: "/engine.io" });
  eio.on("connection", (s) => s.on("message", (m) => s.send(m)));
}

// ---------------------------------------------------------------- helpers
const reasons = new Map(); // auth.key -> last disconnect reason
const isStr = (v) => typeof v === "string";
const isFn = (v) => typeof v === "function";
const count = (v, max) => Number.isInteger(v) && v >= 0 && v <= max;

function describe(v) {
  if (Buffer.isBuffer(v)) {
    let sum = 0;
    for (const b of v) sum = (sum + b) % 65536;
    return { $bin: v.length, sum };
  }
  if (Array.isArray(v)) return v.map(describe);
  if (v && typeof v === "object") {
    const o = {};
    for (const k of Object.keys(v)) o[k] = describe(v[k]);
    return o;
  }
  return v;
}

const ramp = (n) => Buffer.from(Array.from({ length: n }, (_, i) => i & 255));

// wraps a handler: splits a trailing ack off the arguments
const handler = (fn) => (...args) => {
  const ack = isFn(args[args.length - 1]) ? args.pop() : undefined;
  fn(args, ack);
};

// ---------------------------------------------------------------- common events
function common(nsp, socket) {
  const h = (ev, fn) => socket.on(ev, handler(fn));

  h("message", (args) => socket.emit("message-back", ...args));
  h("message-with-ack", (args, ack) => ack && ack(...args));

  h("join", ([rooms], ack) => {
    if (!isStr(rooms) && !(Array.isArray(rooms) && rooms.every(isStr))) return;
    socket.join(rooms);
    ack && ack("joined");
  });
  h("leave", ([room], ack) => {
    if (!isStr(room)) return;
    socket.leave(room);
    ack && ack("left");
  });
  h("rooms", (_, ack) => {
    if (!ack) return;
    ack([...socket.rooms].map((r) => (r === socket.id ? "<own>" : r)).sort());
  });
  h("room-size", async ([room], ack) => {
    if (!isStr(room) || !ack) return;
    ack((await nsp.in(room).fetchSockets()).length);
  });
  h("to", ([rooms, ...args], ack) => {
    if (!isStr(rooms) && !(Array.isArray(rooms) && rooms.every(isStr))) return;
    socket.to(rooms).emit("room-msg", ...args);
    ack && ack("sent");
  });
  h("in", ([rooms, ...args], ack) => {
    if (!isStr(rooms) && !(Array.isArray(rooms) && rooms.every(isStr))) return;
    nsp.to(rooms).emit("room-msg", ...args);
    ack && ack("sent");
  });
  h("except", ([room, ...args], ack) => {
    if (!isStr(room)) return;
    nsp.except(room).emit("room-msg", ...args);
    ack && ack("sent");
  });
  h("to-except", ([room, skip, ...args], ack) => {
    if (!isStr(room) || !isStr(skip)) return;
    socket.to(room).except(skip).emit("room-msg", ...args);
    ack && ack("sent");
  });
  h("broadcast", (args, ack) => {
    socket.broadcast.emit("broadcast-msg", ...args);
    ack && ack("sent");
  });
  h("all", (args) => nsp.emit("all-msg", ...args));
  h("volatile", (args) => socket.volatile.emit("volatile-msg", ...args));

  h("inspect", (args, ack) => ack && ack(...args.map(describe)));
  h("make-binary", ([n]) => {
    if (!count(n, 1000000)) return;
    socket.emit("binary-msg", { a: ramp(n), list: [ramp(3), { b: Buffer.alloc(0) }], n });
  });
  h("binary-ack", (_, ack) => ack && ack({ ok: true, bufs: [ramp(4), ramp(2)] }));

  h("ask", ([ms, ...args]) => {
    if (!count(ms, 10000)) return;
    socket.timeout(ms).emit("question", ...args, (err, ...answer) =>
      err ? socket.emit("answer", "timeout") : socket.emit("answer", "ok", ...answer));
  });
  h("ask-forever", (args) =>
    socket.emit("question", ...args, (...answer) => socket.emit("answer", "ok", ...answer)));
  h("ask-room", ([room, ms, ...args]) => {
    if (!isStr(room) || !count(ms, 10000)) return;
    nsp.to(room).timeout(ms).emit("question", ...args, (err, answers) =>
      socket.emit("answers", !!err, [...answers].map((a) => JSON.stringify(a)).sort()));
  });

  h("big", ([n]) => count(n, 5000000) && socket.emit("big-msg", "x".repeat(n)));
  h("big-plain", ([n]) => count(n, 5000000) && socket.compress(false).emit("big-msg", "x".repeat(n)));
  h("measure", ([s], ack) => isStr(s) && ack && ack(Buffer.byteLength(s), [...s].length));
  h("burst", ([n]) => {
    if (!count(n, 10000)) return;
    for (let i = 0; i < n; i++) socket.emit("burst-msg", i);
  });

  h("leave-me", ([close]) => socket.disconnect(close === true));
  h("kick", ([room, close], ack) => {
    if (!isStr(room)) return;
    ack && ack("kicked");
    nsp.in(room).disconnectSockets(close === true);
  });
  h("pull", ([from, into], ack) => {
    if (!isStr(from) || !isStr(into)) return;
    nsp.in(from).socketsJoin(into);
    ack && ack("pulled");
  });
  h("push-out", ([from, room], ack) => {
    if (!isStr(from) || !isStr(room)) return;
    nsp.in(from).socketsLeave(room);
    ack && ack("pushed");
  });

  h("handshake", (_, ack) => {
    if (!ack) return;
    const { EIO, transport: tr, t, sid, b64, ...query } = socket.handshake.query;
    ack({
      nsp: nsp.name,
      query,
      auth: socket.handshake.auth,
      secure: socket.handshake.secure,
      xdomain: socket.handshake.xdomain,
      test: socket.handshake.headers["x-test"] || null,
    });
  });
  h("whoami", (_, ack) => {
    const below = socket.request.socket;
    const { subject } = (below.getPeerCertificate && below.getPeerCertificate()) || {};

    ack && ack(socket.handshake.address, socket.handshake.secure,
      subject ? `CN=${subject.CN}` : null,
      subject ? (below.authorized ? "" : String(below.authorizationError)) : null);
  });
  h("transport", (_, ack) => ack && ack(socket.conn.transport.name));
  h("features", (_, ack) => ack && ack(FEATURES));
  h("outgoing", (_, ack) => {
    if (!ack) return;
    if (!socket.data.sent) socket.onAnyOutgoing((...args) => socket.data.sent.push(args));
    ack(socket.data.sent || []);
    socket.data.sent = [];
  });
  h("reason", ([key], ack) => isStr(key) && ack && ack(reasons.get(key) || null));

  const key = socket.handshake.auth && socket.handshake.auth.key;
  socket.on("disconnect", (reason) => isStr(key) && reasons.set(key, reason));
}

// ---------------------------------------------------------------- namespaces
for (const name of ["/", "/custom"]) {
  const nsp = io.of(name);
  nsp.on("connection", (socket) => {
    socket.emit("auth", socket.handshake.auth);
    common(nsp, socket);
  });
}

const quiet = (nsp) => nsp.on("connection", (socket) => common(socket.nsp, socket));

const guarded = io.of("/guarded");
guarded.use((socket, next) => {
  const { token } = socket.handshake.auth;
  if (token === "good") return next();
  const err = new Error("not authorized");
  if (token !== "bare") err.data = { code: 401, hint: ["try", "again"] };
  next(err);
});
guarded.use((socket, next) => setTimeout(next, 30));
quiet(guarded);

quiet(io.of(/^\/room-\w+$/));
quiet(io.of((name, auth, next) => next(null, name.startsWith("/fn-") && auth.allow === true)));

const strict = io.of("/strict");
strict.on("connection", (socket) => {
  socket.use(([ev], next) => {
    if (ev === "forbidden") next(new Error("event refused"));
    else if (ev === "slow") setTimeout(next, 30);
    else next();
  });
  socket.on("error", (e) => socket.emit("refused", e.message));
  socket.on("forbidden", () => socket.emit("never"));
  socket.on("slow", () => socket.emit("awake"));
  common(strict, socket);
});

const any = io.of("/any");
any.on("connection", (socket) => {
  socket.onAny(handler(([ev, ...args]) => socket.emit("any", ev, ...args)));
});

io.of("/bye").on("connection", (socket) => socket.disconnect(false));
io.of("/gone").on("connection", (socket) => socket.disconnect(true));

// engine.io leaves upgrade requests for foreign paths without an error handler for a second; a reset in that
// time would end the process
httpServer.on("upgrade", (req, socket) => socket.on("error", () => {}));

// ---------------------------------------------------------------- run
httpServer.listen(num("PORT", 3000), () => console.log(`listening on ${httpServer.address().port}`));
for (const s of ["SIGTERM", "SIGINT"]) process.on(s, () => process.exit(0));
process.on("SIGHUP", () => env.TLS && httpServer.setSecureContext(certificates()));
