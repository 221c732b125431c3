// SPDX-License-Identifier: MIT
//
// The client of Socket.IO 2 in a browser, where alone it sends bytes over
// polling and can do without XMLHttpRequest (JSONP): on a page of another
// origin than the server's, as in its time.

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { equal, test, within } from "./harness.mjs";
import { withApp } from "./app.mjs";
import { leave, visit } from "./browser.mjs";

const ORIGIN = "http://a.example";
const load = createRequire(process.env.NODE_MODULES_OF);
const withOld = (run) => withApp({ CORS: "list", ALLOW_EIO3: "1" }, run);

/* A page that has the client of release 2.5. */
async function open() {
	const bundle = join(dirname(load.resolve("socket.io-client-2.5/package.json")), "dist", "socket.io.js");
	const html = `<!doctype html><meta charset="utf-8"><title>old</title><link rel="icon" href="data:,">
		<script src="client.js"></script>`;

	return visit(`${ORIGIN}/`, {
		prepare: (fresh) => fresh.route(`${ORIGIN}/**`, (route) => (route.request().url().endsWith(".js")
			? route.fulfill({ contentType: "text/javascript", body: readFileSync(bundle) })
			: route.fulfill({ contentType: "text/html", body: html }))),
	});
}

/* Connects inside the page. */
function connect(page, server, options) {
	return within(page.evaluate(([url, more]) => new Promise((resolve, reject) => {
		const socket = window.io(url, { reconnection: false, forceNew: true, ...more });

		window.socket = socket;
		for (const event of ["error", "connect_error"])
			socket.on(event, (error) => reject(new Error(`refused: ${error.message || error}`)));
		socket.on("connect", () => resolve());
	}), [server.origin, options]), "the connection");
}

/* Says something and brings back what the server answers; bytes as a list. */
function ask(page, ...values) {
	return within(page.evaluate((args) => new Promise((resolve) => {
		const bytes = (value) => (value && value.bytes ? new Uint8Array(value.bytes).buffer : value);
		const list = (value) => (value instanceof ArrayBuffer ? { bytes: [...new Uint8Array(value)] } : value);

		window.socket.emit("message-with-ack", ...args.map(bytes), (...back) => resolve(back.map(list)));
	}), values), "the answer");
}

const transport = (page) => page.evaluate(() => new Promise((resolve) => window.socket.emit("transport", resolve)));

const TEXTS = ["", "\"quotes\" 'and' \\ \\\\", "line\nline\r\nline", "not a line: \\n \\\\n", "\u2028\u2029", "\u0000\u001e\u007f",
	"ä € 😀", "</script><!--", "a+b%20c&d=e", "x".repeat(20000), "\n".repeat(500), "\\\n\\"];
const BYTES = [[], [0], [1, 2, 255, 10, 92, 110], Array.from({ length: 2000 }, (_, i) => i & 255)];

async function checkEcho(page) {
	for (const text of TEXTS)
		equal(await ask(page, text), [text], `the answer to ${JSON.stringify(text).slice(0, 30)}`);
	for (const bytes of BYTES)
		equal(await ask(page, { bytes }, "and", bytes.length), [{ bytes }, "and", bytes.length], "the answer to bytes");
}

for (const [name, options, last] of [
	["over polling", { transports: ["polling"] }, "polling"],
	["over WebSocket", { transports: ["websocket"] }, "websocket"],
	["with JSONP", { transports: ["polling"], forceJSONP: true }, "polling"],
]) {
	test(`old client: texts and bytes there and back ${name}`, () => withOld(async (server) => {
		const page = await open();

		await connect(page, server, options);
		await checkEcho(page);
		equal(await transport(page), last, "the transport");
		equal(page.complaints, [], "complaints of the page");
		await leave(page);
	}));
}

test("old client: over polling bytes are bytes, with JSONP answers are scripts", () => withOld(async (server) => {
	for (const [options, kind] of [[{}, "application/octet-stream"], [{ forceJSONP: true }, "text/plain; charset=UTF-8"]]) {
		const page = await open();
		const types = new Set();

		page.on("response", (r) => r.url().includes("/socket.io/") && r.request().method() === "GET" &&
			types.add(`${r.headers()["content-type"]} for a ${r.request().resourceType()}`));
		await connect(page, server, { transports: ["polling"], ...options });
		await ask(page, { bytes: [1, 2, 3] });
		equal([...types].some((type) => type === `${kind} for a ${options.forceJSONP ? "script" : "xhr"}`), true,
			`an answer of ${kind} among ${[...types]}`);
		await leave(page);
	}
}));

for (const forceJSONP of [false, true]) {
	test(`old client: from ${forceJSONP ? "JSONP" : "polling"} to WebSocket`, () => withOld(async (server) => {
		const page = await open();

		await connect(page, server, { transports: ["polling", "websocket"], forceJSONP });
		await within(page.upgraded, "the upgrade");
		await checkEcho(page);
		equal(await transport(page), "websocket", "the transport");
		equal(page.complaints, [], "complaints of the page");
		await leave(page);
	}));
}

test("old client: several with JSONP on one page", () => withOld(async (server) => {
	const page = await open();

	for (let i = 0; i < 3; i++) {
		await connect(page, server, { transports: ["polling"], forceJSONP: true });
		equal(await ask(page, i), [i], "the answer");
	}
	await leave(page);
}));
