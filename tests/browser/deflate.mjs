// SPDX-License-Identifier: MIT
//
// permessage-deflate with the browser's own WebSocket, which offers it
// always. The server is the reference app (../apps).

import { assert, equal, test, within } from "./harness.mjs";
import { withApp } from "./app.mjs";
import { leave, visit } from "./browser.mjs";

const KINDS = {
	"both takeovers": "",
	"no takeover": "serverNoContextTakeover=1,clientNoContextTakeover=1",
	"small windows, no threshold": "serverMaxWindowBits=9,clientMaxWindowBits=9,threshold=0",
};

/* Inside the page: what it sends comes back the same, texts and bytes of many
 * sizes in turn; and what was agreed on. */
function exchange() {
	const words = (n) => Array.from({ length: n }, (_, i) => ({ id: i, name: `person ${i * 7919 % 997}`, tags: ["a", "ü"] }));
	const sizes = [0, 1, 10, 100, 1000, 3000, 50, 2000];
	const socket = window.io({ transports: ["websocket"], reconnection: false });

	return new Promise((resolve, reject) => {
		const wrong = [];
		let left = sizes.length;

		socket.on("connect_error", reject);
		socket.on("disconnect", reject);
		for (const n of sizes) {
			const sent = { n, list: words(n), bytes: new Uint8Array(n).fill(n).buffer };
			socket.emit("message-with-ack", sent, (got) => {
				const same = got.n === n && JSON.stringify(got.list) === JSON.stringify(sent.list)
					&& got.bytes.byteLength === n && new Uint8Array(got.bytes).every((b) => b === (n & 255));
				if (!same) wrong.push(n);
				if (--left === 0) resolve({ wrong, extensions: socket.io.engine.transport.ws.extensions });
			});
		}
	});
}

for (const [kind, settings] of Object.entries(KINDS)) {
	test(`deflate: ${kind}`, () => withApp({ PER_MESSAGE_DEFLATE: "1", DEFLATE: settings }, async (server) => {
		const page = await visit(`${server.origin}/healthz`);

		await page.addScriptTag({ url: "/socket.io/socket.io.min.js" });
		const { wrong, extensions } = await within(page.evaluate(exchange), "the exchange");
		equal(wrong, [], "messages that came back wrong");
		assert(extensions.startsWith("permessage-deflate"), `agreed on: "${extensions}"`);
		await leave(page);
	}));
}
