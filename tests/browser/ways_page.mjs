// SPDX-License-Identifier: MIT
//
// The page that shows the four ways side by side: whatever is sent by one is
// seen by all, and all come back when the server does.

import { equal, test } from "./harness.mjs";
import { SIZES, checkClean, leave, picture, visit } from "./browser.mjs";
import { startServer } from "./server.mjs";

const PUBLIC = process.env.PUBLIC;
const WIDE = { viewport: { width: 1280, height: 800 } };
const WAYS = ["polling", "stream", "websocket", "socketio"];

const all = (page, state) => page.waitForFunction((wanted) => {
	const panels = [...document.querySelectorAll(".panel")];

	return panels.length === 4 && panels.every((p) => p.dataset.state === wanted);
}, state);

/* The first line of every panel, when all four have the same one. */
async function heard(page, text) {
	await page.waitForFunction((wanted) =>
		[...document.querySelectorAll(".panel .list")].every((list) =>
			list.firstElementChild && list.firstElementChild.textContent === wanted), text);
}

async function say(page, by, text) {
	await page.selectOption("#by", by);
	await page.fill("#user", "ann");
	await page.fill("#text", text);
	await page.click("button[type=submit]");
}

/* Each is sent by once; what the page says each is carried by. */
async function sayByAll(page) {
	await all(page, "on");
	for (const by of WAYS) {
		await say(page, by, "by " + by);
		await heard(page, "annby " + by);
		await page.waitForFunction((text) => [...document.querySelectorAll(".panel")]
			.every((p) => p.dataset.timed === text && p.dataset.time === "told"), "by " + by);
	}
	await page.waitForFunction(() => document.querySelector("#way-socketio .transport").textContent.endsWith("WebSocket"));
	return page.locator(".transport").allInnerTexts();
}

test("ways: what is sent by one is seen by all", async () => {
	/* The twin on the official server has one way alone. */
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC });
	const page = await visit(server.origin + "/ways.html", { size: WIDE });

	equal(await sayByAll(page), ["HTTP/1.1", "HTTP/1.1", "WebSocket, json", "Socket.IO, WebSocket"], "the transports");
	checkClean(page, server.origin);
	await picture(page, "ways");
	await leave(page);
	await server.stop();
});

test("ways: over TLS HTTP/2 carries what it can, and is shown as such", async () => {
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC, more: ["--self-signed"] });
	const page = await visit(server.origin + "/ways.html", { size: WIDE });

	equal(await sayByAll(page), ["HTTP/2", "HTTP/2", "WebSocket, json", "Socket.IO, WebSocket"], "the transports");
	equal(await page.evaluate(() => [...new Set(performance.getEntriesByType("resource").concat(
		performance.getEntriesByType("navigation")).map((entry) => entry.nextHopProtocol).filter(Boolean))]),
	["h2"], "what the browser says of all that was asked for by HTTP");
	checkClean(page, server.origin);
	await picture(page, "ways-tls");
	await leave(page);
	await server.stop();
});

test("ways: all come back when the server does", async () => {
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC });
	const page = await visit(server.origin + "/ways.html", { size: SIZES.phone, scheme: "dark" });

	await all(page, "on");
	await server.stop();
	await all(page, "off");
	await picture(page, "ways-phone-off");
	const again = await startServer({ root: PUBLIC, port: server.port });
	await all(page, "on");
	await say(page, "websocket", "back");
	await heard(page, "annback");
	await picture(page, "ways-phone");
	await leave(page);
	await again.stop();
});

/* A build without the browser bundles: the other ways are as good as before. */
test("ways: without the client of Socket.IO it says so, and sends by another", async () => {
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC, env: { SOCKETIO_CHAT_DATA: "/nonexistent" } });
	const page = await visit(server.origin + "/ways.html", { size: WIDE });

	await page.waitForFunction(() => document.querySelector("#way-websocket").dataset.state === "on" &&
		document.querySelector("#by [value=socketio]").disabled);
	equal(await page.innerText("#way-socketio .state"),
		"Not there: the server did not send Socket.IO's browser client, /socket.io/socket.io.min.js", "what is wrong");
	equal(await page.inputValue("#by"), "polling", "what is sent by");
	await page.fill("#user", "ann");
	await page.fill("#text", "without");
	await page.click("button[type=submit]");
	await page.waitForFunction(() => [...document.querySelectorAll(".panel .list")].slice(0, 3)
		.every((list) => list.firstElementChild && list.firstElementChild.textContent === "annwithout"));
	equal(await page.innerText("#way-socketio .time"), "–", "no time is awaited");
	await picture(page, "ways-without");
	await leave(page);
	await server.stop();
});

test("ways: what cannot be sent is told with the reason", async () => {
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC });
	const page = await visit(server.origin + "/ways.html", { size: WIDE });

	await all(page, "on");
	await server.stop();
	await all(page, "off");
	await say(page, "websocket", "lost");
	await page.waitForFunction(() => document.querySelector("#way-websocket .state").textContent ===
		"The message could not be sent: not connected");
	equal(await page.locator(".panel .time").allInnerTexts(), ["–", "–", "–", "–"], "no time is awaited");
	await leave(page);
});

test("ways: polls that fail are backed off from, and seen to", async () => {
	if (!process.env.CHAT)
		return;
	const server = await startServer({ root: PUBLIC, more: ["--fail-polls", "1"] });
	const page = await visit(server.origin + "/ways.html");

	await page.waitForSelector('#way-polling[data-state="off"]');
	await page.waitForFunction(() =>
		/^Failed/.test(document.querySelector("#way-polling .state").textContent));
	await leave(page);
	await server.stop();
});
