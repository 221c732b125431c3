// SPDX-License-Identifier: MIT
//
// The course's lessons, which are not part of this project. Their repository
// is read, where it lies beside the project, from one text file that holds all
// files: each is headed by its name between two lines of dashes, each of its
// lines by a number and a bar; line breaks and indentation are gone. It ends in
// the middle of the lesson on WebSockets.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Skip, assert } from "./harness.mjs";

const BUNDLE = "complete-intro-to-realtime-repository.txt";
const RULE = "-".repeat(80);

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

function lessonLines(name) {
	const seeds = process.env.COURSE_SEEDS || "";
	const file = join(seeds, BUNDLE);

	if (!seeds || !existsSync(file))
		throw new Skip("the course's lessons are not at hand (../shared/seeds)");
	const all = readFileSync(file, "utf8");
	const head = `${RULE} /lessons/${name}.md: ${RULE}`;
	const start = all.indexOf(head);

	assert(start >= 0, `${BUNDLE} holds no lesson ${name}`);
	return numberedLines(all.slice(start + head.length).split(RULE)[0]);
}

/* The code blocks of a lesson, or those of them that follow a mention of `file`
 * rather than of another .js. */
export function lessonBlocks(name, file) {
	const blocks = [];
	let mentioned = "", block = null;

	for (const line of lessonLines(name)) {
		if (block !== null && line.startsWith("```")) {
			if (!file || mentioned === file)
				blocks.push(block.join("\n"));
			block = null;
		} else if (block !== null) {
			block.push(line);
		} else if (line.startsWith("```")) {
			block = [];
		} else {
			for (const [, found] of line.matchAll(/([\w-]+\.js)\b/g))
				mentioned = found;
		}
	}
	return blocks;
}

/* The one block of a lesson that says this. */
export function lessonBlock(name, text) {
	const found = lessonBlocks(name).filter((b) => b.includes(text));

	assert(found.length === 1, `the lesson ${name} has ${found.length} blocks with "${text}"`);
	return found[0];
}
