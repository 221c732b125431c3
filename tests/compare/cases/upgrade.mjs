// SPDX-License-Identifier: MIT
// Upgrade requests and their refusals, and the way from polling to
// WebSocket, right and wrong.
import { compare, get, makeFrame, post, upgrade } from "../case.mjs";

const TARGET = "/socket.io/?EIO=4&transport=websocket";

// -- 1.5 requests ----------------------------------------------------------------------

const HANDSHAKES = {
  "as it should be": {},
  "with other capitals": { Upgrade: "WebSocket", Connection: "upgrade" },
  "with a list in Connection": { Connection: "keep-alive, Upgrade" },
  "of version 8": { "Sec-WebSocket-Version": "8" },
  "of version 12": { "Sec-WebSocket-Version": "12" },
  "of version 14": { "Sec-WebSocket-Version": "14" },
  "of version 13 and 8": { "Sec-WebSocket-Version": "13, 8" },
  "of version 013": { "Sec-WebSocket-Version": "013" },
  "without a version": { "Sec-WebSocket-Version": null },
  "without a key": { "Sec-WebSocket-Key": null },
  "with an empty key": { "Sec-WebSocket-Key": "" },
  "with a short key": { "Sec-WebSocket-Key": "dGhlIHNhbXBsZQ==" },
  "with a long key": { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZSBhbmQgbW9yZQ==" },
  "with a key without padding": { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ" },
  "with a key of wrong letters": { "Sec-WebSocket-Key": "!GhlIHNhbXBsZSBub25jZQ==" },
  "with a key with a blank behind": { "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ== " },
  "to h2c": { Upgrade: "h2c" },
  "to websocket and h2c": { Upgrade: "websocket, h2c" },
  "without Connection": { Connection: null },
  "without Upgrade": { Upgrade: null },
  "with Connection: close": { Connection: "close" },
  "with a protocol": { "Sec-WebSocket-Protocol": "json" },
  "with several protocols": { "Sec-WebSocket-Protocol": "json, xml" },
  "with an empty protocol": { "Sec-WebSocket-Protocol": "a,,b" },
  "with a protocol twice": { "Sec-WebSocket-Protocol": "a, a" },
  "with a protocol that is no token": { "Sec-WebSocket-Protocol": "a b" },
  "with no protocol at all in the header": { "Sec-WebSocket-Protocol": "" },
  "with deflate": { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" },
  "with an extension of a strange name": { "Sec-WebSocket-Extensions": "constructor, __proto__" },
  "with broken extensions": { "Sec-WebSocket-Extensions": ";;=," },
  "with an Origin": { Origin: "http://other.example" },
  "with a length of 0": { "Content-Length": "0" },
  "without Host": { Host: null },
};

for (const [name, headers] of Object.entries(HANDSHAKES)) {
  compare(`upgrade request ${name}`, async (t) => {
    const c = await t.connect();
    if (headers["Sec-WebSocket-Key"]) c.key = headers["Sec-WebSocket-Key"].trim();
    c.write(upgrade(TARGET, headers));
    const response = await c.response();
    if (response && response.status === 101) await c.frame();
    else await c.fate();
  });
}

for (const n of [1000, 100000]) {
  compare(`upgrade request with a protocol and ${n} blanks`, async (t) => {
    const c = await t.connect();
    c.write(upgrade(TARGET, { "Sec-WebSocket-Protocol": `b${" ".repeat(n)}x` }));
    await c.response();
    await c.fate();
  });
}

const QUERIES = {
  "of no transport": "EIO=4",
  "of an unknown transport": "EIO=4&transport=x",
  "of transport polling": "EIO=4&transport=polling",
  "of transport webtransport": "EIO=4&transport=webtransport",
  "of transport __proto__": "EIO=4&transport=__proto__",
  "of transport constructor": "EIO=4&transport=constructor",
  "of revision 3": "EIO=3&transport=websocket",
  "of no revision": "transport=websocket",
  "of an unknown session": "EIO=4&transport=websocket&sid=unknown",
  "of session __proto__": "EIO=4&transport=websocket&sid=__proto__",
  "of an empty session": "EIO=4&transport=websocket&sid=",
  "of an unknown session over polling": "EIO=4&transport=polling&sid=unknown",
  "of revision 3 and an unknown session": "EIO=3&transport=websocket&sid=unknown",
};

for (const [name, query] of Object.entries(QUERIES)) {
  compare(`upgrade request ${name}`, async (t) => {
    const c = await t.connect();
    c.write(upgrade(`/socket.io/?${query}`));
    const response = await c.response();
    if (name.includes("revision")) await c.closed();
    else if (response && response.status === 101) await c.frame();
    else await c.fate();
  });
}

compare("upgrade request of a refused revision, without a key", async (t) => {
  await t.once(upgrade("/socket.io/?EIO=3&transport=websocket", { "Sec-WebSocket-Key": null }));
});

compare("upgrade request of an unknown transport, without a key", async (t) => {
  await t.once(upgrade("/socket.io/?EIO=4&transport=x", { "Sec-WebSocket-Key": null }));
});

for (const method of ["POST", "PUT", "HEAD", "OPTIONS"]) {
  compare(`upgrade request with method ${method}, no session`, async (t) => {
    await t.once(upgrade(TARGET, {}, method), { head: method === "HEAD" });
  });
  compare(`upgrade request with method ${method}, a session`, async (t) => {
    const s = await t.session();
    await t.once(upgrade(`/engine.io/?EIO=4&transport=websocket&sid=${s.sid}`, {}, method), { head: method === "HEAD" });
    await s.state();
  });
}

compare("upgrade request in HTTP/1.0", async (t) => {
  const c = await t.connect();
  c.write(upgrade(TARGET, {}, "GET", "1.0"));
  const response = await c.response();
  if (response && response.status === 101) await c.frame();
  else await c.fate();
});

for (const revision of ["EIO=3", "", "EIO=5"]) {
  compare(`upgrade request for a session of revision 4 with "${revision}"`, async (t) => {
    const s = await t.session();
    const c = await t.connect();
    c.write(upgrade(`${s.path}?transport=websocket&sid=${s.sid}&${revision}`));
    await c.response();
    await c.fate();
    await s.state();
  });
}

compare("upgrade request for a session that is on WebSocket", async (t) => {
  const ws = await t.socket();
  const c = await t.connect("WS2");
  c.write(upgrade(`/engine.io/?EIO=4&transport=websocket&sid=${ws.sid}`));
  const response = await c.response();
  if (response.status === 101) await c.frame();
  ws.send("4mine");
  await ws.frame();
});

compare("upgrade request with transport polling for a session", async (t) => {
  const s = await t.session();
  const c = await t.connect("WS");
  c.write(upgrade(s.target));
  const response = await c.response();
  if (response.status === 101) await c.frame();
  await s.state();
});

// Bytes that come with the request belong to the WebSocket.
compare("upgrade request with a frame behind it", async (t) => {
  const c = await t.connect();
  c.write(Buffer.concat([Buffer.from(upgrade("/engine.io/?EIO=4&transport=websocket")), makeFrame(1, "4early")]));
  await c.response();
  await c.frame();
  await c.frame({ ms: 1000 });
});

compare("upgrade request with half a frame behind it", async (t) => {
  const c = await t.connect();
  const frame = makeFrame(1, "4early");
  c.write(Buffer.concat([Buffer.from(upgrade("/engine.io/?EIO=4&transport=websocket")), frame.subarray(0, 5)]));
  await c.response();
  await c.frame();
  c.write(frame.subarray(5));
  await c.frame();
});

compare("upgrade request with rubbish behind it", async (t) => {
  const c = await t.connect();
  c.write(Buffer.concat([Buffer.from(upgrade("/engine.io/?EIO=4&transport=websocket")), Buffer.from([255, 255, 255])]));
  await c.response();
  await c.frame();
  await c.frame();
  await c.closed();
});

for (const [name, target] of [["an unknown session", `${TARGET}&sid=unknown`], ["an unknown transport", "/socket.io/?EIO=4&transport=x"]]) {
  compare(`upgrade request for ${name} with rubbish behind it`, async (t) => {
    const c = await t.connect();
    c.write(Buffer.concat([Buffer.from(upgrade(target)), Buffer.from([255, 255, 255])]));
    await c.response();
    await c.closed();
  });
}

compare("upgrade request for a session with a probe behind it", async (t) => {
  const s = await t.session();
  const c = await t.connect("WS");
  c.write(Buffer.concat([Buffer.from(upgrade(`${s.path}?EIO=4&transport=websocket&sid=${s.sid}`)), makeFrame(1, "2probe")]));
  await c.response();
  await c.frame();
});

for (const target of ["/nothing", "/", "/socket.io?EIO=4&transport=websocket", "/healthz"]) {
  compare(`upgrade request for ${target}`, async (t) => {
    const c = await t.connect();
    c.write(upgrade(target));
    await c.response();
    await c.fate();
  });
}

compare("upgrade request on a connection that was used before", async (t) => {
  const c = await t.connect();
  await c.fate();
  c.write(upgrade(TARGET));
  await c.response();
  await c.frame();
});

compare("upgrade request behind another request in one segment", async (t) => {
  const c = await t.connect();
  c.write(get("/healthz") + upgrade(TARGET));
  await c.response();
  await c.response();
  await c.frame();
});

compare("a client that resets where an upgrade is not for us", async (t) => {
  for (const target of ["/nothing", "/socket.io/?EIO=4&transport=x", TARGET]) {
    const c = await t.connect();
    c.write(upgrade(target));
    await t.barrier();
    c.reset();
  }
  await t.barrier();
  await t.once(get("/healthz"));
});

// -- 9 from polling to WebSocket --------------------------------------------------------

compare("upgrade: probe, noop, switch", async (t) => {
  const s = await t.session();
  await s.ask();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.getter.response();
  ws.send("5");
  ws.send("4over WebSocket");
  await ws.frame();
  await s.get();
  await s.post("4x");
});

compare("upgrade: the noop is repeated", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  for (let i = 0; i < 3; i++) await s.get();
  ws.send("5");
  ws.send("4x");
  await ws.frame();
});

compare("upgrade: no noop without a probe", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  await s.ask();
  await t.barrier();
  await s.post("4x");
  await s.getter.response();
  ws.send("5");
  ws.send("4y");
  await ws.frame();
});

compare("upgrade: two probes", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  ws.send("2probe");
  await ws.frame();
  await ws.frame();
  ws.send("5");
  ws.send("4x");
  await ws.frame();
});

compare("upgrade: polling goes on until the switch", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.post("4one");
  await s.get();
  await s.post("4two");
  ws.send("5");
  await ws.frame();
  ws.send("4three");
  await ws.frame();
});

compare("upgrade: a switch without a probe", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  await s.post("4queued");
  ws.send("5");
  await ws.frame();
  ws.send("4x");
  await ws.frame();
  await s.get();
});

compare("upgrade: a GET that waits when the switch comes", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  await s.ask();
  ws.send("5");
  await s.getter.response();
  ws.send("4x");
  await ws.frame();
});

compare("upgrade: probe and switch in one segment, then a GET", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.write(Buffer.concat([makeFrame(1, "2probe"), makeFrame(1, "5")]));
  await ws.frame();
  await s.get();
});

compare("upgrade: a second switch is ignored", async (t) => {
  const s = await t.session();
  const ws = await s.upgrade();
  ws.send("5");
  ws.send("4x");
  await ws.frame();
});

compare("upgrade: a probe after the switch", async (t) => {
  const s = await t.session();
  const ws = await s.upgrade();
  ws.send("2probe");
  await ws.frame();
  await ws.goodbye();
});

const WRONG = {
  "a message": () => makeFrame(1, "4early"),
  "a ping without probe": () => makeFrame(1, "2"),
  "a ping with other data": () => makeFrame(1, "2probeX"),
  "a pong": () => makeFrame(1, "3probe"),
  "a close packet": () => makeFrame(1, "1"),
  "an open packet": () => makeFrame(1, "0"),
  "a noop": () => makeFrame(1, "6"),
  "a binary frame": () => makeFrame(2, "2probe"),
  "rubbish": () => makeFrame(1, "x"),
  "an empty frame": () => makeFrame(1, ""),
  "an unmasked frame": () => makeFrame(1, "2probe", { mask: false }),
  "a close frame": () => makeFrame(8, ""),
  "a switch with data": () => makeFrame(1, "5x"),
};

for (const [name, frame] of Object.entries(WRONG)) {
  compare(`upgrade: ${name} in place of a probe`, async (t) => {
    const s = await t.session();
    const ws = await s.candidate();
    ws.write(frame());
    if (name === "a switch with data") {
      ws.send("4x");
      await ws.frame();
      await s.get();
      return;
    }
    await ws.frame();
    await s.post("4still polling");
    await s.get();
    const again = await s.candidate("WS2");
    again.send("2probe");
    await again.frame();
    again.send("5");
    again.send("4x");
    await again.frame();
  });
}

for (const [name, frame] of Object.entries({ "a message": "4early", "a pong": "3", "a ping": "2", "a noop": "6" })) {
  compare(`upgrade: ${name} between probe and switch`, async (t) => {
    const s = await t.session();
    const ws = await s.candidate();
    ws.send("2probe");
    await ws.frame();
    ws.send(frame);
    await ws.frame();
    await s.post("4still polling");
    await s.get();
  });
}

compare("upgrade: the candidate goes away", async (t) => {
  const s = await t.session();
  for (const how of ["destroy", "reset"]) {
    const ws = await s.candidate(how);
    ws.send("2probe");
    await ws.frame();
    ws[how]();
    await t.barrier();
  }
  await s.post("4still polling");
  await s.get();
  await s.upgrade();
});

compare("upgrade: two candidates at once", async (t) => {
  const s = await t.session();
  const ws = await s.candidate("WS1");
  ws.send("2probe");
  await ws.frame();
  const other = await t.connect("WS2");
  other.write(upgrade(`${s.path}?EIO=4&transport=websocket&sid=${s.sid}`));
  const response = await other.response();
  if (response.status === 101) await other.frame();
  ws.send("5");
  ws.send("4x");
  await ws.frame();
});

compare("upgrade: a second WebSocket after it", async (t) => {
  const s = await t.session();
  const ws = await s.upgrade();
  const other = await t.connect("WS2");
  other.write(upgrade(`${s.path}?EIO=4&transport=websocket&sid=${s.sid}`));
  const response = await other.response();
  if (response.status === 101) await other.frame();
  ws.send("4still mine");
  await ws.frame();
});

compare("upgrade: the session ends while it is under way", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.post("1");
  await ws.frame();
  await ws.goodbye();
});

compare("upgrade: the session breaks while it is under way", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.post("x");
  await ws.frame();
});

compare("upgrade: the waiting GET goes away while it is under way", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  await s.ask();
  s.getter.destroy();
  await ws.frame();
});

compare("upgrade: the server disconnects while it is under way", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.post("42[\"leave-me\",true]");
  ws.send("5");
  const frame = await ws.frame();
  if (frame && frame.opcode === 1) await ws.frame();
});

compare("upgrade: it takes too long", { env: { UPGRADE_TIMEOUT: "300" } }, async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await ws.frame();
  await s.post("4still polling");
  const response = await s.get();
  if (`${response.body}` === "6") await s.get();
  await s.upgrade();
});

compare("upgrade: what was queued leaves over WebSocket in order", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  await s.post("4one\x1ebAQID\x1e4two");
  ws.send("5");
  for (let i = 0; i < 3; i++) await ws.frame();
});

compare("upgrade: a POST that runs when the switch comes", async (t) => {
  const s = await t.session();
  const ws = await s.candidate();
  s.poster.write(`POST ${s.target} HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n4p`);
  await t.barrier();
  ws.send("2probe");
  await ws.frame();
  ws.send("5");
  ws.send("4x");
  await ws.frame();
  s.poster.write("oq");
  await s.poster.response();
});

compare("upgrade: with b64 binary is base64 on WebSocket too", async (t) => {
  const s = await t.session();
  const ws = await s.candidate("WS", "&EIO=4&b64=1");
  ws.send("2probe");
  await ws.frame();
  ws.send("5");
  ws.sendBinary(Buffer.from([1, 2, 3]));
  await ws.frame();
});

compare("upgrade: b64 of the handshake is not that of the WebSocket", async (t) => {
  const s = await t.session("/engine.io/", "&b64=1");
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  ws.send("5");
  ws.sendBinary(Buffer.from([1, 2, 3]));
  await ws.frame();
  ws.send("bAQID");
  await ws.frame();
});

compare("upgrade: a namespace and its events live on", async (t) => {
  const s = await t.session("/socket.io/");
  await s.enter("/custom");
  const ws = await s.candidate();
  ws.send("2probe");
  await ws.frame();
  ws.send("5");
  ws.send("42/custom,0[\"message-with-ack\",1]");
  await ws.frame();
  ws.send("42/custom,1[\"transport\"]");
  await ws.frame();
});

compare("upgrade: a POST with an upgrade header is a POST", async (t) => {
  const s = await t.session();
  s.poster.write(post(s.target, "4x", "Upgrade: websocket\r\n"));
  await s.poster.response();
  await s.get();
});
