// SPDX-License-Identifier: MIT
// Raw TCP, with just enough HTTP/1.1 and RFC 6455 to write down what came
// back. Nothing here is forgiving: what a server may not do (masked frames,
// wrong lengths) becomes a line of the record.
//
// A record is a list of lines that must be the same for two servers that
// behave the same. So what is different each time is replaced: ids by names,
// Date left out, header names in lower case and sorted, lengths checked and
// left out.
import crypto from "node:crypto";
import net from "node:net";
import zlib from "node:zlib";
import { DEADLINE } from "../clients/deadline.mjs";

const LATER = Symbol("later");

// Bytes as text for people: short, printable.
export function show(bytes, limit = 200) {
  const text = Buffer.from(bytes).toString("utf8");

  if (bytes.length <= limit) return JSON.stringify(text);
  const digest = crypto.createHash("sha1").update(bytes).digest("hex").slice(0, 8);
  return `${JSON.stringify(text.slice(0, 40))}... ${bytes.length} bytes ${digest}`;
}

export const hex = (bytes) => (bytes.length <= 64 ? `<${Buffer.from(bytes).toString("hex")}>` : show(bytes));

// -- HTTP -------------------------------------------------------------------

// A response at the front of the bytes: { status, headers, body, length } or
// LATER if it is not whole yet. "head" is for answers to HEAD.
function parseResponse(bytes, ended, head) {
  const end = bytes.indexOf("\r\n\r\n");

  if (end < 0) return LATER;
  const lines = bytes.toString("latin1", 0, end).split("\r\n");
  const match = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0]);
  if (!match) throw new Error(`not a status line: ${JSON.stringify(lines[0])}`);
  const headers = lines.slice(1).map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const response = { status: Number(match[1]), headers, notes: [], start: end + 4 };

  return readBody(bytes, response, ended, head);
}

const valueOf = (headers, name) => headers.filter(([key]) => key === name).map(([, value]) => value);

function readBody(bytes, response, ended, head) {
  const { headers, status, start } = response;
  const coding = valueOf(headers, "transfer-encoding");
  const lengths = valueOf(headers, "content-length");
  const done = (body, length) => ({ ...response, body, length });

  if (coding.length && lengths.length) response.notes.push("both lengths");
  if (status === 101 || status === 100 || status === 204 || status === 304 || head) {
    return done(Buffer.alloc(0), start);
  }
  if (coding.length) return readChunks(bytes, start, done);
  if (lengths.length) {
    const n = Number(lengths[0]);
    return bytes.length < start + n ? LATER : done(bytes.subarray(start, start + n), start + n);
  }
  if (!ended) return LATER;
  if (!valueOf(headers, "connection").some((value) => /^close$/i.test(value))) {
    response.notes.push("body until the end, without a word of it");
  }
  return done(bytes.subarray(start), bytes.length);
}

function readChunks(bytes, start, done) {
  const parts = [];

  for (let at = start; ;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return LATER;
    const size = parseInt(bytes.toString("latin1", at, line), 16);
    at = line + 2;
    if (bytes.length < at + size + 2) return LATER;
    if (size === 0) return done(Buffer.concat(parts), at + 2);
    parts.push(bytes.subarray(at, at + size));
    at += size + 2;
  }
}

const DECODE = {
  gzip: zlib.gunzipSync,
  deflate: zlib.inflateSync,
  br: zlib.brotliDecompressSync,
};

// The headers that mean something to a client.
const LEFT_OUT = ["date", "keep-alive", "transfer-encoding", "content-length"];

function headerLines(response, key) {
  return response.headers.filter(([name, value]) => (
    !LEFT_OUT.includes(name) && !(name === "connection" && value.toLowerCase() === "keep-alive")
  )).map(([name, value]) => {
    if (name === "sec-websocket-accept") {
      const accept = crypto.createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
      return `${name}: ${value === accept ? "right" : "WRONG"}`;
    }
    if (name === "upgrade" || name === "connection") return `${name}: ${value.toLowerCase()}`;
    return `${name}: ${value}`;
  }).sort();
}

// -- WebSocket --------------------------------------------------------------

// A frame at the front of the bytes, or LATER.
function parseFrame(bytes) {
  if (bytes.length < 2) return LATER;
  const masked = bytes[1] & 0x80;
  let length = bytes[1] & 0x7f;
  let at = 2;

  if (length === 126) {
    if (bytes.length < 4) return LATER;
    length = bytes.readUInt16BE(2);
    at = 4;
  } else if (length === 127) {
    if (bytes.length < 10) return LATER;
    length = Number(bytes.readBigUInt64BE(2));
    at = 10;
  }
  if (masked) at += 4;
  if (bytes.length < at + length) return LATER;
  return {
    fin: !!(bytes[0] & 0x80),
    rsv: (bytes[0] >> 4) & 7,
    opcode: bytes[0] & 15,
    masked: !!masked,
    payload: bytes.subarray(at, at + length),
    length: at + length,
  };
}

export function makeFrame(opcode, payload, { fin = true, rsv = 0, mask = true, size, announce } = {}) {
  const body = Buffer.from(payload);
  const length = announce ?? body.length;
  const kind = size ?? (length < 126 ? 0 : length < 65536 ? 2 : 8);
  const head = Buffer.alloc(2 + kind);

  head[0] = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  head[1] = kind === 0 ? length : kind === 2 ? 126 : 127;
  if (kind === 2) head.writeUInt16BE(length, 2);
  if (kind === 8) head.writeBigUInt64BE(BigInt(length), 2);
  if (!mask) return Buffer.concat([head, body]);
  head[1] |= 0x80;
  const key = Buffer.from([0x11, 0x22, 0x33, 0x44]);
  for (let i = 0; i < body.length; i++) body[i] ^= key[i & 3];
  return Buffer.concat([head, key, body]);
}

function closeText(payload) {
  if (payload.length === 0) return "close without code";
  const reason = payload.subarray(2).toString();
  return `close ${payload.readUInt16BE(0)}${reason ? ` ${JSON.stringify(reason)}` : ""}`;
}

// -- a connection -----------------------------------------------------------

export class Connection {
  constructor(record, label, port) {
    this.record = record;
    this.label = label;
    this.bytes = Buffer.alloc(0);
    this.ended = false;
    this.key = "dGhlIHNhbXBsZSBub25jZQ==";
    this.wake = () => {};
    this.socket = net.connect({ port, host: "127.0.0.1", noDelay: true });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once("connect", resolve);
      this.socket.once("error", reject);
    });
    this.socket.on("data", (data) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.wake();
    });
    this.socket.on("error", () => {});
    this.socket.on("end", () => this.finish());
    this.socket.on("close", () => this.finish());
  }

  finish() {
    this.ended = true;
    this.wake();
  }

  log(text) { this.record.add(`${this.label} ${text}`); }

  write(data) { this.socket.write(data); }

  // Closes with a reset in place of an orderly end.
  reset() { this.socket.resetAndDestroy(); }

  destroy() { this.socket.destroy(); }

  // What "take" finds in the bytes as soon as it finds something; null when
  // the connection ends or the deadline passes before.
  async next(take, ms = DEADLINE) {
    const end = Date.now() + ms;

    for (;;) {
      const found = take(this.bytes, this.ended);
      if (found !== LATER) {
        this.bytes = this.bytes.subarray(found.length);
        return found;
      }
      const left = end - Date.now();
      if (this.ended || left <= 0) return null;
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, left);
        this.wake = () => { clearTimeout(timer); resolve(); };
      });
    }
  }

  lost(what) {
    const rest = this.bytes.length ? ` after ${show(this.bytes)}` : "";

    this.log(this.ended ? `closed in place of ${what}${rest}` : `waits in vain for ${what}${rest}`);
    return null;
  }

  // The next response. "quiet" writes nothing down unless it is not the
  // status that was expected, "silent" nothing at all.
  async response({ quiet = 0, silent = false, head = false, ms } = {}) {
    const response = await this.next((bytes, ended) => parseResponse(bytes, ended, head), ms);

    if (!response) return this.lost("a response");
    if (!silent && quiet !== response.status) this.tell(response);
    return response;
  }

  tell(response) {
    const coding = valueOf(response.headers, "content-encoding")[0];
    const plain = coding && DECODE[coding] && response.body.length ? DECODE[coding](response.body) : response.body;

    response.plain = plain;
    this.log(`< ${response.status}`);
    for (const line of headerLines(response, this.key)) this.log(`  ${line}`);
    for (const note of response.notes) this.log(`  (${note})`);
    if (plain.length) this.log(`  ${show(plain)}`);
  }

  // What a compressed message says. What came before is kept as far as a
  // window reaches, so messages that refer to it can be read, and others too.
  inflate(payload) {
    const plain = zlib.inflateRawSync(Buffer.concat([payload, Buffer.from([0, 0, 255, 255])]), {
      finishFlush: zlib.constants.Z_SYNC_FLUSH,
      dictionary: this.window?.length ? this.window : undefined,
    });

    this.window = Buffer.concat([this.window ?? Buffer.alloc(0), plain]).subarray(-32768);
    return plain;
  }

  // The next WebSocket message or control frame; fragments are put together,
  // and inflated if "deflate" was set because it was agreed on.
  async frame({ quiet = false, ms } = {}) {
    const parts = [];
    let opcode;
    let deflated = false;

    for (;;) {
      const frame = await this.next(parseFrame, ms);
      if (!frame) return this.lost("a frame");
      if (this.deflate && frame.rsv === 4 && (frame.opcode === 1 || frame.opcode === 2)) deflated = true;
      else if (frame.masked || frame.rsv) this.log(`BAD FRAME masked ${frame.masked} rsv ${frame.rsv}`);
      if (frame.opcode >= 8) {
        if (!quiet) this.tellControl(frame);
        return frame;
      }
      if (opcode === undefined) opcode = frame.opcode;
      parts.push(frame.payload);
      if (!frame.fin) continue;
      const message = { opcode, payload: Buffer.concat(parts), deflated };
      if (deflated) message.payload = this.inflate(message.payload);
      if (!quiet) this.log(`< ${opcode === 1 ? `text ${show(message.payload)}` : `binary ${hex(message.payload)}`}`);
      return message;
    }
  }

  tellControl({ opcode, payload }) {
    if (opcode === 8) this.log(`< ${closeText(payload)}`);
    else this.log(`< ${opcode === 9 ? "ping" : "pong"} frame ${show(payload)}`);
  }

  send(text) { this.write(makeFrame(1, text)); }

  sendBinary(bytes) { this.write(makeFrame(2, bytes)); }

  // Answers a close frame and waits for the end of the connection.
  async goodbye() {
    this.write(makeFrame(8, ""));
    await this.closed();
  }

  // Writes down that the other side has ended the connection; bytes that
  // came before and were not read are written down as well.
  async closed(ms = DEADLINE) {
    await this.next((bytes, ended) => (ended ? { length: 0 } : LATER), ms);
    if (this.bytes.length) this.log(`< stray ${show(this.bytes)}`);
    this.bytes = Buffer.alloc(0);
    this.log(this.ended ? "closed" : "still open");
  }

  // Writes down whether another request is answered on this connection.
  async fate(ms = DEADLINE) {
    this.write("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
    const response = await this.next((bytes, ended) => parseResponse(bytes, ended), ms);
    if (response && response.status === 200 && `${response.body}` === "ok") {
      this.log("alive");
    } else if (response) {
      this.tell(response);
    } else {
      if (this.bytes.length) this.log(`< stray ${show(this.bytes)}`);
      this.bytes = Buffer.alloc(0);
      this.log(this.ended ? "closed" : "still open");
    }
  }
}
