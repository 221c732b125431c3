// SPDX-License-Identifier: MIT
// What pages of other origins are told (CORS), each kind of configuration
// with each kind of answer.
import { compare, get, post, upgrade } from "../case.mjs";

const PATH = "/socket.io/";
const EIO = "EIO=4&transport=polling";
const HANDSHAKE = `${PATH}?${EIO}`;
const WS = `${PATH}?EIO=4&transport=websocket`;

const origin = (value) => `Origin: ${value}\r\n`;
const options = (target, headers = "") => get(target, headers).replace("GET", "OPTIONS");
const A = origin("http://a.example");

// -- each origin, each kind ----------------------------------------------------

const ORIGINS = {
  "no origin": "",
  "an origin of the list": A,
  "the other origin of the list": origin("https://b.example:8443"),
  "a foreign origin": origin("http://evil.example"),
  "an origin with another port": origin("https://b.example"),
  "an origin with a longer name": origin("http://a.example.evil"),
  "an origin in capitals": origin("HTTP://A.EXAMPLE"),
  "an origin with a slash": origin("http://a.example/"),
  "null": origin("null"),
  "an empty origin": origin(""),
  "two origins": A + origin("http://evil.example"),
  "the same origin twice": A + A,
  "two origins in one": origin("http://a.example, http://evil.example"),
  "its own origin": origin("http://h"),
};

for (const CORS of ["", "*", "fixed", "list"]) {
  const kind = { env: { CORS } };
  const title = `cors ${CORS || "none"}`;

  for (const [name, header] of Object.entries(ORIGINS)) {
    compare(`${title}: handshake with ${name}`, kind, async (t) => { await t.once(get(HANDSHAKE, header)); });
    compare(`${title}: preflight with ${name}`, kind, async (t) => {
      await t.once(options(HANDSHAKE, `${header}Access-Control-Request-Method: POST\r\n`));
    });
  }

  // -- each answer ---------------------------------------------------------------

  compare(`${title}: poll and post`, kind, async (t) => {
    const session = await t.session(PATH);
    await session.post("40", { headers: A });
    await session.get({ headers: A });
    await session.post("2", { headers: origin("http://evil.example") });
  });

  compare(`${title}: preflight of a session`, kind, async (t) => {
    const session = await t.session(PATH);
    session.getter.write(options(session.target, `${A}Access-Control-Request-Method: POST\r\n`));
    await session.getter.response();
    await session.post("40", { headers: A });
  });

  for (const [name, target] of Object.entries({
    "no parameters": PATH,
    "an unknown session": `${HANDSHAKE}&sid=unknown`,
    "an unknown transport": `${PATH}?EIO=4&transport=x`,
    "a path below": `${PATH}a/b`,
    "a path beside": "/socket.ioX",
    "the path without its slash": "/socket.io",
    "an unknown file": `${PATH}foo.js`,
    "the health": "/healthz",
  })) {
    compare(`${title}: GET of ${name}`, kind, async (t) => { await t.once(get(target, A)); });
    compare(`${title}: OPTIONS of ${name}`, kind, async (t) => { await t.once(options(target, A)); });
  }

  compare(`${title}: a wrong revision`, kind, async (t) => {
    await t.once(get(`${PATH}?EIO=3&transport=polling`, A));
  });

  compare(`${title}: a handshake with POST`, kind, async (t) => {
    await t.once(post(HANDSHAKE, "40", A));
  });

  compare(`${title}: refused by the application`, { ...kind, needs: ["deny"] }, async (t) => {
    await t.once(get(`${HANDSHAKE}&deny=1`, A));
  });

  compare(`${title}: PUT of a session`, kind, async (t) => {
    const session = await t.session(PATH);
    session.getter.write(get(session.target, A).replace("GET", "PUT"));
    await session.getter.response();
  });

  compare(`${title}: a second GET`, kind, async (t) => {
    const session = await t.session(PATH);
    const other = await t.connect("OTHER");
    await session.ask(A);
    other.write(get(session.target, A));
    await other.response();
    await session.getter.response();
  });

  compare(`${title}: octets`, kind, async (t) => {
    const session = await t.session(PATH);
    await session.post("4", { headers: `${A}Content-Type: application/octet-stream\r\n` });
  });

  for (const [name, value] of [["an origin of the list", "http://a.example"], ["a foreign origin", "http://evil.example"]]) {
    compare(`${title}: WebSocket with ${name}`, kind, async (t) => {
      const c = await t.connect();
      c.write(upgrade(WS, { Origin: value }));
      await c.response();
      await c.frame();
    });
    compare(`${title}: upgrade with ${name}`, kind, async (t) => {
      const session = await t.session(PATH);
      const c = await t.connect("WS");
      c.write(upgrade(`${PATH}?EIO=4&transport=websocket&sid=${session.sid}`, { Origin: value }));
      await c.response();
    });
  }

  compare(`${title}: JSONP`, kind, async (t) => { await t.once(get(`${HANDSHAKE}&j=0`, A)); });

  compare(`${title}: a file the client has`, kind, async (t) => {
    await t.once(get(`${PATH}socket.io.js`, `${A}If-None-Match: "4.8.4"\r\n`));
  });

  compare(`file, ${title}`, kind, async (t) => {
    await t.once(get(`${PATH}socket.io.min.js`, `${A}Accept-Encoding: br\r\n`));
  });

  compare(`${title}: OPTIONS of a client file`, kind, async (t) => {
    await t.once(options(`${PATH}socket.io.min.js`, `${A}If-None-Match: "4.8.4"\r\n`));
  });

  compare(`${title}: the bare engine beside it`, kind, async (t) => {
    await t.once(get(`/engine.io/?${EIO}`, A));
    await t.once(options(`/engine.io/?${EIO}`, A));
  });

  compare(`${title}: one after the other on one connection`, kind, async (t) => {
    const c = await t.connect();
    c.write(options(HANDSHAKE, A) + get(HANDSHAKE, A) + get("/healthz", A) + options(HANDSHAKE) + get(HANDSHAKE));
    for (let i = 0; i < 5; i++) await c.response();
  });
}

// -- what a page wants to send --------------------------------------------------

for (const [name, value] of Object.entries({
  "one name": "X-Test",
  "some names": "content-type, X-One,X-Two",
  "blanks and tabs": " x-a ,\tx-b ",
  "empty elements": "a,,b,",
  "nothing": "",
  "a quoted name": "\"x\"",
  "a name with a colon": "x: y",
  "markup": "<script>",
  "bytes over 127": "x-\u00e9",
  "many names": Array.from({ length: 200 }, (_, i) => `x-${i}`).join(", "),
})) {
  const asked = `${A}Access-Control-Request-Headers: ${value}\r\n`;

  for (const CORS of ["*", "list"]) {
    compare(`cors ${CORS}: asked for ${name}`, { env: { CORS } }, async (t) => {
      await t.once(Buffer.from(options(HANDSHAKE, asked), "latin1"));
    });
  }
}

compare("cors *: asked for headers twice", { env: { CORS: "*" } }, async (t) => {
  const line = (name) => `Access-Control-Request-Headers: ${name}\r\n`;
  await t.once(options(HANDSHAKE, A + line("x-one") + line("x-two")));
});

compare("cors list: too large a POST", { env: { CORS: "list" } }, async (t) => {
  const session = await t.session(PATH);
  session.write("POST", "4".repeat(1000001), A);
  await session.poster.response();
});

compare("cors list: preflight with a body", { env: { CORS: "list" } }, async (t) => {
  await t.once(post(HANDSHAKE, "40", A).toString().replace("POST", "OPTIONS"));
});

for (const [name, value] of Object.entries({
  "a quote": "http://a.example\"", "a blank": "http://a example", "markup": "<script>", "bytes over 127": "http://\u00e4.example",
  "a very long name": `http://${"a".repeat(6000)}.example`, "a user": "http://u@a.example", "only a name": "a.example",
})) {
  compare(`cors list: origin with ${name}`, { env: { CORS: "list" } }, async (t) => {
    await t.once(Buffer.from(get(HANDSHAKE, origin(value)), "latin1"));
  });
}
