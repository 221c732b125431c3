// SPDX-License-Identifier: MIT
//
// Our own page, public/: what a visitor sees and does.

import { assert, equal, test, within } from "./harness.mjs";
import { SIZES, checkClean, leave, picture, visit } from "./browser.mjs";
import { startServer } from "./server.mjs";

const PUBLIC = process.env.PUBLIC;

const light = (page, state) => page.waitForSelector(`#presence[data-state="${state}"]`);
const texts = (page) => page.locator("#messages .text").allInnerTexts();
const shows = (page, text) => page.locator("#messages .text", { hasText: text }).last().waitFor();

/*
 * The upgrade is over. A stock client whose server ends in the middle of it
 * may notice only after its ping timeout, whatever the server.
 */
const settled = (page) => page.waitForSelector('#transport[data-name="websocket"]');

async function say(page, text) {
	await page.fill("#text", text);
	await page.press("#text", "Enter");
}

/* A server of its own for each test, stopped properly at its end. */
async function withServer(run, options = {}) {
	const server = await startServer({ root: PUBLIC, ...options });

	await run(server);
	await server.stop();
}

async function enter(server, options) {
	const page = await visit(server.origin + "/", options);

	await light(page, "on");
	await shows(page, "hi");
	return page;
}

/* What the browser computes from colours on colours, WCAG 2 style. */
function contrasts(page, selectors) {
	return page.evaluate((all) => {
		const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
		const rgb = (css) => {
			canvas.clearRect(0, 0, 1, 1);
			canvas.fillStyle = css;
			canvas.fillRect(0, 0, 1, 1);
			return [...canvas.getImageData(0, 0, 1, 1).data];
		};
		const ground = (node) => {
			for (; node; node = node.parentElement) {
				const colour = rgb(getComputedStyle(node).backgroundColor);

				if (colour[3] === 255)
					return colour;
			}
			return [255, 255, 255, 255];
		};
		const luminance = (colour) => {
			const [r, g, b] = colour.slice(0, 3).map((v) => v / 255)
				.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));

			return 0.2126 * r + 0.7152 * g + 0.0722 * b;
		};

		return all.map((selector) => {
			const node = document.querySelector(selector);
			const [a, b] = [luminance(rgb(getComputedStyle(node).color)), luminance(ground(node))];

			return [selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
		});
	}, selectors);
}

test("page: two visitors chat, over WebSocket in the end", () => withServer(async (server) => {
	const ann = await enter(server, { name: "Ann" });
	const bob = await enter(server, { name: "Bob" });

	await server.line(/^connected: \S+$/);
	await settled(ann);
	await say(ann, "Hello Bob");
	await shows(bob, "Hello Bob");
	await say(bob, "Hello Ann");
	for (const page of [ann, bob]) {
		await shows(page, "Hello Ann");
		equal(await texts(page), ["hi", "Hello Bob", "Hello Ann"], "messages, oldest on top");
	}
	equal(await ann.locator(".own .text").allInnerTexts(), ["Hello Bob"], "own messages of Ann");
	equal(await bob.locator(".own .text").allInnerTexts(), ["Hello Ann"], "own messages of Bob");
	equal(await ann.inputValue("#text"), "", "the box after sending");
	assert(/^\d\d:\d\d$/.test(await ann.locator(".own time").innerText()), "a time at the message");
	checkClean(ann, server.origin);
	checkClean(bob, server.origin);
	await leave(bob);
	await server.line(/^disconnect: \S+$/);
	await leave(ann);
}));

test("page: what looks like HTML is shown as text", () => withServer(async (server) => {
	const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>&amp;<b>bold</b>';
	const ann = await enter(server, { name: '<b onmouseover="hurt=1">Ann' });
	const bob = await enter(server, { name: "Bob" });

	await say(ann, evil);
	await shows(bob, "onerror");
	equal((await texts(bob)).at(-1), evil, "the text");
	equal(await bob.locator(".message .name").last().innerText(), '<b onmouseover="hurt=1">Ann', "the name");
	for (const page of [ann, bob]) {
		equal(await page.locator("#messages img, #messages script, #messages b").count(), 0, "elements made of text");
		equal(await page.evaluate(() => window.hurt), undefined, "code run");
		checkClean(page, server.origin);
	}
	await leave(ann, bob);
}));

test("page: fields of any type from other programs do no harm", () => withServer(async (server) => {
	const page = await enter(server, { name: "Ann" });

	await page.evaluate(async () => {
		const socket = window.io();

		for (const junk of [{ user: 7, text: 3.5 }, {}, { user: null, text: { a: ["<i>"] } }, null, "x", { text: true }])
			socket.emit("msg:post", junk);
		socket.emit("msg:post");
		socket.emit("msg:post", { user: "end", text: "the end" });
	});
	await shows(page, "the end");
	equal(await texts(page), ["hi", "3.5", "(no text)", '{"a":["<i>"]}', "true", "the end"], "texts");
	equal((await page.locator("#messages .name").allTextContents()).slice(1),
		["7", "no name", "no name", "no name", "end"], "names");
	checkClean(page, server.origin);
	await leave(page);
}));

test("page: the light turns red when the server stops and green when it is back", async () => {
	const server = await startServer({ root: PUBLIC });
	const page = await enter(server, { name: "Ann" });

	await settled(page);
	await server.stop();
	await light(page, "off");
	equal(await page.innerText("#presence-text"), "Disconnected", "the words beside the light");
	await page.fill("#text", "kept for later");
	await page.press("#text", "Enter");
	await page.waitForSelector("#notice:not([hidden])");
	equal(await page.inputValue("#text"), "kept for later", "the box while not connected");
	await picture(page, "disconnected");

	await withServer(async () => {
		await light(page, "on");
		await page.waitForSelector("#notice", { state: "hidden" });
		await page.press("#text", "Enter");
		await shows(page, "kept for later");
		equal(await texts(page), ["hi", "kept for later"], "messages of the new server");
		await leave(page);
	}, { port: server.port });
});

test("page: a message lost with the connection comes back into the box", async () => {
	const server = await startServer({ root: PUBLIC });
	const page = await enter(server, { name: "Ann" });

	await settled(page);
	server.child.kill("SIGSTOP"); /* it hears no more, and nobody knows yet */
	await say(page, "did this arrive?");
	equal(await page.inputValue("#text"), "", "the box after sending");
	server.child.kill("SIGKILL");
	await server.ended;
	await light(page, "off");
	await withServer(async () => {
		await light(page, "on");
		await page.waitForFunction(() => document.getElementById("text").value === "did this arrive?");
		await leave(page);
	}, { port: server.port });
});

test("page: without WebSocket it chats over polling", () => withServer(async (server) => {
	const prepare = (page) => page.addInitScript(() => { delete window.WebSocket; });
	const ann = await enter(server, { name: "Ann", prepare });
	const bob = await enter(server, { name: "Bob" });

	equal(await ann.innerText("#transport"), "Polling", "the transport shown");
	for (const text of ["one", "two", "three"]) {
		await say(ann, text);
		await shows(bob, text);
		await say(bob, text + " back");
		await shows(ann, text + " back");
	}
	equal(await ann.innerText("#transport"), "Polling", "the transport after chatting");
	equal(await texts(ann), ["hi", "one", "one back", "two", "two back", "three", "three back"], "messages");
	await leave(ann, bob);
}));

test("page: the name is remembered, and needed", () => withServer(async (server) => {
	const page = await enter(server);

	await say(page, "who am I");
	equal(await page.innerText("#notice-text"), "Who are you? Please enter a name first.", "the notice");
	equal(await page.evaluate(() => document.activeElement.id), "user", "the focus");
	await page.keyboard.type("Zoë");
	await page.keyboard.press("Enter");
	await page.keyboard.press("Enter");
	await shows(page, "who am I");
	await page.reload();
	await light(page, "on");
	equal(await page.inputValue("#user"), "Zoë", "the name after a reload");
	await page.locator(".own .text", { hasText: "who am I" }).waitFor();
	await leave(page);
}));

test("page: the 50 newest stay, and only the new one is added to the page", () => withServer(async (server) => {
	const page = await enter(server, { name: "Ann" });

	await page.evaluate(() => {
		const socket = window.io();

		for (let i = 1; i <= 60; i++)
			socket.emit("msg:post", { user: "robot", text: "number " + i });
	});
	await shows(page, "number 60");
	equal(await page.locator("#messages .message").count(), 50, "messages on the page");
	equal((await texts(page))[0], "number 11", "the oldest");
	await page.evaluate(() => {
		window.fresh = [];
		new MutationObserver((all) => all.forEach((m) => window.fresh.push(...[...m.addedNodes].map((n) => n.textContent))))
			.observe(document.getElementById("messages"), { childList: true });
	});
	await say(page, "one more");
	await shows(page, "one more");
	equal((await page.evaluate(() => window.fresh)).length, 1, "messages added to the page");
	await leave(page);
}));

test("page: reading back is not disturbed by new messages", () => withServer(async (server) => {
	const ann = await enter(server, { name: "Ann" });
	const bob = await enter(server, { name: "Bob" });
	const place = () => ann.evaluate(() => document.getElementById("log").scrollTop);

	for (let i = 1; i <= 30; i++)
		await say(bob, "line " + i);
	await shows(ann, "line 30");
	await ann.waitForFunction(() => {
		const log = document.getElementById("log");

		return log.scrollTop > 0 && log.scrollHeight - log.scrollTop - log.clientHeight < 2;
	});
	await ann.evaluate(() => new Promise((resolve) => {
		const log = document.getElementById("log");

		log.addEventListener("scroll", () => requestAnimationFrame(resolve), { once: true });
		log.scrollTop = 100;
	}));
	await say(bob, "are you there?");
	await shows(ann, "are you there?");
	equal(await place(), 100, "the place in the list");
	await ann.click("#latest");
	assert(await place() > 100, "the button leads to the end");
	await ann.waitForSelector("#latest", { state: "hidden" });
	await leave(ann, bob);
}));

test("page: a phone of 320 px shows everything", () => withServer(async (server) => {
	const page = await enter(server, { name: "Ann", size: SIZES.small });

	await page.evaluate(() => window.io().emit("msg:post",
		{ user: "W".repeat(300), text: "x".repeat(500) + "\n\n" + "ordinary words ".repeat(30) }));
	await shows(page, "ordinary words");
	await say(page, "and mine");
	await shows(page, "and mine");
	const [wide, tall] = await page.evaluate(() =>
		[document.documentElement.scrollWidth, document.documentElement.scrollHeight]);
	equal([wide, tall], [320, 568], "size of the page");
	for (const id of ["#presence", "#user", "#text", ".send"]) {
		const box = await page.locator(id).boundingBox();

		assert(box.x >= 0 && box.x + box.width <= 320 && box.y + box.height <= 568, `${id} is on the screen`);
	}
	for (const id of ["#user", "#text", ".send"])
		assert((await page.locator(id).boundingBox()).height >= 44, `${id} is large enough for a finger`);
	await picture(page, "small");
	await leave(page);
}));

test("page: by keyboard and by ear", () => withServer(async (server) => {
	const page = await enter(server);
	const order = [];

	equal(await page.evaluate(() => document.activeElement.id), "user", "the focus of a new visitor");
	for (const key of ["Shift+Tab", "Tab", "Tab", "Tab"]) {
		await page.keyboard.press(key);
		order.push(await page.evaluate(() => document.activeElement.id || document.activeElement.className));
	}
	equal(order, ["log", "user", "text", "send"], "order of the Tab key");
	await page.getByRole("textbox", { name: "Your name" }).fill("Ann");
	await page.getByRole("textbox", { name: "Message" }).fill("two");
	await page.getByRole("textbox", { name: "Message" }).press("Shift+Enter");
	await page.keyboard.type("lines");
	await page.getByRole("button", { name: "Send" }).press("Enter");
	await page.getByRole("log", { name: "Messages" }).getByText("two\nlines").waitFor();
	assert((await page.getByRole("status").innerText()).startsWith("Connected"), "the state in words");
	equal(await page.getByRole("log").getAttribute("aria-live"), "polite", "how messages are announced");
	equal(await page.evaluate(() => document.documentElement.lang), "en", "the language");
	await leave(page);
}));

for (const scheme of ["light", "dark"])
	test(`page: ${scheme} scheme is readable`, () => withServer(async (server) => {
		const page = await enter(server, { name: "Ann", scheme });

		await say(page, "mine");
		await shows(page, "mine");
		for (const [what, ratio] of await contrasts(page, ["h1", "#presence-text", "#transport", ".message .name",
			".message time", ".message .text", ".avatar", ".own .text", ".own time", ".own .you",
			".who label", "#user", "#text", ".send", ".keys"]))
			assert(ratio >= 4.5, `${what} in the ${scheme} scheme has a contrast of ${ratio.toFixed(2)}`);
		await leave(page);
	}));

test("page: it says so when the client bundle is missing", async () => {
	const server = await startServer({ root: PUBLIC });
	const page = await visit(server.origin + "/", {
		prepare: (p) => p.route("**/socket.io.min.js", (route) => route.fulfill({ status: 400, body: "{}" })),
	});

	await page.waitForSelector("#notice:not([hidden])");
	assert((await page.innerText("#notice-text")).includes("/socket.io/socket.io.min.js"), "the notice names the file");
	equal(await page.getAttribute("#presence", "data-state"), "off", "the light");
	await page.fill("#user", "Ann");
	await say(page, "anybody?");
	equal(await page.inputValue("#text"), "anybody?", "the box");
	assert((await page.innerText("#notice-text")).includes("/socket.io/socket.io.min.js"), "the notice stays");
	await picture(page, "no-client");
	await leave(page);
	await server.stop();
});

test("page: it finds a server with another path", () => withServer(async (server) => {
	const page = await enter(server, { name: "Ann" });

	await settled(page);
	await say(page, "over there");
	await shows(page, "over there");
	assert(page.requests.some((u) => u.startsWith(server.origin + "/some/where/?EIO=4")), "requests to the path");
	await leave(page);
}, { more: ["--path", "/some/where"] }));

/* A conversation for the pictures; posted by programs, so that it has several names. */
async function converse(page) {
	await page.evaluate(async () => {
		const socket = window.io();
		const lines = [
			["Mira", "Morning! Is the new server up already?"],
			["Jonas", "It is. Same page, same client, and the backend is one small C program now."],
			["Jonas", "Started over polling, upgraded to WebSocket before I had typed my name."],
			["Ann", "Nice. What happens when it restarts?"],
			["Mira", "The light goes red, then green again. Nothing to reload."],
			["Jonas", "And the text you were typing stays in the box."],
			["Ann", "Trying it from my phone on the train: works in the tunnel, too, a moment later."],
			["שרה", "שלום! Right-to-left names stay where they belong."],
			["Mira", "Long links break: https://example.org/a/rather/long/path/which/would/otherwise/run/out/of/the/bubble/to/the/right"],
		];

		for (const [user, text] of lines)
			socket.emit("msg:post", { user, text });
	});
	await shows(page, "Long links break");
}

for (const [name, size, scheme] of [
	["desktop-light", SIZES.desktop, "light"], ["desktop-dark", SIZES.desktop, "dark"],
	["phone-light", SIZES.phone, "light"], ["phone-dark", SIZES.phone, "dark"],
])
	test(`page: picture ${name}`, () => withServer(async (server) => {
		const page = await enter(server, { name: "Ann", size, scheme });

		await converse(page);
		await settled(page);
		await picture(page, name);
		checkClean(page, server.origin);
		await leave(page);
	}));

test("page: a server gone for good is not taken for one that is there", async () => {
	const server = await startServer({ root: PUBLIC });
	const page = await enter(server, { name: "Ann" });

	await settled(page);
	await server.stop();
	await light(page, "off");
	await within(page.waitForFunction(() => document.getElementById("notice-text").textContent.includes("does not answer")),
		"the notice after a vain attempt");
	await leave(page);
});
