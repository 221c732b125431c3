// SPDX-License-Identifier: MIT
// The official server on Bun's own HTTP server and @socket.io/bun-engine,
// doing what server.c does.
//
//   bun peer_bun.mjs PORT [CERTIFICATE KEY]
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES_DIR}/`);
const { Server } = require("socket.io");
const { Server: Engine } = require("@socket.io/bun-engine");

const [port, cert, key] = process.argv.slice(2);
const io = new Server();
const engine = new Engine({ path: "/socket.io/" });

io.bind(engine);
io.on("connection", (socket) => {
  const echo = (...args) => args.pop()(...args);

  socket.on("echo", echo);
  socket.on("echo-json", echo);
  socket.on("broadcast", (...args) => io.emit("broadcast", ...args));
});

const server = Bun.serve({
  port: Number(port),
  tls: cert && { cert: Bun.file(cert), key: Bun.file(key) },
  idleTimeout: 60,
  ...engine.handler(),
});
console.log(`listening on ${server.port}`);
