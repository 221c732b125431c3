/* SPDX-License-Identifier: MIT */
/*
 * The chat page: one connection, one list of messages, one form.
 *
 * The server sends `msg:get` {msg: [newest first]} on connection and after
 * every post; a post is `msg:post` {user, text}. Nobody checks what others
 * put into those fields, so nothing here trusts them: whatever arrives is
 * turned into text and only ever set as textContent, never as HTML.
 *
 * `io` is the global of the client bundle which the server serves.
 */
"use strict";

(function () {
	const NAME_SHOWN = 60; /* characters; more only pushes the text away */
	const TEXT_SHOWN = 20000; /* a million would freeze a phone */
	const SAME_BREATH = 5 * 60 * 1000; /* one heading for messages this near */
	const NEAR_END = 80; /* px from the end that still count as reading along */
	const HUES = 8;
	const NAME_KEY = "socketio-chat.user";

	const $ = (id) => document.getElementById(id);
	const page = {
		log: $("log"), messages: $("messages"), empty: $("empty"),
		latest: $("latest"), form: $("form"), user: $("user"),
		text: $("text"), notice: $("notice"),
		noticeText: $("notice-text"), again: $("again"),
		presence: $("presence"), presenceText: $("presence-text"),
		transport: $("transport"),
	};
	const title = document.title;

	let socket = null;
	let shown = []; /* what is on the page: {key, message, node}, oldest first */
	let sent = []; /* own posts that have not come back yet: {user, text} */
	let afterBreak = false; /* the next list is the first of a new connection */
	let unread = 0;
	let following = true; /* the reader is at the end and wants to stay there */

	/* ------------------------------------------------ what others wrote */

	/*
	 * A field may be missing or of any type. A string is shown as it is, a
	 * number or an object as JavaScript writes it, nothing as nothing.
	 */
	function asText(value) {
		if (value === undefined || value === null)
			return "";
		if (typeof value === "string")
			return value;
		if (typeof value !== "object")
			return String(value);
		try {
			return JSON.stringify(value);
		} catch (e) {
			return "";
		}
	}

	function cut(text, most) {
		return text.length <= most ? text : text.slice(0, most) + "…";
	}

	function nameOf(message) {
		return cut(asText(message.user).trim(), NAME_SHOWN);
	}

	/* A Date, or null when there is none: Intl throws on an invalid one. */
	function timeOf(message) {
		const date = new Date(typeof message.time === "number" ? message.time : NaN);

		return Number.isNaN(date.getTime()) ? null : date;
	}

	function isOwn(message) {
		const name = page.user.value.trim();

		return name !== "" && asText(message.user).trim() === name;
	}

	/* The same name gets the same colour, on every page and after a reload. */
	function hueOf(name) {
		let sum = 2166136261; /* FNV-1a, folded: short names differ, too */

		for (const c of name)
			sum = Math.imul(sum ^ c.codePointAt(0), 16777619) >>> 0;
		return ((sum ^ (sum >>> 15)) >>> 0) % HUES;
	}

	function initialOf(name) {
		const first = Array.from(name)[0];

		return first === undefined ? "?" : first.toUpperCase();
	}

	/* ---------------------------------------------------- one message */

	const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
	const full = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });
	const dayName = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });

	function element(tag, name, text) {
		const node = document.createElement(tag);

		if (name)
			node.className = name;
		if (text !== undefined)
			node.textContent = text;
		return node;
	}

	/* Names and texts of any script keep their own direction to themselves. */
	function foreign(tag, name, text) {
		const node = element(tag, name, text);

		node.dir = "auto";
		return node;
	}

	function timeNode(date) {
		const node = element("time", "", clock.format(date));

		node.dateTime = date.toISOString();
		node.title = full.format(date);
		return node;
	}

	function metaNode(message) {
		const meta = element("p", "meta");
		const date = timeOf(message);

		meta.append(foreign("bdi", "name", nameOf(message) || "no name"), " ");
		meta.append(element("span", "you", "You"), " ");
		if (date)
			meta.append(timeNode(date));
		return meta;
	}

	function textNode(message) {
		const text = asText(message.text);

		if (text === "")
			return element("p", "text none", "(no text)");
		return foreign("p", "text", cut(text, TEXT_SHOWN));
	}

	function messageNode(message) {
		const node = element("li", "message");
		const name = nameOf(message);
		const avatar = element("span", "avatar hue-" + hueOf(name), initialOf(name));
		const bubble = element("div", "bubble");

		avatar.setAttribute("aria-hidden", "true");
		bubble.append(metaNode(message), textNode(message));
		node.append(avatar, bubble);
		return node;
	}

	/* ---------------------------------------------------- the list */

	function sameDay(a, b) {
		return a.getFullYear() === b.getFullYear() &&
			a.getMonth() === b.getMonth() && a.getDate() === b.getDate();
	}

	function dayText(date) {
		const yesterday = new Date();

		if (sameDay(date, yesterday))
			return "Today";
		yesterday.setDate(yesterday.getDate() - 1);
		return sameDay(date, yesterday) ? "Yesterday" : dayName.format(date);
	}

	function inSameBreath(a, b) {
		const from = timeOf(a), to = timeOf(b);

		return asText(a.user) === asText(b.user) && from !== null &&
			to !== null && sameDay(from, to) && to - from < SAME_BREATH;
	}

	/*
	 * What a message looks like depends on the one before it (a new day, a
	 * new heading) and on who is reading. Cheap enough to settle for all of
	 * them each time; only changed attributes touch the page.
	 */
	function settle() {
		let before = null;

		for (const { message, node } of shown) {
			const date = timeOf(message);
			const newDay = date && !(before && timeOf(before) && sameDay(timeOf(before), date));

			node.classList.toggle("own", isOwn(message));
			node.classList.toggle("more", before !== null && inSameBreath(before, message));
			if (newDay)
				node.dataset.day = dayText(date);
			else
				delete node.dataset.day;
			before = message;
		}
		page.empty.hidden = shown.length > 0;
	}

	/* How many at the end of `shown` are the beginning of `keys`. */
	function overlap(keys) {
		let start = Math.max(0, shown.length - keys.length);

		for (; start < shown.length; start++)
			if (shown.slice(start).every((entry, i) => entry.key === keys[i]))
				break;
		return shown.length - start;
	}

	/*
	 * The server sends the whole list each time. Only the difference goes
	 * into the page, so that a screen reader announces the new message and
	 * not fifty old ones, and a selection or the place read at stays.
	 */
	function show(list) {
		const wanted = list.filter((m) => m !== null && typeof m === "object").reverse();
		const keys = wanted.map((m) => JSON.stringify(m));
		const kept = overlap(keys);
		const added = [];

		shown.splice(0, shown.length - kept).forEach((entry) => entry.node.remove());
		for (let i = kept; i < wanted.length; i++)
			added.push({ key: keys[i], message: wanted[i], node: messageNode(wanted[i]) });
		if (kept > 0)
			added.forEach((entry) => entry.node.classList.add("fresh"));
		shown = shown.concat(added);
		settle();
		page.messages.append(...added.map((entry) => entry.node));
		if (following || kept === 0 || added.some((entry) => isOwn(entry.message)))
			toEnd();
		else
			page.latest.hidden = page.latest.hidden && added.length === 0;
		return { messages: added.map((entry) => entry.message), afresh: kept === 0 };
	}

	function toEnd() {
		page.log.scrollTop = page.log.scrollHeight;
		page.latest.hidden = true;
		following = true;
	}

	function onScroll() {
		const left = page.log.scrollHeight - page.log.scrollTop - page.log.clientHeight;

		following = left < NEAR_END;
		if (following)
			page.latest.hidden = true;
	}

	/* A phone's keyboard or a growing box must not hide the newest message. */
	function onResize() {
		if (following)
			toEnd();
	}

	function countUnread(n) {
		unread = document.hidden ? unread + n : 0;
		document.title = unread > 0 ? "(" + unread + ") " + title : title;
	}

	/* ---------------------------------------------------- connection */

	function notice(text, canConnect) {
		page.notice.hidden = text === "";
		page.noticeText.textContent = text;
		page.again.hidden = !canConnect;
	}

	function presence(on, text) {
		page.presence.dataset.state = on ? "on" : "off";
		page.presenceText.textContent = text;
		if (!on)
			page.transport.hidden = true;
	}

	function showTransport() {
		const names = { polling: "Polling", websocket: "WebSocket", webtransport: "WebTransport" };
		const name = socket.io.engine.transport.name;

		page.transport.textContent = names[name] || name;
		page.transport.dataset.name = name;
		page.transport.hidden = false;
	}

	function onConnect() {
		presence(true, "Connected");
		showTransport();
		socket.io.engine.on("upgrade", showTransport);
		notice("", false);
	}

	function onDisconnect(reason) {
		afterBreak = true;
		presence(false, "Disconnected");
		if (reason === "io server disconnect") /* the client does not come back by itself */
			notice("The server has ended this connection.", true);
		else
			notice("The connection is gone. Trying to get it back…", false);
	}

	function onConnectError(error) {
		presence(false, "Disconnected");
		if (socket.active)
			notice("The server does not answer. Trying again…", false);
		else
			notice("The server has refused the connection: " + cut(asText(error.message), 200), true);
	}

	/* Takes out of `sent` what is among the messages that just came. */
	function confirm(messages) {
		for (const m of messages) {
			const i = sent.findIndex((p) => p.user === m.user && p.text === m.text);

			if (i >= 0)
				sent.splice(i, 1);
		}
	}

	/*
	 * A post that was under way when the connection broke either is in the
	 * first list after it, or never arrived: then its text goes back into
	 * the box instead of being lost without a word.
	 */
	function giveBack() {
		const lost = sent.map((p) => p.text);

		sent = [];
		if (lost.length === 0)
			return;
		page.text.value = lost.concat(page.text.value || []).join("\n");
		grow();
		notice("The connection broke before your message arrived. It is back in the box below.", false);
	}

	function onMessages(data) {
		let news;

		if (data === null || typeof data !== "object" || !Array.isArray(data.msg))
			return;
		page.log.setAttribute("aria-busy", "true");
		news = show(data.msg);
		page.log.removeAttribute("aria-busy");
		confirm(news.messages);
		if (afterBreak)
			giveBack();
		afterBreak = false;
		countUnread(news.afresh ? 0 : news.messages.length);
	}

	function connect(options) {
		socket = window.io(options);
		socket.on("connect", onConnect);
		socket.on("disconnect", onDisconnect);
		socket.on("connect_error", onConnectError);
		socket.on("msg:get", onMessages);
	}

	/*
	 * Without the client where this page asks for it, the server may have
	 * been started with another path; then it says here with which.
	 */
	async function lookElsewhere() {
		const answer = await fetch("/socketio-chat.json");
		const path = answer.ok ? (await answer.json()).path.replace(/\/$/, "") : "";
		const script = document.createElement("script");

		if (!/^\/[^/]/.test(path))
			throw new Error("no path");
		script.src = path + "/socket.io.min.js";
		await new Promise((resolve, reject) => {
			script.addEventListener("load", resolve);
			script.addEventListener("error", reject);
			document.head.append(script);
		});
		connect({ path });
	}

	function missing() {
		notice("Socket.IO's browser client is missing: the server did not send " +
			"/socket.io/socket.io.min.js. The chat cannot connect without it.", false);
	}

	/* ---------------------------------------------------- writing */

	/* Storage may be forbidden; then the name lasts as long as the page. */
	function rememberName() {
		try {
			localStorage.setItem(NAME_KEY, page.user.value.trim());
		} catch (e) {
			return;
		}
	}

	function recallName() {
		try {
			page.user.value = localStorage.getItem(NAME_KEY) || "";
		} catch (e) {
			page.user.value = "";
		}
	}

	function grow() {
		page.text.style.height = "auto";
		page.text.style.height = page.text.scrollHeight + 2 + "px";
	}

	function post() {
		const user = page.user.value.trim();
		const text = page.text.value.trim();

		if (text === "") {
			page.text.focus();
			return;
		}
		if (user === "") {
			notice("Who are you? Please enter a name first.", false);
			page.user.focus();
			return;
		}
		if (socket === null) {
			missing();
			return;
		}
		if (!socket.connected) {
			notice("Not connected. Your message stays in the box; send it again once you are connected.", !socket.active);
			return;
		}
		rememberName();
		socket.emit("msg:post", { user, text });
		sent.push({ user, text });
		notice("", false);
		page.text.value = "";
		grow();
		page.text.focus();
	}

	/* Enter picks a word while an input method composes one: not ours then. */
	function onKey(event) {
		if (event.key !== "Enter" || event.shiftKey || event.isComposing)
			return;
		event.preventDefault();
		post();
	}

	function listen() {
		page.form.addEventListener("submit", (event) => {
			event.preventDefault();
			post();
		});
		page.text.addEventListener("keydown", onKey);
		page.text.addEventListener("input", grow);
		page.user.addEventListener("keydown", (event) => {
			if (event.key === "Enter" && !event.isComposing) {
				event.preventDefault();
				page.text.focus();
			}
		});
		page.user.addEventListener("change", () => {
			rememberName();
			settle();
		});
		page.latest.addEventListener("click", toEnd);
		page.log.addEventListener("scroll", onScroll, { passive: true });
		new ResizeObserver(onResize).observe(page.log);
		page.again.addEventListener("click", () => {
			notice("", false);
			socket.connect();
		});
		document.addEventListener("visibilitychange", () => countUnread(0));
	}

	recallName();
	listen();
	if (matchMedia("(hover: hover)").matches) /* a phone would open its keyboard */
		(page.user.value === "" ? page.user : page.text).focus();
	if (typeof window.io === "function")
		connect();
	else
		lookElsewhere().catch(missing);
})();
