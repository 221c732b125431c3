// SPDX-License-Identifier: MIT
// Waiting with a deadline. Nothing in these tests sleeps to let something
// happen elsewhere: a test waits for the thing itself, and every wait ends
// with a message that says what did not come. SIO_SLOW=n makes all deadlines
// n times longer, for servers under valgrind or a sanitizer.

const SLOW = Number(process.env.SIO_SLOW || 1);

export const DEADLINE = 15000 * SLOW;

// The promise, or an error that names what was awaited. "more" may add what
// was seen until then.
export function within(ms, what, promise, more) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      const seen = more ? `; ${more()}` : "";
      reject(new Error(`waited ${ms} ms in vain for ${what}${seen}`));
    }, ms);
    promise.then(
      (value) => { clearTimeout(timer); resolve(value); },
      (error) => { clearTimeout(timer); reject(error); },
    );
  });
}

// The arguments of the next "event" of an emitter, as an array.
export function next(emitter, event, ms = DEADLINE) {
  return within(ms, `the event "${event}"`, new Promise((resolve) => {
    emitter.once(event, (...args) => resolve(args));
  }));
}

// Asks again and again until the answer is not null. Each question is a round
// trip to the server, so this waits for the server, not for the clock.
export async function until(what, ask, ms = DEADLINE) {
  const end = Date.now() + ms;

  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
  }
  throw new Error(`waited ${ms} ms in vain for ${what}`);
}
