// SPDX-License-Identifier: MIT
// RFC 6455 below Engine.IO: frames, right and wrong.
import { compare, makeFrame } from "../case.mjs";

// Writes frames to an echo session, then a message that shows whether the
// connection lives, and reads until either comes back or the end.
function frames(name, list, options = {}) {
  compare(`frames: ${name}`, options, async (t) => {
    const c = await t.socket();
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

const bytes = (...list) => Buffer.from(list);

frames("a text", [makeFrame(1, "4hello")]);
frames("a text in two fragments", [makeFrame(1, "4hel", { fin: false }), makeFrame(0, "lo")]);
frames("a text in five fragments, some empty", [makeFrame(1, "", { fin: false }), makeFrame(0, "4", { fin: false }),
  makeFrame(0, "", { fin: false }), makeFrame(0, "x", { fin: false }), makeFrame(0, "")]);
frames("binary in fragments", [makeFrame(2, bytes(1, 2), { fin: false }), makeFrame(0, bytes(3))]);
frames("a ping between fragments", [makeFrame(1, "4hel", { fin: false }), makeFrame(9, "ping"), makeFrame(0, "lo")]);
frames("a close between fragments", [makeFrame(1, "4hel", { fin: false }), makeFrame(8, ""), makeFrame(0, "lo")]);
frames("a new text between fragments", [makeFrame(1, "4hel", { fin: false }), makeFrame(1, "4x")]);
frames("a continuation of nothing", [makeFrame(0, "4x")]);
frames("a continuation of nothing, unfinished", [makeFrame(0, "4x", { fin: false })]);
frames("unmasked text", [makeFrame(1, "4x", { mask: false })]);
frames("unmasked ping", [makeFrame(9, "", { mask: false })]);
for (const rsv of [1, 2, 4, 7]) frames(`reserved bits ${rsv}`, [makeFrame(1, "4x", { rsv })]);
frames("a reserved bit in a continuation", [makeFrame(1, "4x", { fin: false }), makeFrame(0, "y", { rsv: 4 })]);
frames("a reserved bit in a ping", [makeFrame(9, "", { rsv: 4 })]);
for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) frames(`opcode ${opcode}`, [makeFrame(opcode, "4x")]);
frames("a ping", [makeFrame(9, "")]);
frames("a ping with data", [makeFrame(9, "data \u00e4")]);
frames("a ping with 125 bytes", [makeFrame(9, "x".repeat(125))]);
frames("a ping with 126 bytes", [makeFrame(9, "x".repeat(126))]);
frames("a ping in fragments", [makeFrame(9, "a", { fin: false }), makeFrame(0, "b")]);
frames("twenty pings", Array.from({ length: 20 }, (_, i) => makeFrame(9, `${i}`)));
frames("a pong nobody asked for", [makeFrame(10, "x")]);
frames("a length of 5 in 16 bits", [makeFrame(1, "4hell", { size: 2 })]);
frames("a length of 5 in 64 bits", [makeFrame(1, "4hell", { size: 8 })]);
frames("a length of 300 in 64 bits", [makeFrame(1, `4${"x".repeat(299)}`, { size: 8 })]);
frames("a length with the top bit", [Buffer.from("81ff8000000000000001", "hex"), bytes(0, 0, 0, 0)]);
frames("a length of 2 to the 53", [Buffer.from("81ff0020000000000000", "hex"), bytes(0, 0, 0, 0)]);

for (const n of [0, 1, 125, 126, 127, 65535, 65536, 200000]) {
  frames(`a text of ${n} bytes`, [makeFrame(1, `4${"x".repeat(n)}`)]);
  frames(`binary of ${n} bytes`, [makeFrame(2, Buffer.alloc(n, 7))]);
}

// -- text must be UTF-8 -----------------------------------------------------------

const four = 0x34;
const TEXTS = {
  "a lone byte over 127": [four, 0xff],
  "a continuation byte alone": [four, 0x80],
  "an overlong slash": [four, 0xc0, 0xaf],
  "a surrogate": [four, 0xed, 0xa0, 0x80],
  "a code point too large": [four, 0xf4, 0x90, 0x80, 0x80],
  "a cut character": [four, 0xe2, 0x82],
  "the largest code point": [four, 0xf4, 0x8f, 0xbf, 0xbf],
  "a non-character": [four, 0xef, 0xbf, 0xbf],
  "a byte order mark": [four, 0xef, 0xbb, 0xbf],
  "a NUL": [four, 0, 0x61],
};

for (const [name, list] of Object.entries(TEXTS)) frames(`text with ${name}`, [makeFrame(1, bytes(...list))]);
frames("text with a character cut by fragments", [makeFrame(1, bytes(four, 0xe2), { fin: false }), makeFrame(0, bytes(0x82, 0xac))]);
frames("text with a cut character in fragments", [makeFrame(1, bytes(four, 0xe2), { fin: false }), makeFrame(0, bytes(0x82))]);
frames("text that goes wrong in the second fragment", [makeFrame(1, "4ok", { fin: false }), makeFrame(0, bytes(0xff))]);

// -- close frames ------------------------------------------------------------------

const CLOSES = {
  "no code": "",
  "one byte": "03",
  "code 1000": "03e8",
  "code 1000 and a reason": `03e8${Buffer.from("bye").toString("hex")}`,
  "code 1001": "03e9",
  "code 1005": "03ed",
  "code 1006": "03ee",
  "code 1004": "03ec",
  "code 1015": "03f7",
  "code 999": "03e7",
  "code 0": "0000",
  "code 2999": "0bb7",
  "code 3000": "0bb8",
  "code 4999": "1387",
  "code 5000": "1388",
  "a reason that is no UTF-8": "03e8ff",
  "a reason of 123 bytes": `03e8${"61".repeat(123)}`,
  "126 bytes": "61".repeat(126),
};

for (const [name, hex] of Object.entries(CLOSES)) {
  compare(`close frame with ${name}`, async (t) => {
    const c = await t.socket();
    c.write(makeFrame(8, Buffer.from(hex, "hex")));
    await c.frame();
    await c.goodbye();
  });
}

compare("close frame, then more frames", async (t) => {
  const c = await t.socket();
  c.write(Buffer.concat([makeFrame(8, ""), makeFrame(1, "4x"), makeFrame(9, "")]));
  await c.frame();
  await c.closed();
});

// -- the limit ------------------------------------------------------------------------

const LIMIT = { env: { MAX_PAYLOAD: "1000" } };

frames("a text of exactly the limit", [makeFrame(1, `4${"x".repeat(999)}`)], LIMIT);
frames("a text one byte over the limit", [makeFrame(1, `4${"x".repeat(1000)}`)], LIMIT);
frames("binary of exactly the limit", [makeFrame(2, Buffer.alloc(1000))], LIMIT);
frames("binary one byte over the limit", [makeFrame(2, Buffer.alloc(1001))], LIMIT);
frames("fragments of exactly the limit", [makeFrame(1, `4${"x".repeat(499)}`, { fin: false }), makeFrame(0, "y".repeat(500))], LIMIT);
frames("fragments one byte over the limit", [makeFrame(1, `4${"x".repeat(499)}`, { fin: false }), makeFrame(0, "y".repeat(501))], LIMIT);
frames("only the announcement of too much", [Buffer.from("81feffff11223344", "hex")], LIMIT);
frames("a multi-byte text over the limit in bytes only", [makeFrame(1, `4${"é".repeat(500)}`)], LIMIT);

compare("fragments without end", async (t) => {
  const c = await t.socket();
  const one = makeFrame(0, "x", { fin: false });
  c.write(makeFrame(1, "4", { fin: false }));
  for (let i = 0; i < 20; i++) c.write(Buffer.concat(Array.from({ length: 1000 }, () => one)));
  await c.frame();
});

compare("empty fragments without end", async (t) => {
  const c = await t.socket();
  const one = makeFrame(0, "", { fin: false });
  c.write(makeFrame(1, "4", { fin: false }));
  for (let i = 0; i < 20; i++) c.write(Buffer.concat(Array.from({ length: 1000 }, () => one)));
  await c.frame();
});

// -- pieces ----------------------------------------------------------------------------

compare("frames in pieces of one byte", async (t) => {
  const c = await t.socket();
  const all = Buffer.concat([makeFrame(1, "4one"), makeFrame(2, bytes(1, 2, 3)), makeFrame(1, `4${"x".repeat(200)}`)]);
  for (const byte of all) c.write(bytes(byte));
  for (let i = 0; i < 3; i++) await c.frame();
});

compare("many frames in one segment", async (t) => {
  const c = await t.socket();
  c.write(Buffer.concat(Array.from({ length: 100 }, (_, i) => makeFrame(1, `4${i}`))));
  for (let i = 0; i < 100; i++) await c.frame();
});

compare("b64 on a WebSocket", async (t) => {
  const c = await t.socket("/engine.io/", "&b64=1");
  c.sendBinary(bytes(1, 2, 3));
  await c.frame();
  c.send("bAQID");
  await c.frame();
  c.send("4x");
  await c.frame();
});

compare("base64 in a text frame", async (t) => {
  const c = await t.socket();
  for (const text of ["bAQID", "b", "bAA", "b!!!!"]) {
    c.send(text);
    await c.frame();
  }
});
