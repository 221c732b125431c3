// SPDX-License-Identifier: MIT
//
// A page of one origin and a server of another, with the browser in between
// as the judge. The server is the reference app (../apps), which lists
// http://a.example; the pages are made up here, so that they can have any
// origin.

import { assert, equal, test, within } from "./harness.mjs";
import { withApp } from "./app.mjs";
import { leave, visit } from "./browser.mjs";

const withList = (run) => withApp({ CORS: "list", COOKIE: "1", EXTRA_HEADERS: "1" }, run);

/* A page of that origin which has loaded the client from the server. */
async function open(server, origin, attribute = "") {
	const html = `<!doctype html><title>elsewhere</title><link rel="icon" href="data:,">
		<script src="${server.origin}/socket.io/socket.io.min.js" ${attribute}></script>`;

	const page = await visit(`${origin}/`, {
		prepare: (fresh) => fresh.route(`${origin}/**`, (route) =>
			route.fulfill({ contentType: "text/html", body: html })),
	});

	/* as long as it makes up answers, playwright answers preflights too */
	await page.unrouteAll();
	return page;
}

/* Connects inside the page: what became of it, and of a question asked. */
function talk(page, server, options) {
	return within(page.evaluate(([url, more]) => new Promise((resolve) => {
		const socket = window.io(url, { reconnection: false, forceNew: true, ...more });

		window.socket = socket;
		socket.on("connect_error", (error) => resolve(`refused: ${error.message}`));
		socket.on("connect", () => socket.emit("message-with-ack", "across", (answer) => resolve(answer)));
	}), [server.origin, options]), "the end of the talk");
}

test("cross origin: a listed page polls with credentials, and upgrades", () => withList(async (server) => {
	const page = await open(server, "http://a.example");

	equal(await talk(page, server, { withCredentials: true }), "across", "the answer");
	await within(page.upgraded, "the upgrade");
	equal(await page.evaluate(() => new Promise((resolve) =>
		window.socket.emit("transport", resolve))), "websocket", "the transport");
	equal(page.complaints, [], "complaints of the page");
	await leave(page);
}));

test("cross origin: a listed page stays on polling", () => withList(async (server) => {
	const page = await open(server, "http://a.example");

	equal(await talk(page, server, { withCredentials: true, transports: ["polling"] }), "across", "the answer");
	equal(page.complaints, [], "complaints of the page");
	await leave(page);
}));

test("cross origin: headers that are allowed pass the preflight", () => withList(async (server) => {
	const page = await open(server, "http://a.example");
	const sent = (name) => ({ withCredentials: true, transports: ["polling"], extraHeaders: { [name]: "1" } });

	equal(await talk(page, server, sent("X-One")), "across", "the answer");
	equal(page.complaints, [], "complaints of the page");
	equal(await talk(page, server, sent("X-Other")), "refused: xhr poll error", "the answer to another header");
	assert(page.complaints.some((line) => line.includes("CORS")), "the browser said why");
	await leave(page);
}));

test("cross origin: a page that is not listed is refused by the browser", () => withList(async (server) => {
	const page = await open(server, "http://evil.example");

	equal(await talk(page, server, { withCredentials: true }), "refused: xhr poll error", "the answer");
	assert(page.complaints.some((line) => line.includes("CORS")), "the browser said why");
	await leave(page);
}));

test("cross origin: the client itself can be loaded with crossorigin", () => withList(async (server) => {
	const listed = await open(server, "http://a.example", "crossorigin=\"use-credentials\"");
	const foreign = await open(server, "http://evil.example", "crossorigin=\"use-credentials\"");

	equal(await listed.evaluate(() => typeof window.io), "function", "io on a listed page");
	equal(listed.complaints, [], "complaints of the listed page");
	equal(await foreign.evaluate(() => typeof window.io), "undefined", "io on another page");
	await leave(listed, foreign);
}));
