// SPDX-License-Identifier: MIT
// permessage-deflate (RFC 7692): what is offered and answered, and compressed
// frames, right and wrong.
import zlib from "node:zlib";
import { compare, enter, makeFrame, upgrade } from "../case.mjs";

const P = "permessage-deflate";
const ON = { PER_MESSAGE_DEFLATE: "1" };
const tail = (bytes) => bytes.subarray(0, bytes.length - 4);

// What a client sends for these bytes; "after": bytes it refers to.
function pack(data, after) {
  return tail(zlib.deflateRawSync(Buffer.from(data), {
    finishFlush: zlib.constants.Z_SYNC_FLUSH,
    dictionary: after && Buffer.from(after),
  }));
}

const packed = (opcode, data, options = {}) => makeFrame(opcode, pack(data, options.after), { rsv: 4, ...options });

// A WebSocket for which this was offered; its open packet is read.
async function open(t, offer, path = "/engine.io/", options = { quiet: 101 }) {
  const c = await t.connect();

  c.deflate = true;
  c.write(upgrade(`${path}?EIO=4&transport=websocket`, { "Sec-WebSocket-Extensions": offer }));
  const response = await c.response(options);
  if (!response || response.status !== 101) return null;
  await c.frame({ quiet: true });
  return c;
}

// -- offers ---------------------------------------------------------------------

function offers(env, list) {
  const settings = env.DEFLATE ? ` with ${env.DEFLATE}` : env.PER_MESSAGE_DEFLATE ? "" : " while off";

  for (const offer of list) {
    compare(`deflate: offer${settings}: ${offer}`, { env }, async (t) => {
      const c = await open(t, offer, "/engine.io/", {});
      if (!c) return;
      c.send("4state");
      await c.frame();
    });
  }
}

offers(ON, [
  P, `${P}; client_max_window_bits`, `${P};client_max_window_bits=10`, `${P}; client_max_window_bits=15`,
  `${P}; server_max_window_bits=8`, `${P}; server_no_context_takeover`, `${P}; client_no_context_takeover`,
  `${P}; client_max_window_bits; server_no_context_takeover; server_max_window_bits=9; client_no_context_takeover`,
  `${P}; server_max_window_bits=12, ${P}`, `${P}; server_max_window_bits`, `${P}; server_max_window_bits=7`,
  `${P}; server_max_window_bits=16`, `${P}; client_max_window_bits=0`, `${P}; client_max_window_bits=x`,
  `${P}; server_no_context_takeover=1`, `${P}; unknown`, `${P}; unknown, ${P}`, `${P}, ${P}; unknown=1`,
  `${P}; client_max_window_bits; client_max_window_bits=9`, "constructor", "__proto__", `toString; valueOf=1, ${P}`,
  "x-webkit-deflate-frame", `foo; a; a=1, ${P}`, `${P}; server_max_window_bits="10"`, `${P}; server_max_window_bits="10`,
  `${P}; server_max_window_bits =10`, "PERMESSAGE-DEFLATE", `,${P}`, `${P},`, `${P};`, `${P} x`, "foo bar", "foo (x)",
  `${P}; client_max_window_bits=010`, `${P}; client_max_window_bits=0xa`,
]);
offers({ ...ON, DEFLATE: "serverNoContextTakeover=1,clientNoContextTakeover=1" }, [
  P, `${P}; client_max_window_bits`, `${P}; client_no_context_takeover; server_max_window_bits=10`,
]);
offers({ ...ON, DEFLATE: "serverNoContextTakeover=2" }, [P, `${P}; server_no_context_takeover`,
  `${P}; server_no_context_takeover, ${P}; client_no_context_takeover`]);
offers({ ...ON, DEFLATE: "serverMaxWindowBits=11,clientMaxWindowBits=11" }, [
  P, `${P}; client_max_window_bits`, `${P}; client_max_window_bits=10`, `${P}; client_max_window_bits=12`,
  `${P}; client_max_window_bits; server_max_window_bits=10`, `${P}; client_max_window_bits; server_max_window_bits=12`,
]);
offers({ ...ON, DEFLATE: "serverMaxWindowBits=1,clientMaxWindowBits=1" }, [
  `${P}; client_max_window_bits=10`, `${P}; server_max_window_bits=15`, `${P}; client_max_window_bits`,
]);
offers({}, [`${P}; client_max_window_bits`, "rubbish;;"]);

compare("deflate: two headers of offers", { env: ON }, async (t) => {
  const c = await t.connect();
  const request = upgrade("/engine.io/?EIO=4&transport=websocket", { "Sec-WebSocket-Extensions": `${P}; server_max_window_bits=10` });

  c.write(request.replace(/\r\n\r\n$/, `\r\nSec-WebSocket-Extensions: ${P}; server_no_context_takeover\r\n\r\n`));
  await c.response();
});

compare("deflate: an offer for a session", { env: ON }, async (t) => {
  const session = await t.session();
  const c = await t.connect("WS");

  c.deflate = true;
  c.write(upgrade(`/engine.io/?EIO=4&transport=websocket&sid=${session.sid}`, { "Sec-WebSocket-Extensions": P }));
  await c.response();
  c.write(packed(1, "2probe"));
  await c.frame();
  c.write(packed(1, "5", { after: "2probe" }));
  c.write(packed(1, "4hello", { after: "2probe5" }));
  await c.frame();
});

// -- frames ---------------------------------------------------------------------

// Writes frames to an echo session, then a plain message that shows whether
// the connection lives, and reads until either comes back or the end.
function frames(name, list, { offer = P, env = ON } = {}) {
  compare(`deflate: ${name}`, { env }, async (t) => {
    const c = await open(t, offer);

    c.write(Buffer.concat([...list, makeFrame(1, "4state")]));
    for (;;) {
      const frame = await c.frame();
      if (!frame) return;
      if (frame.opcode === 8) {
        await c.goodbye();
        return;
      }
      if (`${frame.payload}` === "4state") return;
    }
  });
}

const hello = pack("4hello");
const part = (from, to, options) => makeFrame(0, hello.subarray(from, to), options);
const raw = (hex) => makeFrame(2, Buffer.from(hex, "hex"), { rsv: 4 });

frames("a text", [packed(1, "4hello")]);
frames("binary", [packed(2, Buffer.from([1, 2, 3]))]);
frames("plain and compressed in turn", [packed(1, "4one"), makeFrame(1, "4two"), packed(1, "4three"), makeFrame(2, "x")]);
frames("a text in fragments", [makeFrame(1, hello.subarray(0, 3), { rsv: 4, fin: false }), part(3, undefined)]);
frames("a text in fragments of one byte, pings between", [
  makeFrame(1, "", { rsv: 4, fin: false }),
  ...[...hello.keys()].flatMap((i) => [part(i, i + 1, { fin: false }), makeFrame(9, `${i}`)]),
  makeFrame(0, ""),
]);
frames("an empty message of one byte", [raw("00")]);
frames("an empty message of no byte", [makeFrame(2, "", { rsv: 4 })]);
frames("an empty text", [makeFrame(1, Buffer.from([0]), { rsv: 4 })]);
frames("stored blocks", [raw("000500faff48656c6c6f00")]);
frames("two blocks", [raw("f24805000000ffffcac9c90700")]);
frames("a last block", [raw("f348cdc9c9070000")]);
frames("a last block and nothing behind it", [raw("f348cdc9c90700")]);
for (const size of [1000, 70000, 500000]) frames(`a text of ${size} bytes`, [packed(1, `4${"x".repeat(size)}`)]);
frames("RSV1 without an agreement", [packed(1, "4x")], { offer: "foo" });
frames("RSV1 and RSV2", [packed(1, "4x", { rsv: 6 })]);
frames("RSV3", [makeFrame(1, "4x", { rsv: 1 })]);
for (const opcode of [3, 8, 9, 10, 11]) frames(`RSV1 on opcode ${opcode}`, [makeFrame(opcode, "", { rsv: 4 })]);
frames("RSV1 on a continuation", [
  makeFrame(1, hello.subarray(0, 3), { rsv: 4, fin: false }), part(3, undefined, { rsv: 4 })]);
frames("RSV1 on a continuation of a plain text", [makeFrame(1, "4x", { fin: false }), makeFrame(0, "y", { rsv: 4 })]);
frames("no compressed data", [raw("ffffff")]);
frames("a reference too far back", [raw("4b041200")]);
frames("a message that is cut off", [raw("f248cd")]);
frames("text that is no UTF-8", [packed(1, Buffer.from([0x34, 0xff]))]);
frames("text cut inside a character", [packed(1, Buffer.from([0x34, 0xe2, 0x82]))]);
frames("binary that is no UTF-8", [packed(2, Buffer.from([0x34, 0xff]))]);

const noise = Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * i * 7919 + (i >> 3)) & 255));

frames("a reference to the message before", [packed(2, noise), packed(2, noise, { after: noise })]);
frames("a reference to the message before, a plain one between", [
  packed(2, noise), makeFrame(1, "4plain"), packed(2, noise, { after: noise })]);

compare("deflate: a reference that was given up", { env: ON }, async (t) => {
  const c = await open(t, `${P}; client_no_context_takeover`);
  c.write(packed(2, noise));
  await c.frame();
  c.write(packed(2, noise, { after: noise }));
  await c.frame();
  await c.goodbye();
});

// -- the limit --------------------------------------------------------------------

const LIMIT = { env: { ...ON, MAX_PAYLOAD: "1000" } };

frames("exactly the limit", [packed(2, Buffer.alloc(1000))], LIMIT);
frames("one byte over the limit", [packed(2, Buffer.alloc(1001))], LIMIT);
frames("a bomb", [packed(2, Buffer.alloc(900000))], LIMIT);
frames("a bomb in fragments", [
  makeFrame(2, pack(Buffer.alloc(900000)).subarray(0, 500), { rsv: 4, fin: false }),
  makeFrame(0, pack(Buffer.alloc(900000)).subarray(500))], LIMIT);
frames("too much before it is inflated", [makeFrame(2, Buffer.alloc(1001), { rsv: 4 })], LIMIT);

// -- what the server sends ----------------------------------------------------------

const ALONE = `${P}; server_no_context_takeover`;

for (const n of [1022, 1023, 5000, 200000]) {
  compare(`deflate: an echo of ${n + 1} bytes, each message for itself`, { env: ON }, async (t) => {
    const c = await open(t, ALONE);
    c.send(`4${"x".repeat(n)}`);
    const message = await c.frame();
    t.note(message.deflated ? "compressed" : "plain");
  });
}

compare("deflate: an echo with a threshold of 10", { env: { ...ON, DEFLATE: "threshold=10" } }, async (t) => {
  const c = await open(t, ALONE);
  for (const n of [8, 9]) {
    c.send(`4${"x".repeat(n)}`);
    const message = await c.frame();
    t.note(message.deflated ? "compressed" : "plain");
  }
});

compare("deflate: many echoes, takeover allowed", { env: ON }, async (t) => {
  const c = await open(t, P);
  for (let i = 0; i < 20; i++) c.sendBinary(Buffer.concat([noise, Buffer.from(`${i}`)]));
  for (let i = 0; i < 20; i++) await c.frame();
});

for (const bits of [8, 9, 12, 15]) {
  compare(`deflate: echoes in a window of ${bits} bits`, { env: ON }, async (t) => {
    const c = await open(t, `${P}; server_max_window_bits=${bits}`);
    for (let i = 0; i < 3; i++) {
      c.send(`4${JSON.stringify([...noise])}`);
      await c.frame();
    }
  });
}

for (const event of ["big", "big-plain"]) {
  compare(`deflate: event ${event}`, { env: ON, needs: ["compress"] }, async (t) => {
    const c = await open(t, ALONE, "/socket.io/");
    await enter(c);
    c.send(`42["${event}",5000]`);
    const message = await c.frame();
    t.note(message.deflated ? "compressed" : "plain");
  });
}

compare("deflate: polling, not to be compressed", { needs: ["compress"] }, async (t) => {
  const session = await t.session("/socket.io/");
  await session.enter();
  for (const event of ["big", "big-plain"]) {
    await session.ask("Accept-Encoding: gzip\r\n");
    await session.post(`42["${event}",5000]`, { quiet: 200 });
    await session.getter.response();
  }
});
