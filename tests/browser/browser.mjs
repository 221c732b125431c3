// SPDX-License-Identifier: MIT
//
// Debian's Chromium without a window, with a new and empty profile below the
// build folder (playwright puts it into TMPDIR, which run.sh points there).
// Each visitor has a storage of his own. What a page complains about is kept,
// and so is every address it asked for: the chat must need nothing but its
// own server.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DEADLINE, equal } from "./harness.mjs";

const load = createRequire(process.env.NODE_MODULES_OF || import.meta.url);
const { chromium } = load("playwright-core");

const ARGS = [
	"--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update",
	"--disable-sync", "--disable-dev-shm-usage",
	/* pages of the world may talk to this machine, where all servers are */
	"--disable-features=LocalNetworkAccessChecks,LocalNetworkAccessChecksWebSockets",
];

let browser = null;

export async function openBrowser() {
	browser = await chromium.launch({
		executablePath: process.env.CHROMIUM,
		headless: true,
		args: ARGS,
		timeout: DEADLINE * 3,
	});
	return browser.version();
}

export async function closeBrowser() {
	if (browser)
		await browser.close();
}

export const SIZES = {
	desktop: { viewport: { width: 1100, height: 760 } },
	phone: { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
	small: { viewport: { width: 320, height: 568 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 },
};

/*
 * A page of a new visitor. `prepare(page)` runs before the first request.
 * The page gets two lists: complaints (console errors, exceptions) and
 * requests (addresses); and a promise, upgraded: its client has moved to
 * WebSocket (the "5" of Engine.IO has left).
 */
export async function visit(url, { size = SIZES.desktop, scheme = "light", prepare, name } = {}) {
	const context = await browser.newContext({
		...size, colorScheme: scheme, locale: "en-GB", reducedMotion: "reduce",
		/* our own certificates are nobody else's */
		ignoreHTTPSErrors: true,
	});
	const page = await context.newPage();

	page.setDefaultTimeout(DEADLINE);
	page.complaints = [];
	page.requests = [];
	page.on("console", (m) => m.type() === "error" && page.complaints.push(m.text()));
	page.on("pageerror", (e) => page.complaints.push(String(e)));
	page.on("request", (r) => page.requests.push(r.url()));
	page.upgraded = new Promise((resolve) => page.on("websocket", (socket) =>
		socket.on("framesent", ({ payload }) => payload === "5" && resolve())));
	if (prepare)
		await prepare(page);
	await page.goto(url);
	if (name !== undefined)
		await page.fill("#user", name);
	return page;
}

/* Nothing was complained of, and nothing asked of anybody else. */
export function checkClean(page, origin) {
	const strangers = page.requests.filter((u) => !u.startsWith(origin + "/") && !u.startsWith("data:"));

	equal(page.complaints, [], "complaints of the page");
	equal(strangers, [], "requests to others");
}

export async function leave(...pages) {
	for (const page of pages)
		await page.context().close();
}

/* Pictures for people: look at them after changing the page. */
export async function picture(page, name) {
	const folder = process.env.SCREENSHOTS;

	if (folder && existsSync(folder))
		await page.screenshot({ path: join(folder, name + ".png") });
}
