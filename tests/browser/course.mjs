// SPDX-License-Identifier: MIT
//
// Puts the course's own frontend together as a student would: a start file,
// and the code blocks of the lesson "Chat with Socket.IO" put where the lesson
// says. The lesson is not part of this project. Its repository is read, where
// it lies beside the project, from one text file that holds all files: each
// is headed by its name between two lines of dashes, each of its lines by a
// number and a bar, and the line breaks are gone. The start file and the page
// around it are ours: they have the names which the lesson's code uses.

import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { assert, equal } from "./harness.mjs";

const BUNDLE = "complete-intro-to-realtime-repository.txt";
const LESSON = "/lessons/chat-with-socketio.md";
const SCRIPT = "socketio-chat.js";

export const CDN = "https://cdn.socket.io/";

/* The lines of one numbered text: " 1 | first 2 | second ...". */
function numberedLines(text) {
	const lines = [];
	let at = text.indexOf("1 |");

	for (let n = 1; at >= 0; n++) {
		const start = at + `${n} |`.length;
		const next = text.indexOf(` ${n + 1} |`, start);

		lines.push(text.slice(start, next < 0 ? undefined : next).replace(/^ /, ""));
		at = next < 0 ? -1 : next + 1;
	}
	return lines;
}

function lessonLines(all) {
	const rule = "-".repeat(80);
	const head = `${rule} ${LESSON}: ${rule}`;
	const start = all.indexOf(head);

	assert(start >= 0, `${BUNDLE} holds no ${LESSON}`);
	return numberedLines(all.slice(start + head.length).split(rule)[0]);
}

/* The code blocks that follow a mention of `file` rather than of another .js. */
function blocksFor(lines, file) {
	const blocks = [];
	let mentioned = "", block = null;

	for (const line of lines) {
		if (block !== null && line.startsWith("```")) {
			if (mentioned === file)
				blocks.push(block.join("\n"));
			block = null;
		} else if (block !== null) {
			block.push(line);
		} else if (line.startsWith("```")) {
			block = [];
		} else {
			for (const [, name] of line.matchAll(/([\w-]+\.js)\b/g))
				mentioned = name;
		}
	}
	return blocks;
}

const START_FILE = `// "io" comes from the script before this one

const chat = document.getElementById("chat");
const msgs = document.getElementById("msgs");
const presence = document.getElementById("presence-indicator");
let allChat = [];

/* CONNECTION */

chat.addEventListener("submit", (event) => {
	const { user, text } = chat.elements;

	event.preventDefault();
	postNewMsg(user.value, text.value);
	text.value = "";
});

/* POST */

function render() {
	msgs.replaceChildren(...allChat.map(({ user, text }) => {
		const item = document.createElement("li");

		item.textContent = user + ": " + text;
		return item;
	}));
}
`;

const PAGE = `<!DOCTYPE html>
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
	<script src="${CDN}4.1.2/socket.io.min.js" crossorigin="anonymous"></script>
	<script src="${SCRIPT}"></script>
</body>
</html>
`;

/* The lesson's finished script, or null where the course is not at hand. */
export function courseScript(seeds) {
	const file = join(seeds, BUNDLE);

	if (!existsSync(file))
		return null;
	const blocks = blocksFor(lessonLines(readFileSync(file, "utf8")), SCRIPT);
	const post = blocks.filter((b) => b.includes("// replace postNewMsg"));
	const rest = blocks.filter((b) => !post.includes(b));

	equal([post.length, rest.length], [1, 2], "the lesson's blocks for postNewMsg and for the connection");
	return START_FILE.replace("/* POST */", () => post[0])
		.replace("/* CONNECTION */", () => rest.join("\n\n"));
}

/* A folder as the exercise's frontend/: for --root. */
export async function writeFrontend(folder, script) {
	await writeFile(join(folder, "index.html"), PAGE);
	await writeFile(join(folder, SCRIPT), script);
}
