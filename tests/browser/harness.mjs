// SPDX-License-Identifier: MIT
//
// The smallest test runner that will do: named tests run one after the
// other, each within a deadline, and "N passed, N failed" at the end. Waiting
// is always waiting for something, never for a time; whoever waits in vain is
// told what did not happen.

import { setTimeout as timer } from "node:timers/promises";

export const DEADLINE = 20_000 * Number(process.env.TEST_TIMEOUT_FACTOR || 1);
const TEST_DEADLINE = 4 * DEADLINE;

const tests = [];

export function test(name, run) {
	tests.push({ name, run });
}

/* Thrown by a test that cannot run here; the reason is printed. */
export class Skip extends Error {}

export function assert(truth, message) {
	if (!truth)
		throw new Error(message);
}

export function equal(got, wanted, what) {
	const a = JSON.stringify(got), b = JSON.stringify(wanted);

	assert(a === b, `${what}: got ${a}, wanted ${b}`);
}

/* The promise's value, or an error once the deadline is over. */
export async function within(promise, what, ms = DEADLINE) {
	const stop = new AbortController();
	const late = timer(ms, null, { signal: stop.signal }).then(() => {
		throw new Error(`not within ${ms} ms: ${what}`);
	});

	late.catch(() => {});
	try {
		return await Promise.race([promise, late]);
	} finally {
		stop.abort();
	}
}

async function runOne({ name, run }) {
	try {
		await within(run(), `the end of the test`, TEST_DEADLINE);
		console.log(`ok - ${name}`);
		return "passed";
	} catch (error) {
		if (error instanceof Skip) {
			console.log(`skip - ${name}: ${error.message}`);
			return "skipped";
		}
		console.log(`not ok - ${name}`);
		console.log(String(error.stack || error).replace(/^/gm, "    "));
		return "failed";
	}
}

/* Runs all tests whose name holds `only`; the exit status of the program. */
export async function runAll(only = "") {
	const count = { passed: 0, failed: 0, skipped: 0 };

	for (const t of tests.filter(({ name }) => name.includes(only)))
		count[await runOne(t)]++;
	console.log(`${count.passed} passed, ${count.failed} failed` +
		(count.skipped ? `, ${count.skipped} skipped` : ""));
	return count.failed > 0 || count.passed === 0 ? 1 : 0;
}
