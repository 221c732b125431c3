// SPDX-License-Identifier: MIT
// The packets of socket.io-msgpack-parser, byte for byte: values of every
// kind there and back, and messages that are none.
//
// What the official server sends as undefined (the pid of a CONNECT, the data
// of a refusal) is left out by ours; those two packets are decoded and written
// down without it. Everything else is written down as it came.
import { load } from "../../clients/stock.mjs";
import { compare } from "../case.mjs";

const notepack = load("notepack.io");
const env = { PARSER: "msgpack" };
const bytes = (hex) => Buffer.from(hex.replaceAll(" ", ""), "hex");

// JSON with bytes in it, keys in order, undefined left out.
function plain(value) {
  if (Buffer.isBuffer(value)) return { bytes: value.toString("hex") };
  if (Array.isArray(value)) return value.map(plain);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])]));
}

// Writes down the next message.
async function tell(t, c) {
  const frame = await c.frame({ quiet: true });

  if (!frame) return null;
  if (frame.opcode === 8) {
    c.tellControl(frame);
  } else if (frame.opcode !== 2) {
    c.log(`< text ${frame.payload}`);
  } else {
    const packet = notepack.decode(frame.payload);
    if (packet.type === 0 || packet.type === 4) c.log(`< packet ${JSON.stringify(plain(packet))}`);
    else c.log(`< binary ${frame.payload.toString("hex")}`);
  }
  return frame;
}

async function enter(c, nsp, data) {
  c.sendBinary(notepack.encode({ type: 0, data, nsp }));
  await c.frame({ quiet: true });
  if (nsp === "/" || nsp === "/custom") await c.frame({ quiet: true });
}

// A connection in "/" and in "/any", which answers every event.
async function member(t) {
  const c = await t.socket("/socket.io/");

  await enter(c, "/");
  await enter(c, "/any");
  return c;
}

// Reads until the answer to a last question, or to the end.
async function settle(t, c) {
  const last = notepack.encode({ type: 2, data: ["any", "state"], nsp: "/any" });

  await t.barrier();
  c.sendBinary(notepack.encode({ type: 2, data: ["state"], nsp: "/any" }));
  for (;;) {
    const frame = await tell(t, c);
    if (!frame || frame.opcode === 8 || last.equals(frame.payload)) return;
  }
}

function row(name, ...messages) {
  compare(`msgpack ${name}`, { env }, async (t) => {
    const c = await member(t);
    for (const message of messages) {
      if (typeof message === "string") c.send(message);
      else c.sendBinary(message);
    }
    await settle(t, c);
  });
}

// -- values, there and back --------------------------------------------------------

const echo = (...args) => notepack.encode({ type: 2, data: ["message", ...args], id: 7, nsp: "/" });
const values = {
  "small integers": [0, 1, 127, -1, -32],
  "8 bits": [128, 255, -33, -128],
  "16 bits": [256, 65535, -129, -32768],
  "32 bits": [65536, 4294967295, -32769, -2147483648],
  "53 bits": [4294967296, 2 ** 53 - 1, -2147483649, -(2 ** 53 - 1)],
  "64 bits": [2 ** 62, 2 ** 63, -(2 ** 63), 1e18, 1e19],
  fractions: [0.5, -1.5, 0.1, 1e-300, 5e-324],
  "minus zero": [-0],
  words: [true, false, null],
  "short texts": ["", "a", "x".repeat(31)],
  "longer texts": ["x".repeat(32), "x".repeat(255), "x".repeat(256)],
  "a text of 16 bits": ["x".repeat(65536)],
  "UTF-8": ["äöü€😀", "\u0000", "a\u0000b", "\ufffd"],
  "half an emoji": ["\ud83d", "x".repeat(40) + "\ud83d"],
  arrays: [[], [1], [[[]]], Array.from({ length: 15 }, (_, i) => i), Array.from({ length: 16 }, (_, i) => i)],
  "an array of 16 bits": [Array.from({ length: 65536 }, () => 1)],
  objects: [{}, { a: 1 }, { b: { a: [] } }, Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`k${i}`, i]))],
  "an object of 16 bits": [Object.fromEntries(Array.from({ length: 65536 }, (_, i) => [`k${i}`, 1]))],
  bytes: [Buffer.alloc(0), Buffer.from([1]), Buffer.alloc(8), Buffer.alloc(255), Buffer.alloc(256)],
  "bytes of 16 bits": [Buffer.alloc(65536)],
  "bytes within": [{ a: [Buffer.from([1, 2, 3])] }],
  "keys of any kind": [{ "": 1, "ä": 2, "\u0000": 3, "constructor": 4 }],
  "what looks like an attachment": [{ _placeholder: true, num: 0 }],
  undefined: [undefined, { a: undefined, b: 1 }, [undefined]],
  "a date": [new Date(1700000000000)],
  "not a number": [NaN, Infinity, -Infinity],
  "an ArrayBuffer": [new Uint8Array([1, 2, 3]).buffer],
  "a typed array": [new Uint8Array([1, 2, 3])],
};

for (const [name, args] of Object.entries(values)) {
  row(`value: ${name}`, echo(...args), notepack.encode({ type: 2, data: ["message-with-ack", ...args], id: 7, nsp: "/" }));
}

// Other ways to write the same, and what is no value. Announcing four billion
// elements or bytes is left out: the official server makes room for them and
// is not heard of again.
for (const hex of ["cc05", "cd0005", "ce00000005", "cf0000000000000005", "d005", "d1fffb", "d2fffffffb",
  "d3fffffffffffffffb", "ca3fc00000", "d90161", "da000161", "db0000000161", "dc0000", "dd00000001c0", "de0000",
  "df00000001a16101", "c500020102", "c6000000020102", "83a16101a16202a16103", "c70180aa", "d40107", "d500abcd",
  "d60001020304", "d7ff0102030405060708", "d800000102030405060708090a0b0c0d0e0f", "c90000000005", "c1", "c0", "d7007fffffffffffffff",
  "810102", "81c0c0", "a1ff", "a3eda080", "d9", "81a7ff62696e617279a2ff61"]) {
  row(`as written ${hex}`, bytes(`84 a474797065 02 a464617461 92 a76d657373616765 ${hex} a26964 07 a36e7370 a12f`));
}

// -- packets ------------------------------------------------------------------------

const P = { type: "a474797065", data: "a464617461", nsp: "a36e7370 a12f", any: "a36e7370 a42f616e79", id: "a26964" };

for (const [name, hex] of [
  ["nothing", ""],
  ["nil", "c0"],
  ["a number", "02"],
  ["an array", "90"],
  ["an empty map", "80"],
  ["bytes behind it", `83 ${P.type} 02 ${P.data} 91 a161 ${P.any} 00`],
  ["two packets", `83 ${P.type} 02 ${P.data} 91 a161 ${P.any} 83 ${P.type} 02 ${P.data} 91 a161 ${P.any}`],
  ["half of it", `83 ${P.type} 02 ${P.data} 91 a161`],
  ["type 5", `83 ${P.type} 05 ${P.data} 91 a161 ${P.any}`],
  ["type -1", `83 ${P.type} ff ${P.data} 91 a161 ${P.any}`],
  ["type nil", `83 ${P.type} c0 ${P.data} 91 a161 ${P.any}`],
  ["type as a text", `83 ${P.type} a132 ${P.data} 91 a161 ${P.any}`],
  ["type as a float", `83 ${P.type} cb4000000000000000 ${P.data} 91 a161 ${P.any}`],
  ["type with a fraction", `83 ${P.type} cb4004000000000000 ${P.data} 91 a161 ${P.any}`],
  ["no type", `82 ${P.data} 91 a161 ${P.any}`],
  ["no namespace", `82 ${P.type} 02 ${P.data} 91 a161`],
  ["namespace nil", `83 ${P.type} 02 ${P.data} 91 a161 a36e7370 c0`],
  ["namespace as bytes", `83 ${P.type} 02 ${P.data} 91 a161 a36e7370 c4012f`],
  ["the type twice", `84 ${P.type} 01 ${P.type} 02 ${P.data} 91 a161 ${P.any}`],
  ["another order", `83 ${P.any} ${P.data} 91 a161 ${P.type} 02`],
  ["options", `84 ${P.type} 02 ${P.data} 91 a161 a76f7074696f6e73 81 a8636f6d7072657373 c3 ${P.any}`],
  ["event without data", `82 ${P.type} 02 ${P.any}`],
  ["event of nil", `83 ${P.type} 02 ${P.data} c0 ${P.any}`],
  ["event of an object", `83 ${P.type} 02 ${P.data} 80 ${P.any}`],
  ["event without a name", `83 ${P.type} 02 ${P.data} 90 ${P.any}`],
  ["event named 5", `83 ${P.type} 02 ${P.data} 9205a178 ${P.any}`],
  ["event named 1.5", `83 ${P.type} 02 ${P.data} 92cb3ff8000000000000a178 ${P.any}`],
  ["event named nil", `83 ${P.type} 02 ${P.data} 91c0 ${P.any}`],
  ["event named {}", `83 ${P.type} 02 ${P.data} 9180 ${P.any}`],
  ["event named disconnect", `83 ${P.type} 02 ${P.data} 91aa646973636f6e6e656374 ${P.any}`],
  ["event named connect", `83 ${P.type} 02 ${P.data} 91a7636f6e6e656374 ${P.any}`],
  ["event with id nil", `84 ${P.type} 02 ${P.data} 91a161 ${P.id} c0 ${P.any}`],
  ["event with id undefined", `84 ${P.type} 02 ${P.data} 91a161 ${P.id} d40000 ${P.any}`],
  ["event with id -1", `84 ${P.type} 02 ${P.data} 91b06d6573736167652d776974682d61636b ${P.id} ff ${P.nsp}`],
  ["event with id 1.5", `84 ${P.type} 02 ${P.data} 91a161 ${P.id} cb3ff8000000000000 ${P.any}`],
  ["event with id as a float", `84 ${P.type} 02 ${P.data} 91b06d6573736167652d776974682d61636b ${P.id} cb4014000000000000 ${P.nsp}`],
  ["event with id 2^53-1", `84 ${P.type} 02 ${P.data} 91b06d6573736167652d776974682d61636b ${P.id} cf001fffffffffffff ${P.nsp}`],
  ["event with id 2^53", `84 ${P.type} 02 ${P.data} 91b06d6573736167652d776974682d61636b ${P.id} cf0020000000000000 ${P.nsp}`],
  ["event for a namespace it is not in", `83 ${P.type} 02 ${P.data} 91a161 a36e7370 a22f78`],
  ["ack without data", `83 ${P.id} 00 ${P.type} 03 ${P.nsp}`],
  ["ack of an object", `84 ${P.id} 00 ${P.type} 03 ${P.data} 80 ${P.nsp}`],
  ["ack nobody waits for", `84 ${P.id} 64 ${P.type} 03 ${P.data} 90 ${P.nsp}`],
  ["ack without id", `83 ${P.type} 03 ${P.data} 90 ${P.nsp}`],
  ["disconnect", `82 ${P.type} 01 ${P.nsp}`],
  ["disconnect with undefined", `83 ${P.type} 01 ${P.data} d40000 ${P.nsp}`],
  ["disconnect with nil", `83 ${P.type} 01 ${P.data} c0 ${P.nsp}`],
  ["disconnect with data", `83 ${P.type} 01 ${P.data} 80 ${P.nsp}`],
  ["connect although connected", `82 ${P.type} 00 ${P.nsp}`],
  ["connect error", `83 ${P.type} 04 ${P.data} 80 ${P.nsp}`],
  ["connect error of nil", `83 ${P.type} 04 ${P.data} c0 ${P.nsp}`],
]) {
  row(`packet: ${name}`, bytes(hex));
}

row("a text message", "42[\"a\"]");

// -- connecting -------------------------------------------------------------------------

for (const [name, hex] of [
  ["without data", `82 ${P.type} 00 ${P.nsp}`],
  ["with undefined", `83 ${P.type} 00 ${P.data} d40000 ${P.nsp}`],
  ["with auth", `83 ${P.type} 00 ${P.data} 81a5746f6b656ea178 ${P.nsp}`],
  ["with bytes", `83 ${P.type} 00 ${P.data} 81a162c4020102 ${P.nsp}`],
  ["with nil", `83 ${P.type} 00 ${P.data} c0 ${P.nsp}`],
  ["with an array", `83 ${P.type} 00 ${P.data} 90 ${P.nsp}`],
  ["with a text", `83 ${P.type} 00 ${P.data} a161 ${P.nsp}`],
  ["to no namespace", `82 ${P.type} 00 a36e7370 a82f6e6f7468696e67`],
  ["to an empty name", `82 ${P.type} 00 a36e7370 a0`],
  ["to a name without a slash", `82 ${P.type} 00 a36e7370 a3616e79`],
  ["to a name with a comma", `82 ${P.type} 00 a36e7370 a42f612c62`],
  ["to a name with a query", `82 ${P.type} 00 a36e7370 a62f616e793f78`],
  ["to a namespace that refuses", `82 ${P.type} 00 a36e7370 a82f67756172646564`],
  ["to one that refuses without data", `83 ${P.type} 00 ${P.data} 81a5746f6b656ea462617265 a36e7370 a82f67756172646564`],
  ["to one that disconnects", `82 ${P.type} 00 a36e7370 a42f627965`],
  ["as a text", null],
]) {
  compare(`msgpack connect ${name}`, { env }, async (t) => {
    const c = await t.socket("/socket.io/");
    if (hex) c.sendBinary(bytes(hex));
    else c.send("40");
    await t.barrier();
    await new Promise((resolve) => setTimeout(resolve, 60));
    c.sendBinary(notepack.encode({ type: 0, nsp: "/any" }));
    for (;;) {
      const frame = await tell(t, c);
      if (!frame || frame.opcode === 8 || frame.payload.includes("/any")) return;
    }
  });
}

compare("msgpack over polling", { env }, async (t) => {
  const c = await t.session("/socket.io/");
  await c.post(`b${notepack.encode({ type: 0, nsp: "/any" }).toString("base64")}`);
  const response = await c.get({ quiet: 200 });
  const [first] = `${response.body}`.split("\x1e");
  t.note(JSON.stringify(plain(notepack.decode(Buffer.from(first.slice(1), "base64")))));
  await c.post(`b${notepack.encode({ type: 2, data: ["a", 1], nsp: "/any" }).toString("base64")}`);
  await c.get();
});
