// SPDX-License-Identifier: MIT
//
// The course's own frontend, unchanged, against this server. Its address is
// written in it: http://localhost:8080. Its client comes from a CDN; that one
// request is answered with the bundle at hand.

import { mkdtemp, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { once } from "node:events";
import { join } from "node:path";
import { Skip, assert, equal, test, within } from "./harness.mjs";
import { leave, picture, visit } from "./browser.mjs";
import { CDN, courseScript, writeFrontend } from "./course.mjs";
import { startServer } from "./server.mjs";

const load = createRequire(process.env.NODE_MODULES_OF || import.meta.url);
const PORT = 8080;

async function needPort() {
	const probe = createServer();

	probe.listen(PORT);
	try {
		await once(probe, "listening");
	} catch (error) {
		throw new Skip(`port ${PORT}, which the course's script names, is not free (${error.code}): stop what uses it`);
	}
	probe.close();
	await once(probe, "close");
}

async function clientBundle() {
	const file = join(load.resolve("socket.io/package.json"), "..", "client-dist", "socket.io.min.js");

	return readFile(file, "utf8");
}

async function open(bundle) {
	const page = await visit(`http://localhost:${PORT}/`, {
		prepare: (p) => p.route(CDN + "**", (route) => route.fulfill({
			contentType: "application/javascript",
			headers: { "Access-Control-Allow-Origin": "*" },
			body: bundle,
		})),
	});

	await light(page, "🟢");
	return page;
}

const light = (page, sign) => page.waitForFunction((wanted) =>
	document.getElementById("presence-indicator").textContent === wanted, sign);

const list = (page) => page.locator("#msgs li").allInnerTexts();

async function say(page, user, text) {
	await page.fill("#user", user);
	await page.fill("#text", text);
	await page.click("button");
}

const shows = (page, text) => page.locator("#msgs li", { hasText: text }).first().waitFor();

test("course: its frontend chats, unchanged, and reconnects", async () => {
	const seeds = process.env.COURSE_SEEDS || "";
	const script = seeds && courseScript(seeds);

	if (!script)
		throw new Skip("the course's lessons are not at hand (../shared/seeds)");
	assert(script.includes(`io("http://localhost:${PORT}")`), "the script connects to its own address");
	await needPort();

	const root = await mkdtemp(join(process.env.TMPDIR, "frontend-"));
	await writeFrontend(root, script);
	const bundle = await clientBundle();
	const server = await startServer({ root, port: PORT });
	const [one, two] = [await open(bundle), await open(bundle)];

	await shows(one, "brian: hi");
	await say(one, "one", "hello from one");
	await shows(two, "one: hello from one");
	await say(two, "two", "hello from two");
	await shows(one, "two: hello from two");
	equal(await list(one), ["two: hello from two", "one: hello from one", "brian: hi"], "the list, newest first");
	equal(await list(two), await list(one), "the list of the other page");
	await picture(one, "course");

	await within(Promise.all([one.upgraded, two.upgraded]), "the upgrade of both pages");
	await server.stop();
	await Promise.all([light(one, "🔴"), light(two, "🔴")]);
	const again = await startServer({ root, port: PORT });
	await Promise.all([light(one, "🟢"), light(two, "🟢")]);
	await say(one, "one", "back again");
	await shows(two, "one: back again");
	equal(await list(two), ["one: back again", "brian: hi"], "the list of the new server");
	await leave(one, two);
	await again.stop();
});
