// SPDX-License-Identifier: MIT
// The official server doing what server.c does.
//
//   node peer_node.mjs PORT [CERTIFICATE KEY]
import { createServer } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(`${process.env.NODE_MODULES_DIR}/`);
const { Server } = require("socket.io");

const [port, cert, key] = process.argv.slice(2);
const http = cert
  ? createSecureServer({ cert: readFileSync(cert), key: readFileSync(key) })
  : createServer();
const io = new Server(http);

io.on("connection", (socket) => {
  const echo = (...args) => args.pop()(...args);

  socket.on("echo", echo);
  socket.on("echo-json", echo);
  socket.on("broadcast", (...args) => io.emit("broadcast", ...args));
});
http.listen(Number(port), () => {
  console.log(`listening on ${http.address().port}`);
});
