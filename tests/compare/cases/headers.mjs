// SPDX-License-Identifier: MIT
// Cookies, headers of the application's, and the slash behind the path.
import { compare, get, post, upgrade } from "../case.mjs";

const PATH = "/socket.io/";
const EIO = "EIO=4&transport=polling";
const HANDSHAKE = `${PATH}?${EIO}`;
const WS = `${PATH}?EIO=4&transport=websocket`;

// A handshake whose headers may name the session.
async function handshake(t, headers = "") {
  const c = await t.connect();

  c.write(get(HANDSHAKE, headers));
  const response = await c.response({ quiet: 200 });
  const sid = JSON.parse(`${response.body}`.slice(1)).sid;
  t.record.name(sid, "<sid>");
  c.tell(response);
  return { c, sid, target: `${HANDSHAKE}&sid=${sid}` };
}

// -- each answer, with a cookie, and with headers of the application's --------------

for (const env of [{ COOKIE: "1" }, { COOKIE: "1", EXTRA_HEADERS: "1", CORS: "list" }]) {
  const title = Object.keys(env).map((key) => key.toLowerCase().replace("_", " ")).join(" and ");

  compare(`${title}: handshake, post and poll`, { env }, async (t) => {
    const { c, target } = await handshake(t);
    c.write(post(target, "40"));
    await c.response();
    c.write(get(target, "Cookie: io=something-else\r\n"));
    const answer = await c.response({ quiet: 200 });
    for (const [name, value] of answer.headers) if (/^x-|cookie/.test(name)) t.note(`${name}: ${value}`);
  });

  compare(`${title}: WebSocket`, { env }, async (t) => {
    const c = await t.connect();
    c.write(upgrade(WS));
    const response = await c.response({ quiet: 101 });
    const open = await c.frame({ quiet: true });
    t.record.name(JSON.parse(`${open.payload}`.slice(1)).sid, "<sid>");
    c.tell(response);
  });

  compare(`${title}: upgrade`, { env }, async (t) => {
    const { sid } = await handshake(t);
    const c = await t.connect("WS");
    c.write(upgrade(`${WS}&sid=${sid}`));
    await c.response();
  });

  compare(`${title}: the close of a session`, { env }, async (t) => {
    const { c, target } = await handshake(t);
    const other = await t.connect("POST");
    c.write(get(target));
    await t.barrier();
    other.write(post(target, "1"));
    await other.response();
    await c.response();
  });

  for (const [name, target] of Object.entries({
    "no parameters": PATH, "an unknown session": `${HANDSHAKE}&sid=unknown`, "an unknown transport": `${PATH}?EIO=4&transport=x`,
    "a wrong revision": `${PATH}?EIO=3&transport=polling`, "the health": "/healthz",
    "the bare engine": "/engine.io/",
  })) {
    compare(`${title}: ${name}`, { env }, async (t) => { await t.once(get(target)); });
  }

  compare(`${title}: refused by the application`, { env, needs: ["deny"] }, async (t) => {
    await t.once(get(`${HANDSHAKE}&deny=1`));
  });

  compare(`${title}: PUT of a session`, { env }, async (t) => {
    const { c, target } = await handshake(t);
    c.write(get(target).replace("GET", "PUT"));
    await c.response();
  });

  compare(`${title}: a second GET`, { env }, async (t) => {
    const { c, target } = await handshake(t);
    const other = await t.connect("OTHER");
    c.write(get(target));
    await t.barrier();
    other.write(get(target));
    await other.response();
    await c.response();
  });

  compare(`${title}: refused WebSockets`, { env }, async (t) => {
    for (const [target, headers] of [[WS, { "Sec-WebSocket-Key": null }], [`${WS}&sid=unknown`, {}]]) {
      const c = await t.connect();
      c.write(upgrade(target, headers));
      await c.response();
    }
  });
}

// -- an old browser --------------------------------------------------------------

for (const agent of ["Mozilla/5.0 (compatible;MSIE 9.0; Windows NT 6.1; Trident/5.0)", "Mozilla/5.0 (Windows NT 10.0; Trident/7.0; rv:11.0)",
  "Mozilla/5.0 (compatible; MSIE 9.0)", ";MSIE", "Trident/", "trident/7.0"]) {
  compare(`user agent ${agent}`, { env: {} }, async (t) => {
    const { c, target } = await handshake(t, `User-Agent: ${agent}\r\n`);
    c.write(post(target, "40", `User-Agent: ${agent}\r\n`));
    await c.response();
    c.write(get(`${HANDSHAKE}&sid=unknown`, `User-Agent: ${agent}\r\n`));
    await c.response();
  });
}

// -- the slash behind the path ------------------------------------------------------

for (const SIO_PATH of ["/socket.io", "/my/own/path/"]) {
  const env = { SIO_PATH, TRAILING_SLASH: "0" };
  const path = SIO_PATH.replace(/\/$/, "");

  for (const rest of SIO_PATH !== "/socket.io" ? ["", "/"] : ["", "/", "/anything", "foo", ".js", "%2f", "//", ";x"]) {
    const target = `${path}${rest}?${EIO}`;

    compare(`no slash: ${target}`, { env }, async (t) => { await t.once(get(target)); });
  }
  compare(`no slash: a WebSocket on ${path}`, { env }, async (t) => {
    const c = await t.connect();
    c.write(upgrade(`${path}?EIO=4&transport=websocket`));
    await c.response();
    await c.frame();
  });
  compare(`file, no slash behind ${path}`, { env }, async (t) => {
    await t.once(get(`${path}/socket.io.min.js`));
    await t.once(get(`${path}/foo.js`));
  });
}
