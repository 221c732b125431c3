// SPDX-License-Identifier: MIT
// The ways into the chat, each over plain HTTP and over TLS. A way is opened
// as a visitor: { say(message), lists, state(), close() }. `lists` are the
// lists of messages that it has been told, in the order they came, each with
// the newest first; a way that is told nothing asks with state().
import http from "node:http";
import http2 from "node:http2";
import https from "node:https";
import { until } from "../clients/deadline.mjs";
import { client, load } from "../clients/stock.mjs";

const { WebSocket } = load("ws");

// Our own certificate is nobody else's.
const TRUST = { rejectUnauthorized: false };

// -- requests -----------------------------------------------------------------

// By HTTP/1.1; over TLS an agent that offers nothing else.
function overHttp1(origin) {
  const lib = origin.startsWith("https:") ? https : http;
  const agent = new lib.Agent({ keepAlive: true, ...TRUST });
  const open = (path, method, body, onResponse) => {
    const request = lib.request(origin + path, { agent, method }, onResponse);

    request.end(body);
    return request;
  };

  return {
    ask: (path, method = "GET", body = undefined) => new Promise((resolve, reject) => {
      open(path, method, body, (response) => {
        let text = "";

        response.setEncoding("utf8");
        response.on("data", (data) => { text += data; });
        response.on("end", () => resolve({ status: response.statusCode, text }));
      }).on("error", reject);
    }),
    stream(path, onData) {
      const request = open(path, "GET", undefined, (response) => {
        response.on("data", onData);
        response.on("error", () => {});
      });

      request.on("error", () => {});
      return () => request.destroy();
    },
    close: () => agent.destroy(),
  };
}

// By HTTP/2, all on one connection.
function overHttp2(origin) {
  const session = http2.connect(origin, TRUST);
  const open = (path, method, body) => {
    const stream = session.request({ ":path": path, ":method": method });

    stream.end(body);
    return stream;
  };

  session.on("error", () => {});
  return {
    ask: (path, method = "GET", body = undefined) => new Promise((resolve, reject) => {
      const stream = open(path, method, body);
      let status, text = "";

      stream.setEncoding("utf8");
      stream.on("response", (headers) => { status = headers[":status"]; });
      stream.on("data", (data) => { text += data; });
      stream.on("end", () => resolve({ status, text }));
      stream.on("error", reject);
    }),
    stream(path, onData) {
      const stream = open(path, "GET");

      stream.on("data", onData);
      stream.on("error", () => {});
      return () => stream.close(http2.constants.NGHTTP2_CANCEL);
    },
    close: () => session.destroy(),
  };
}

// -- visitors -----------------------------------------------------------------

async function post(requests, path, message) {
  const { status, text } = await requests.ask(path, "POST", JSON.stringify(message));

  if (status !== 200) throw new Error(`POST ${path}: ${status} ${text}`);
}

async function polling(requests) {
  return {
    say: (message) => post(requests, "/poll", message),
    state: async () => JSON.parse((await requests.ask("/poll")).text).msg,
    close: () => requests.close(),
  };
}

// Each text of the stream is one list; one may come in several pieces and
// several in one, which is why the course's page is said to cheat.
async function stream(requests) {
  const lists = [];
  let text = "";
  const stop = requests.stream("/msgs", (data) => {
    text += data;
    for (let end = text.indexOf("]}"); end >= 0; end = text.indexOf("]}")) {
      lists.push(JSON.parse(text.slice(0, end + 2)).msg);
      text = text.slice(end + 2);
    }
  });

  await until("the list at the beginning of a stream", () => soon(lists.length > 0));
  return {
    lists,
    say: (message) => post(requests, "/msgs", message),
    close() {
      stop();
      requests.close();
    },
  };
}

async function webSocket(origin) {
  const ws = new WebSocket(`${origin.replace("http", "ws")}/`, ["json"], TRUST);
  const lists = [];

  ws.on("message", (data) => lists.push(JSON.parse(data).msg));
  ws.on("error", () => {});
  await until("the list at the beginning of a WebSocket", () => soon(lists.length > 0));
  return {
    lists,
    say: async (message) => ws.send(JSON.stringify(message)),
    close: () => ws.terminate(),
  };
}

async function socketIo(origin, transports) {
  const socket = client("4.8").io(origin, { transports, forceNew: true, reconnection: false, ...TRUST });
  const lists = [];

  socket.on("msg:get", ({ msg }) => lists.push(msg));
  await until("the list of Socket.IO", () => soon(lists.length > 0));
  return {
    lists,
    say: async (message) => { socket.emit("msg:post", message); },
    close: () => socket.disconnect(),
  };
}

// -- all of them --------------------------------------------------------------

// Lets others go on; for until().
export const soon = (value) => new Promise((resolve) => { setTimeout(() => resolve(value), 2); });

const BOTH = {
  "POST /poll": (origin) => polling(overHttp1(origin)),
  "POST /msgs": (origin) => stream(overHttp1(origin)),
  WebSocket: webSocket,
  "Socket.IO, polling": (origin) => socketIo(origin, ["polling"]),
  "Socket.IO, WebSocket": (origin) => socketIo(origin, ["websocket"]),
};

const HTTP2 = {
  "POST /poll over HTTP/2": (origin) => polling(overHttp2(origin)),
  "POST /msgs over HTTP/2": (origin) => stream(overHttp2(origin)),
};

// Whether the server speaks it over TLS.
export const WITH_HTTP2 = true;

// By name, each a function of the port; those over HTTP/2 if they are wanted.
export function allWays(withHttp2) {
  const ways = {};

  for (const [name, open] of Object.entries(BOTH)) {
    ways[name] = (port) => open(`http://localhost:${port}`);
    ways[`${name}, over TLS`] = (port) => open(`https://localhost:${port}`);
  }
  if (withHttp2) {
    for (const [name, open] of Object.entries(HTTP2)) {
      ways[name] = (port) => open(`https://localhost:${port}`);
    }
  }
  return ways;
}
