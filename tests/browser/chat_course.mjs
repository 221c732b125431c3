// SPDX-License-Identifier: MIT
//
// The course's own frontends of every chapter against this server: two pages,
// what is posted in one is seen in both, and what becomes of them when the
// server is started anew. That is the course's code: only the backoff of
// chapter 2E and Socket.IO come back by themselves; the others say nothing or
// show a red light, and their readers reload the page. The addresses of two
// chapters are written in their scripts: http://localhost:8080 and ws:.

import { execFile } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { promisify } from "node:util";
import { DEADLINE, Skip, assert, equal, test, within } from "./harness.mjs";
import { leave, picture, visit } from "./browser.mjs";
import { CDN, certificateCommands, writeFrontend } from "./course_pages.mjs";
import { startServer } from "./server.mjs";

const load = createRequire(process.env.NODE_MODULES_OF || import.meta.url);
const run = promisify(execFile);
const PORT = 8080;
/* What a browser and this server speak over TLS. */
const OVER_TLS = "h2";

function needOurs() {
	if (!process.env.CHAT)
		throw new Skip("the twin on the official server has one way in alone");
}

async function needPort() {
	const probe = createServer();

	probe.listen(PORT);
	try {
		await once(probe, "listening");
	} catch (error) {
		throw new Skip(`port ${PORT}, which the course's scripts name, is not free (${error.code}): stop what uses it`);
	}
	probe.close();
	await once(probe, "close");
}

const newFolder = () => mkdtemp(join(process.env.TMPDIR, "course-"));

/* key.pem and server.crt, made with the lesson's commands; what they ask is
 * answered with Enter. */
async function makeCertificate() {
	const cwd = await newFolder();

	for (const command of certificateCommands()) {
		const [file, ...args] = command.split(" ");
		const child = run(file, args, { cwd });

		child.child.stdin.on("error", () => {});
		child.child.stdin.end("\n".repeat(20));
		await within(child, command);
	}
	return ["--tls-cert", join(cwd, "server.crt"), "--tls-key", join(cwd, "key.pem")];
}

/* -- the pages -------------------------------------------------------------- */

/* The script of the CDN is the one at hand. */
async function bringClient(page) {
	const file = join(load.resolve("socket.io/package.json"), "..", "client-dist", "socket.io.min.js");
	const body = await readFile(file, "utf8");

	await page.route(CDN + "**", (route) => route.fulfill({
		contentType: "application/javascript",
		headers: { "Access-Control-Allow-Origin": "*" },
		body,
	}));
}

const open = (url, more = {}) => visit(url, { prepare: bringClient, ...more });

const light = (page, sign) => page.waitForFunction((wanted) =>
	document.getElementById("presence-indicator").textContent === wanted, sign);

const list = (page) => page.locator("#msgs li").allInnerTexts();

async function say(page, user, text) {
	await page.fill("#user", user);
	await page.fill("#text", text);
	await page.click("button");
}

const shows = (page, text) => page.locator("#msgs li", { hasText: text }).first().waitFor();

async function chatInTwo(one, two) {
	await shows(one, "brian: hi");
	await shows(two, "brian: hi");
	await say(one, "one", "hello from one");
	await shows(two, "one: hello from one");
	await say(two, "two", "hello from two");
	await shows(one, "two: hello from two");
	await shows(two, "two: hello from two");
	equal(await list(one), ["two: hello from two", "one: hello from one", "brian: hi"], "the list, newest first");
	equal(await list(two), await list(one), "the list of the other page");
}

/* The pages of the new server's chat. */
async function chatAgain(one, two) {
	await shows(one, "brian: hi");
	await say(one, "one", "back again");
	await shows(two, "one: back again");
	equal(await list(two), ["one: back again", "brian: hi"], "the list of the new server");
}

/* -- chapter 2: polling ----------------------------------------------------- */

for (const chapter of ["settimeout", "animation"])
	test(`course: polling with ${chapter} chats, and gives up when a poll fails`, async () => {
		needOurs();
		const root = await newFolder();
		await writeFrontend(root, chapter);
		const server = await startServer({ root });
		const [one, two] = [await open(server.origin), await open(server.origin)];

		await chatInTwo(one, two);
		/* The lesson reads json.msg of a poll that brought none. */
		const errors = [one, two].map((page) => new Promise((resolve) => page.once("pageerror", resolve)));
		await server.stop();
		await within(Promise.all(errors), "the errors of the lesson's pages");
		const again = await startServer({ root, port: server.port });
		await Promise.all([one.reload(), two.reload()]);
		await chatAgain(one, two);
		await leave(one, two);
		await again.stop();
	});

/* A page whose clock stands still unless it is turned, and which notes when it
 * polls. */
const openWithClock = (url) => open(url, {
	prepare: async (page) => {
		await page.clock.install();
		await page.addInitScript(() => {
			const fetch = window.fetch;

			window.polls = [];
			window.fetch = (target, options) => {
				if (!options)
					window.polls.push(performance.now());
				return fetch(target, options);
			};
		});
	},
});

/* Turns the clock until the page has polled that often; the times between its
 * polls in seconds. A minute of the page is 240 steps, which take their time on
 * a busy machine. */
async function pauses(page, count) {
	let polls = [];

	await within((async () => {
		while (polls.length < count) {
			await page.clock.runFor(250);
			polls = await page.evaluate(() => window.polls);
		}
	})(), `${count} polls`, 2 * DEADLINE);
	return polls.slice(1, count).map((at, i) => Math.round((at - polls[i]) / 1000));
}

test("course: polling with backoff asks less and less often while polls fail", async () => {
	needOurs();
	const root = await newFolder();
	await writeFrontend(root, "backoff");
	const server = await startServer({ root, more: ["--fail-polls", "1"] });
	const page = await openWithClock(server.origin);

	/* 3 s and 5 s for each that has failed in a row. */
	equal(await pauses(page, 5), [8, 13, 18, 23], "the seconds between polls that fail");
	equal(await list(page), [], "the list of a page whose polls fail");
	await server.stop();
	const again = await startServer({ root, port: server.port });
	const all = await pauses(page, 9);

	equal([...all.slice(4, 5), ...all.slice(-2)], [28, 3, 3], "the seconds until polls do not fail, and then");
	equal(await list(page), ["brian: hi"], "the list when they do not");
	await leave(page);
	await again.stop();
});

test("course: polling with backoff goes on when the server is back", async () => {
	needOurs();
	const root = await newFolder();
	await writeFrontend(root, "backoff");
	const server = await startServer({ root });
	const [one, two] = [await open(server.origin), await open(server.origin)];

	await chatInTwo(one, two);
	const failed = new Promise((resolve) => one.once("requestfailed", resolve));
	await server.stop();
	await within(failed, "a poll that fails");
	const again = await startServer({ root, port: server.port });
	await chatAgain(one, two);
	await leave(one, two);
	await again.stop();
});

/* -- chapter 3: HTTP/2 push ------------------------------------------------- */

/* By path, what the browser says it got answers over. */
async function noteProtocols(page) {
	const session = await page.context().newCDPSession(page);

	page.protocols = new Map();
	await session.send("Network.enable");
	session.on("Network.responseReceived", ({ response }) =>
		page.protocols.set(new URL(response.url).pathname, response.protocol));
}

/* Socket.IO in a page that is there for something else. */
async function socketToo(page) {
	await page.addScriptTag({ url: "/socket.io/socket.io.min.js" });
	await page.evaluate(() => {
		window.socket = io();
		window.heard = [];
		socket.on("msg:get", ({ msg }) => heard.push(msg[0].text));
	});
	await page.waitForFunction(() =>
		window.socket.io.engine && window.socket.io.engine.transport.name === "websocket" && window.heard.length > 0);
	equal(await page.evaluate(() => [location.protocol, socket.io.engine.transport.ws.url.split("/")[0]]),
		["https:", "wss:"], "the protocols of the page and of its WebSocket");
}

test("course: HTTP/2 push chats over TLS with the lesson's certificate, Socket.IO beside it", async () => {
	needOurs();
	const root = await newFolder();
	await writeFrontend(root, "http2");
	const more = await makeCertificate();
	const server = await startServer({ root, more });
	const prepare = noteProtocols;
	const [one, two] = [await open(server.origin, { prepare }), await open(server.origin, { prepare })];

	assert(server.origin.startsWith("https://"), `${server.origin} is https`);
	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await chatInTwo(one, two);
	equal([one.protocols.get("/"), one.protocols.get("/msgs")], [OVER_TLS, OVER_TLS],
		"the protocols of the page and of its stream");
	equal(await one.evaluate(() => performance.getEntriesByType("navigation")[0].nextHopProtocol), OVER_TLS,
		"the protocol as the page sees it");
	await socketToo(two);
	await two.evaluate(() => socket.emit("msg:post", { user: "two", text: "by Socket.IO" }));
	await shows(one, "two: by Socket.IO");
	await say(one, "one", "by HTTP");
	await two.waitForFunction(() => heard.at(-1) === "by HTTP");
	await picture(one, "course-http2");

	await server.stop();
	await Promise.all([light(one, "🔴"), light(two, "🔴")]);
	const again = await startServer({ root, more, port: server.port });
	await Promise.all([one.reload(), two.reload()]);
	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await chatAgain(one, two);
	await leave(one, two);
	await again.stop();
});

/* -- chapter 4: WebSockets by hand ------------------------------------------ */

const closed = (page) => page.waitForFunction(() => ws.readyState === WebSocket.CLOSED);

test("course: the WebSocket by hand chats", async () => {
	needOurs();
	const root = await newFolder();
	const script = await writeFrontend(root, "raw");
	assert(script.includes(`new WebSocket("ws://localhost:${PORT}", ["json"])`), "the script connects to its own address");
	await needPort();
	const server = await startServer({ root, port: PORT });
	const [one, two] = [await open(server.origin), await open(server.origin)];

	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await chatInTwo(one, two);
	equal(await one.evaluate(() => ws.protocol), "json", "the protocol that was agreed on");
	await server.stop();
	await Promise.all([closed(one), closed(two)]);
	const again = await startServer({ root, port: PORT });
	await Promise.all([one.reload(), two.reload()]);
	await chatAgain(one, two);
	await leave(one, two);
	await again.stop();
});

/* -- chapter 5: Socket.IO --------------------------------------------------- */

test("course: its frontend chats, unchanged, and reconnects", async () => {
	const root = await newFolder();
	const script = await writeFrontend(root, "socketio");
	assert(script.includes(`io("http://localhost:${PORT}")`), "the script connects to its own address");
	await needPort();
	const server = await startServer({ root, port: PORT });
	const [one, two] = [await open(server.origin), await open(server.origin)];

	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await chatInTwo(one, two);
	await picture(one, "course");
	await within(Promise.all([one.upgraded, two.upgraded]), "the upgrade of both pages");
	await server.stop();
	await Promise.all([light(one, "🔴"), light(two, "🔴")]);
	const again = await startServer({ root, port: PORT });
	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await chatAgain(one, two);
	await leave(one, two);
	await again.stop();
});

/* -- all of them ------------------------------------------------------------ */

test("course: the frontends of all chapters are one chat, on one port with and without TLS", async () => {
	needOurs();
	const root = await newFolder();
	for (const chapter of ["backoff", "http2", "raw", "socketio"])
		await writeFrontend(join(root, chapter), chapter);
	await needPort();
	const server = await startServer({ root, port: PORT, more: [...await makeCertificate(), "--tls-and-plain"] });
	const { origin, secureOrigin } = server;
	const pages = {
		polling: await open(origin + "/backoff/"),
		http2: await open(secureOrigin + "/http2/"),
		raw: await open(origin + "/raw/"),
		socketio: await open(origin + "/socketio/"),
	};
	const names = Object.keys(pages);

	assert(secureOrigin === `https://localhost:${PORT}`, `${secureOrigin} is the same port`);
	await Promise.all(names.map((name) => shows(pages[name], "brian: hi")));
	for (const name of names) {
		await say(pages[name], name, "hello");
		await Promise.all(names.map((other) => shows(pages[other], name + ": hello")));
	}
	for (const name of names)
		equal(await list(pages[name]), [...names.map((n) => n + ": hello").reverse(), "brian: hi"], `the list of ${name}`);
	await leave(...Object.values(pages));
	await server.stop();
});
