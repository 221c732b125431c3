/* SPDX-License-Identifier: MIT */
/*
 * Four ways to one chat: each has a panel, a connection of its own, and the
 * same list of messages.
 *
 * A way is {name, how, open(panel), send(post)}; it calls panel.on(), .off(),
 * .show(list) and .carries(text), and comes back by itself when it is lost; or
 * panel.never(), when it cannot be had at all.
 * Nothing that others wrote is trusted: it is only ever set as text.
 */
"use strict";

(function () {
	const POLL_EVERY = 3000; /* ms, and more after each failure in a row */
	const POLL_BACKOFF = 5000;
	const AGAIN_AFTER = 1000;
	const SHOWN = 50;
	const NAMES = { h2: "HTTP/2", "http/1.1": "HTTP/1.1", "http/1.0": "HTTP/1.0" };
	const SECURE = location.protocol === "https:";

	const $ = (id) => document.getElementById(id);
	const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
	let pending = null; /* the own post whose way is timed: {text, at, seen} */

	function asText(value) {
		if (value === undefined || value === null)
			return "";
		return typeof value === "object" ? JSON.stringify(value) : String(value);
	}

	/* ---------------------------------------------------- panels */

	function line(message) {
		const node = document.createElement("li");
		const name = document.createElement("b");

		name.textContent = asText(message.user).slice(0, 60) || "no name";
		node.append(name, asText(message.text).slice(0, 2000));
		return node;
	}

	function timed(ms) {
		if (ms < 10)
			return ms.toFixed(1) + " ms";
		return ms < 1000 ? ms.toFixed(0) + " ms" : (ms / 1000).toFixed(1) + " s";
	}

	class Panel {
		constructor(way) {
			const root = $("panel").content.cloneNode(true).firstElementChild;
			const find = (name) => root.querySelector("." + name);

			this.root = root;
			this.id = way.id;
			this.parts = {
				name: find("name"), state: find("state"), transport: find("transport"),
				time: find("time"), scale: find("scale"), list: find("list"),
			};
			this.parts.name.textContent = way.name;
			find("how").textContent = way.how;
			root.id = "way-" + way.id;
			root.dataset.state = "off";
			$("grid").append(root);
		}

		choice() {
			return $("by").querySelector(`[value="${this.id}"]`);
		}

		/* A message has left, and is not seen here yet. */
		waits() {
			if (this.choice().disabled)
				return;
			this.root.dataset.time = "waits";
			this.parts.time.textContent = "…";
		}

		/* It has not left. */
		rests() {
			if (this.root.dataset.time !== "waits")
				return;
			delete this.root.dataset.time;
			this.parts.time.textContent = "–";
		}

		on() {
			this.root.dataset.state = "on";
			this.parts.state.textContent = "Connected";
		}

		off(why) {
			this.root.dataset.state = "off";
			this.parts.state.textContent = why;
			this.parts.transport.textContent = "";
		}

		/* Nothing can be sent by it. */
		never(why) {
			this.off(why);
			this.choice().disabled = true;
			if (this.choice().selected)
				$("by").value = [...$("by").options].find((o) => !o.disabled).value;
		}

		carries(transport) {
			this.parts.transport.textContent = transport;
		}

		show(list) {
			const messages = list.filter((m) => m !== null && typeof m === "object");

			this.parts.list.replaceChildren(...messages.slice(0, SHOWN).map(line));
			this.measure(messages);
		}

		tell(ms) {
			this.root.dataset.time = "told";
			this.parts.time.textContent = timed(ms);
			this.parts.scale.style.width = share(ms) * 100 + "%";
		}

		/* From "Send" until the message was seen here. */
		measure(messages) {
			if (!pending || pending.seen.has(this))
				return;
			if (!messages.some((m) => m.text === pending.text && m.user === pending.user))
				return;
			pending.seen.add(this);
			this.tell(performance.now() - pending.at);
			this.root.dataset.timed = pending.text;
		}
	}

	/* The bar of a time: as long again for ten times as much, from 1 ms to
	 * 10 s. */
	const share = (ms) => Math.min(Math.max(Math.log10(ms) / 4, 0.03), 1);

	/* ---------------------------------------------------- by plain HTTP */

	async function post(path, message) {
		const answer = await fetch(path, {
			method: "POST",
			body: JSON.stringify(message),
			headers: { "Content-Type": "application/json" },
		});

		if (!answer.ok)
			throw new Error(path + ": " + answer.status);
	}

	/* What HTTP carried the last answer of this address. Of one that has not
	 * ended the browser says nothing: it came as the page did. */
	function httpOf(path) {
		const known = performance.getEntriesByType("navigation")
			.concat(performance.getEntriesByName(new URL(path, location).href))
			.map((entry) => entry.nextHopProtocol).filter(Boolean);

		return NAMES[known.pop()] || "HTTP/1.1";
	}

	const polling = {
		id: "polling",
		name: "Polling",
		how: "Asks for all messages every three seconds, and less often after failures.",
		async open(panel) {
			for (let failed = 0;; await wait(POLL_EVERY + failed * POLL_BACKOFF)) {
				try {
					const answer = await fetch("/poll");

					if (!answer.ok)
						throw new Error(String(answer.status));
					panel.show((await answer.json()).msg);
					panel.on();
					panel.carries(httpOf("/poll"));
					failed = 0;
				} catch (e) {
					failed++;
					panel.off("Failed " + failed + (failed === 1 ? " time" : " times"));
				}
			}
		},
		send: (message) => post("/poll", message),
	};

	const stream = {
		id: "stream",
		name: "HTTP/2 push",
		how: SECURE ? "One answer that never ends: each piece of it is the list. Posts go beside it, on the same connection."
			: "One answer that never ends: each piece of it is the list. Here by HTTP/1.1, because HTTP/2 needs TLS.",
		async open(panel) {
			for (;; await wait(AGAIN_AFTER)) {
				try {
					await this.read(panel, (await fetch("/msgs")).body.getReader());
				} catch (e) {
					/* told below */
				}
				panel.off("The stream has ended");
			}
		},
		async read(panel, reader) {
			const decoder = new TextDecoder();
			let text = "";

			for (;;) {
				const { done, value } = await reader.read();

				if (done)
					return;
				text += decoder.decode(value, { stream: true });
				try {
					panel.show(JSON.parse(text).msg);
				} catch (e) {
					text = this.rest(panel, text);
					continue;
				}
				text = "";
				panel.on();
				panel.carries(httpOf("/msgs"));
			}
		},
		/* Several lists may arrive together, or one in several pieces. */
		rest(panel, text) {
			const last = text.lastIndexOf('{"msg":');

			if (last > 0) {
				try {
					panel.show(JSON.parse(text.slice(last)).msg);
					return "";
				} catch (e) {
					return text.slice(last);
				}
			}
			return text;
		},
		send: (message) => post("/msgs", message),
	};

	/* ---------------------------------------------------- by sockets */

	const websocket = {
		id: "websocket",
		name: "WebSocket",
		how: "One connection for both directions, and nothing else: coming back is left to the page.",
		open(panel) {
			const ws = new WebSocket(location.origin.replace(/^http/, "ws") + "/", ["json"]);

			this.ws = ws;
			ws.addEventListener("message", (event) => {
				panel.show(JSON.parse(event.data).msg);
				panel.on();
				panel.carries("WebSocket, " + ws.protocol);
			});
			ws.addEventListener("close", () => {
				panel.off("Disconnected");
				setTimeout(() => this.open(panel), AGAIN_AFTER);
			});
		},
		async send(message) {
			if (this.ws.readyState !== WebSocket.OPEN)
				throw new Error("not connected");
			this.ws.send(JSON.stringify(message));
		},
	};

	/*
	 * Without the client where this page asks for it, the server may have
	 * been started with another path; then it says here with which.
	 */
	async function clientPath() {
		if (typeof window.io === "function")
			return "/socket.io";
		const answer = await fetch("/socketio-chat.json");
		const { path } = answer.ok ? await answer.json() : { path: "/socket.io" };
		const script = document.createElement("script");

		script.src = path.replace(/\/$/, "") + "/socket.io.min.js";
		await new Promise((resolve, reject) => {
			script.addEventListener("load", resolve);
			script.addEventListener("error", () => reject(new Error(script.getAttribute("src"))));
			document.head.append(script);
		});
		return path;
	}

	const socketio = {
		id: "socketio",
		name: "Socket.IO",
		how: "Begins with polling, moves on to WebSocket, and comes back by itself.",
		async open(panel) {
			let path;

			try {
				path = await clientPath();
			} catch (e) {
				panel.never("Not there: the server did not send Socket.IO's browser client, " + e.message);
				return;
			}
			this.connect(panel, window.io({ path }));
		},
		connect(panel, socket) {
			const transport = () => panel.carries(socket.io.engine.transport.name === "websocket"
				? "Socket.IO, WebSocket" : "Socket.IO, polling");

			this.socket = socket;
			socket.on("connect", () => {
				panel.on();
				transport();
				socket.io.engine.on("upgrade", transport);
			});
			socket.on("disconnect", () => panel.off("Disconnected"));
			socket.on("msg:get", (data) => panel.show(data.msg));
		},
		async send(message) {
			if (!this.socket.connected)
				throw new Error("not connected");
			this.socket.emit("msg:post", message);
		},
	};

	/* ---------------------------------------------------- the page */

	const ways = [polling, stream, websocket, socketio];

	function onSubmit(event) {
		const way = ways.find((w) => w.id === $("by").value);
		const message = { user: $("user").value.trim(), text: $("text").value.trim() };

		event.preventDefault();
		if (message.text === "" || !way)
			return;
		pending = { ...message, at: performance.now(), seen: new Set() };
		ways.forEach(({ panel }) => panel.waits());
		way.send(message).then(
			() => {
				$("text").value = "";
			},
			(e) => {
				ways.forEach(({ panel }) => panel.rests());
				way.panel.off("The message could not be sent: " + e.message);
			});
	}

	for (const way of ways) {
		way.panel = new Panel(way);
		$("by").append(new Option(way.name, way.id));
	}
	$("tls").textContent = SECURE ? "All of it goes over TLS." : "Without TLS: over https:// polling and push speak HTTP/2.";
	$("by").value = "socketio";
	ways.forEach((way) => way.open(way.panel));
	$("form").addEventListener("submit", onSubmit);
})();
