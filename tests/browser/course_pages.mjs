// SPDX-License-Identifier: MIT
//
// Puts the course's frontends together as a student would: a start file, and
// the code blocks of the lessons put where the lessons say. The start files and
// the page around them are ours, because the course keeps them in another
// repository: they have the names which the lessons' code uses, and nothing
// that a lesson does not bring talks to the server.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "./harness.mjs";
import { lessonBlock, lessonBlocks } from "./course.mjs";

export const CDN = "https://cdn.socket.io/";

const INTERVAL = 3000;

/* What every exercise begins with. */
const start = (middle, end = "") => `const chat = document.getElementById("chat");
const msgs = document.getElementById("msgs");
const presence = document.getElementById("presence-indicator");
const INTERVAL = ${INTERVAL};
let allChat = [];

chat.addEventListener("submit", (event) => {
	const { user, text } = chat.elements;

	event.preventDefault();
	postNewMsg(user.value, text.value);
	text.value = "";
});

${middle.join("\n\n")}

function render() {
	msgs.replaceChildren(...allChat.map(({ user, text }) => {
		const item = document.createElement("li");

		item.textContent = user + ": " + text;
		return item;
	}));
}

${end}
`;

/* One replacement, which must take place. */
function replace(text, part, by) {
	assert(text.split(part).length === 2, `"${part}" is not there once in:\n${text}`);
	return text.replace(part, () => by);
}

/* -- polling: the lessons 2C, 2D and 2E ------------------------------------ */

const pollingPost = () => lessonBlock("polling-with-settimeout", "async function postNewMsg");

const LAST_LINE = /\n\/\/ just notice this is the last line of the doc\n(.*)/;

function withSetTimeout() {
	const block = lessonBlock("polling-with-settimeout", "async function getNewMsgs");
	const [, last] = LAST_LINE.exec(block);

	return start([pollingPost(), block.replace(LAST_LINE, "")], last);
}

function withAnimationFrame() {
	const block = lessonBlock("requestanimationframe", "rafTimer");
	const [away, timer] = block.split(/^\/\/ replace the final .*$/m);
	const deleted = away.split("\n")[1];

	return replace(withSetTimeout(), `\n${deleted}`, "").replace(/getNewMsgs\(\);\n$/, () => timer);
}

function withBackoff() {
	const block = lessonBlock("backoff-and-retry", "const BACKOFF");
	const [get, bottom] = block.split("// replace at bottom");

	return start([pollingPost(), get], bottom);
}

/* -- HTTP/2 push: the lesson 3B -------------------------------------------- */

/* Of the POST it says that it is the same logic as last time; its server.js
 * takes it at /msgs. */
function http2() {
	const lesson = "chat-with-http2-push";
	const [first, loop] = lessonBlocks(lesson, "http2-chat.js");
	const second = first.indexOf("try {\nreaderResponse");

	assert(second > 0 && loop.includes("replace the second, bottom try/catch"),
		"the lesson's loop takes the place of the second try of getNewMsgs");
	return start([replace(pollingPost(), '"/poll"', '"/msgs"'),
		`${first.slice(0, second)}${loop}\n}`], "getNewMsgs();");
}

/* The two commands of the lesson that make key.pem and server.crt. */
export const certificateCommands = () =>
	lessonBlock("chat-with-http2-push", "openssl req").trim().split("\n");

/* -- WebSockets by hand: the lesson 4B ------------------------------------- */

/* As far as the lesson is at hand: what it says of closing is not. */
function raw() {
	const blocks = lessonBlocks("websockets-backend", "raw-chat.js");
	const post = blocks.filter((b) => b.includes("// replace postNewMsg"));

	assert(blocks.length === 3 && post.length === 1, "the lesson's blocks for the connection, messages and posts");
	return start([...post, ...blocks.filter((b) => b !== post[0])]);
}

/* -- Socket.IO: the lesson 5B ---------------------------------------------- */

function socketio() {
	const blocks = lessonBlocks("chat-with-socketio", "socketio-chat.js");
	const post = blocks.filter((b) => b.includes("// replace postNewMsg"));

	assert(blocks.length === 3 && post.length === 1, "the lesson's blocks for the connection, messages and posts");
	return start([...post, ...blocks.filter((b) => b !== post[0])]);
}

const chapters = {
	settimeout: ["polling-chat.js", withSetTimeout],
	animation: ["polling-chat.js", withAnimationFrame],
	backoff: ["polling-chat.js", withBackoff],
	http2: ["http2-chat.js", http2],
	raw: ["raw-chat.js", raw],
	socketio: ["socketio-chat.js", socketio],
};

const page = (script, withClient) => `<!DOCTYPE html>
<html lang="en">
<head>
	<meta charset="utf-8">
	<title>Chat With Me</title>
	<link rel="icon" href="data:,">
</head>
<body>
	<div id="presence-indicator">🔴</div>
	<h1>Chat With Me</h1>
	<form id="chat">
		<label>User Name <input id="user" type="text"></label>
		<label>Message <input id="text" type="text"></label>
		<button type="submit">Submit</button>
	</form>
	<ul id="msgs"></ul>
${withClient ? `	<script src="${CDN}4.1.2/socket.io.min.js" crossorigin="anonymous"></script>\n` : ""
}	<script src="${script}"></script>
</body>
</html>
`;

/* The folder becomes what the exercise's frontend/ is: for --root. Returns its
 * script. */
export async function writeFrontend(folder, chapter) {
	const [name, make] = chapters[chapter];
	const script = make();

	await mkdir(folder, { recursive: true });
	await writeFile(join(folder, "index.html"), page(name, chapter === "socketio"));
	await writeFile(join(folder, name), script);
	return script;
}
