// SPDX-License-Identifier: MIT
//
// The same chat on the official Node server. The browser tests run against it
// to show that they test the chat and not one server's habits.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { parseArgs } from "node:util";

const load = createRequire(process.env.NODE_MODULES_OF || import.meta.url);
const { Server } = load("socket.io");

const KEPT = 50;
const TYPES = {
	".html": "text/html; charset=utf-8",
	".js": "application/javascript; charset=utf-8",
	".css": "text/css; charset=utf-8",
};

const { values } = parseArgs({
	options: {
		port: { type: "string", default: "8080" },
		root: { type: "string" },
		path: { type: "string", default: "/socket.io" },
	},
});

async function serveFile(request, response) {
	const { pathname } = new URL(request.url, "http://localhost");

	if (pathname === "/socketio-chat.json" && values.path !== "/socket.io") {
		response.writeHead(200, { "Content-Type": "application/json" });
		response.end(JSON.stringify({ path: values.path }));
		return;
	}
	const file = normalize(join(values.root, pathname.endsWith("/") ? pathname + "index.html" : pathname));

	try {
		const body = await readFile(file);

		response.writeHead(200, { "Content-Type": TYPES[extname(file)] ?? "application/octet-stream" });
		response.end(body);
	} catch {
		response.writeHead(404, { "Content-Type": "text/plain" });
		response.end("not found");
	}
}

const http = createServer(serveFile);
const io = new Server(http, { path: values.path });
let history = [{ user: "brian", text: "hi", time: Date.now() }];

io.on("connection", (socket) => {
	console.log(`connected: ${socket.id}`);
	socket.emit("msg:get", { msg: history });
	socket.on("msg:post", (data) => {
		if (data === null || typeof data !== "object" || Array.isArray(data))
			return;
		history = [{ user: data.user, text: data.text, time: Date.now() }, ...history].slice(0, KEPT);
		io.emit("msg:get", { msg: history });
	});
	socket.on("disconnect", () => console.log(`disconnect: ${socket.id}`));
});

for (const signal of ["SIGINT", "SIGTERM"])
	process.on(signal, () => io.close(() => process.exit(0)));
http.listen(Number(values.port), () => console.log(`listening on http://localhost:${http.address().port}`));
