// SPDX-License-Identifier: MIT
// The official server on Bun's own HTTP server and @socket.io/bun-engine,
// doing what server.c does.
//
//   bun peer_bun.mjs PORT
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES_DIR}/`);
const { Server } = require("socket.io");
const { Server: Engine } = require("@socket.io/bun-engine");

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
  port: Number(process.argv[2]),
  idleTimeout: 60,
  ...engine.handler(),
});
console.log(`listening on ${server.port}`);
