// SPDX-License-Identifier: MIT
// A proxy that passes on everything between clients and a server but for one
// thing that it does to what the server says: the check of the benchmark has
// to see it.
import net from "node:net";
import { connect as connectSecure, createServer as createSecureServer }
  from "node:tls";

// The frames that are whole in data, behind an answer to an upgrade.
function split(data) {
  const parts = [];
  let at = 0;

  while (data.length - at >= 2) {
    const short = data[at + 1] & 127;
    const head = short === 126 ? 4 : short === 127 ? 10 : 2;
    if (data.length - at < head) break;
    const size = head + (short === 126 ? data.readUInt16BE(at + 2)
      : short === 127 ? Number(data.readBigUInt64BE(at + 2)) : short);
    if (data.length - at < size) break;
    parts.push(data.subarray(at, at + size));
    at += size;
  }
  return { parts, rest: data.subarray(at) };
}

// What is done to the frame or piece of data that the text was found in.
const LIES = {
  none: (part) => [part],
  altered: (part, at) => {
    const copy = Buffer.from(part);
    copy[at] ^= 1;
    return [copy];
  },
  dropped: () => [],
  doubled: (part) => [part, part],
};

const reach = (port, tls) =>
  tls
    ? connectSecure({ port, host: "127.0.0.1", rejectUnauthorized: false })
    : net.connect(port, "127.0.0.1");

// Lies about what has the text in it for the count-th time; a lie of one of
// the names above, in frames or in whatever pieces the bytes come. `tls` are
// certificate and key of a server that speaks TLS. Resolves to { port, told(),
// close() }.
export function lie(port, { how, text, count = 1, frames = false, tls }) {
  const sockets = new Set();
  let seen = 0, told = false;

  const twist = (part) => {
    const at = part.indexOf(text);
    if (told || at < 0 || ++seen < count) return [part];
    told = true;
    return LIES[how](part, at);
  };
  const talk = (client) => {
    const upstream = reach(Number(port), tls);
    let upgraded = false, rest = Buffer.alloc(0);

    const deframe = (data) => {
      rest = Buffer.concat([rest, data]);
      const out = [];
      if (!upgraded) {
        const end = rest.indexOf("\r\n\r\n");
        if (end < 0) return out;
        upgraded = true;
        out.push(rest.subarray(0, end + 4));
        rest = rest.subarray(end + 4);
      }
      const found = split(rest);
      rest = found.rest;
      return [...out, ...found.parts.flatMap(twist)];
    };
    for (const [a, b] of [[client, upstream], [upstream, client]]) {
      sockets.add(a);
      a.setNoDelay();
      a.on("error", () => b.destroy());
      a.on("close", () => b.destroy());
    }
    client.on("data", (data) => upstream.write(data));
    upstream.on("data", (data) => {
      for (const part of frames ? deframe(data) : twist(data))
        client.write(part);
    });
  };
  const server = tls ? createSecureServer(tls, talk) : net.createServer(talk);

  return new Promise((resolve) =>
    server.listen(0, () => resolve({
      port: String(server.address().port),
      told: () => told,
      close: () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    })));
}
