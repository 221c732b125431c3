// SPDX-License-Identifier: MIT
//
// The reference app (../apps) as the server of pages that are made up here, so
// that they can have any origin.

import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Server } from "./server.mjs";

const OFFICIAL = fileURLToPath(new URL("../apps/reference_app.mjs", import.meta.url));

/* The program that was named, or the official one, as for the chat. */
async function startApp(env) {
	const app = process.env.CHAT ? process.env.REFERENCE_APP : "";
	const [file, args] = app ? [app, []] : [process.execPath, [OFFICIAL]];
	const server = new Server(spawn(file, args, {
		stdio: ["ignore", "pipe", "pipe"],
		env: {
			...process.env, PORT: "0", ...env,
			NODE_MODULES_DIR: join(dirname(process.env.NODE_MODULES_OF), "node_modules"),
		},
	}));
	const [, port] = await server.line(/^listening on (\d+)$/);

	server.port = Number(port);
	return server;
}

export async function withApp(env, run) {
	const server = await startApp(env);

	await run(server);
	await server.stop();
}
