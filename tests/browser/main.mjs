// SPDX-License-Identifier: MIT
//
// Runs the browser tests; run.sh sets the stage. An argument selects the
// tests whose name holds it.

import { closeBrowser, openBrowser } from "./browser.mjs";
import { runAll } from "./harness.mjs";
import { stopLeftovers } from "./server.mjs";
import "./chat_page.mjs";
import "./chat_course.mjs";
import "./cross_origin.mjs";
import "./deflate.mjs";
import "./old_client.mjs";
import "./ways_page.mjs";

console.log(`# server: ${process.env.CHAT || "the official one (reference_chat.mjs)"}`);
console.log(`# chromium ${await openBrowser()}`);
const status = await runAll(process.argv[2]);

await closeBrowser();
await stopLeftovers();
process.exitCode = status;
