// SPDX-License-Identifier: MIT
// permessage-deflate with the clients' own ws: both takeovers, as the
// official server allows them, and none, as our own default is.
import { test } from "../harness.mjs";
import { ask, collect, engineOf } from "../stock.mjs";

const MODES = ["websocket", "upgrade"];
const KINDS = {
  takeover: { PER_MESSAGE_DEFLATE: "1" },
  "no takeover": { PER_MESSAGE_DEFLATE: "1", DEFLATE: "serverNoContextTakeover=1,clientNoContextTakeover=1" },
  "small windows, no threshold": { PER_MESSAGE_DEFLATE: "1", DEFLATE: "serverMaxWindowBits=9,clientMaxWindowBits=9,threshold=0" },
};

// A text, and an object in old releases of ws.
function extensions(socket) {
  const { extensions: agreed } = engineOf(socket).transport.ws;
  return typeof agreed === "string" ? agreed : Object.keys(agreed).join();
}

const words = (n) => Array.from({ length: n }, (_, i) => ({ id: i, name: `person ${i * 7919 % 997}`, tags: ["a", "b", "ü"] }));
const client = { perMessageDeflate: { threshold: 0 } };

for (const [kind, env] of Object.entries(KINDS)) {
  test(`deflate, ${kind}: it is agreed on`, { env, modes: MODES }, async (t) => {
    const socket = await t.connect("/", client);

    t.assert.match(extensions(socket), /permessage-deflate/);
  });

  test(`deflate, ${kind}: messages of all sizes there and back, in order`, { env, modes: MODES }, async (t) => {
    const socket = await t.connect("/", client);
    const sizes = [0, 1, 10, 100, 1000, 2000, 5000, 50, 3000];
    const back = collect(socket, "message-back", sizes.length);

    for (const n of sizes) socket.emit("message", words(n));
    t.assert.deepEqual(await back, sizes.map((n) => [words(n)]));
  });

  test(`deflate, ${kind}: binary there and back`, { env, modes: MODES }, async (t) => {
    const socket = await t.connect("/", client);

    for (const n of [0, 1, 1023, 1024, 100000]) {
      const bytes = Buffer.alloc(n, "some bytes ");
      const [answer] = await ask(socket, "message-with-ack", { bytes, n });
      t.assert.equal(answer.n, n);
      t.assert.equal(Buffer.compare(answer.bytes, bytes), 0);
    }
  });

  test(`deflate, ${kind}: a broadcast reaches everybody, compressing or not`, { env, modes: MODES }, async (t) => {
    const sockets = await Promise.all([client, client, { perMessageDeflate: false }].map((o) => t.connect("/", o)));
    const all = sockets.map((socket) => collect(socket, "all-msg", 20));

    for (let i = 0; i < 20; i++) sockets[0].emit("all", i, words(100 * i));
    for (const got of await Promise.all(all)) {
      t.assert.deepEqual(got, Array.from({ length: 20 }, (_, i) => [i, words(100 * i)]));
    }
  });
}

test("deflate: what is not to be compressed comes as well", { env: KINDS.takeover, modes: MODES, needs: ["compress"] }, async (t) => {
  const socket = await t.connect("/", client);
  const all = collect(socket, "big-msg", 4);

  for (const event of ["big", "big-plain", "big", "big-plain"]) socket.emit(event, 20000);
  for (const [text] of await all) t.assert.equal(text.length, 20000);
});
