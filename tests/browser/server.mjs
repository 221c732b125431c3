// SPDX-License-Identifier: MIT
//
// Starts and stops the chat server under test as a child process: the program
// named by CHAT, or its twin on the official Node server when CHAT is empty.
// Both take the same options and print the same first line.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { assert, within } from "./harness.mjs";

const REFERENCE = fileURLToPath(new URL("reference_chat.mjs", import.meta.url));
const READY = /^listening on (https?):\/\/\S+:(\d+)( and https:\/\/\S+)?$/;

const running = new Set();

function command(args) {
	return process.env.CHAT ? [process.env.CHAT, args] : [process.execPath, [REFERENCE, ...args]];
}

export class Server {
	constructor(child) {
		this.child = child;
		this.scheme = "http";
		this.out = [];
		this.err = "";
		this.waiting = [];
		this.ended = once(child, "exit");
		child.stderr.on("data", (d) => { this.err += d; });
		createInterface({ input: child.stdout }).on("line", (line) => {
			this.out.push(line);
			this.waiting = this.waiting.filter((check) => !check());
		});
		running.add(this);
		this.ended.then(() => running.delete(this));
	}

	/* The first line, old or new, that matches. */
	line(pattern) {
		const found = () => this.out.map((l) => pattern.exec(l)).find(Boolean);

		return within(new Promise((resolve, reject) => {
			const check = () => {
				const match = found();

				if (match)
					resolve(match);
				return match;
			};

			if (check())
				return;
			this.waiting.push(check);
			this.ended.then(([code, signal]) =>
				reject(new Error(`the server ended (${code ?? signal}) before printing ${pattern}: ${this.err}`)));
		}), `the server's line ${pattern}`);
	}

	get origin() {
		return `${this.scheme}://localhost:${this.port}`;
	}

	/* Of a server that has both on its port. */
	get secureOrigin() {
		return `https://localhost:${this.port}`;
	}

	/* Asks it to stop and checks that it did so properly. */
	async stop() {
		this.child.kill("SIGTERM");
		const [code, signal] = await within(this.ended, "the server's end after SIGTERM");

		assert(code === 0, `the server ended with ${code ?? signal}: ${this.err}`);
	}
}

export async function startServer({ port = 0, root, more = [], env = {} }) {
	const args = ["--port", String(port), ...(root ? ["--root", root] : []), ...more];
	const [file, argv] = command(args);
	const server = new Server(spawn(file, argv, {
		stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env },
	}));
	const [, scheme, actual] = await server.line(READY);

	server.scheme = scheme;
	server.port = Number(actual);
	return server;
}

/* What a failed test left running. */
export async function stopLeftovers() {
	for (const server of [...running]) {
		server.child.kill("SIGKILL");
		await server.ended;
	}
}
