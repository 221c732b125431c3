// SPDX-License-Identifier: MIT
// Things that are not a matter of one release and one mode: all of them in
// one room, and the bare Engine.IO server with a bare Engine.IO client.
import { next, within, DEADLINE } from "../deadline.mjs";
import { test } from "../harness.mjs";
import { MODES, RELEASES, ask, client, connected, load, record, settled } from "../stock.mjs";

test("mixed: every release and every mode in one room", { once: true, env: { ALLOW_EIO3: "1" } }, async (t) => {
  const sockets = await Promise.all(RELEASES.flatMap((release) => (
    Object.keys(MODES).map((mode) => {
      const socket = client(release).io(`http://localhost:${t.server.port}/custom`, {
        forceNew: true, reconnection: false, ...MODES[mode],
      });
      t.sockets.push(socket);
      return connected(socket, mode);
    })
  )));
  const seen = sockets.map((socket) => record(socket, "room-msg", "all-msg"));
  const payload = { text: "ä😀", bytes: Buffer.from([1, 2, 3]) };

  await Promise.all(sockets.map((socket) => ask(socket, "join", "all of us")));
  for (const [i, socket] of sockets.entries()) {
    await ask(socket, "to", "all of us", i, payload);
    socket.emit("all", "plain", i);
    await settled(socket);
  }
  await settled(...sockets);
  const expected = sockets.flatMap((_, i) => [["room-msg", i, payload], ["all-msg", "plain", i]]);
  seen.forEach((list, me) => {
    t.assert.deepEqual(list, expected.filter(([event, i]) => !(event === "room-msg" && i === me)));
  });
});

for (const [mode, transports] of Object.entries(MODES)) {
  test(`engine.io: an echo over ${mode}`, { once: true, needs: ["engine-echo"] }, async (t) => {
    const { Socket } = load("engine.io-client");
    const socket = new Socket(`http://localhost:${t.server.port}`, transports);

    try {
      await next(socket, "open");
      if (mode === "upgrade") await next(socket, "upgrade");
      for (const text of ["", "a", "ä😀", "x".repeat(100000), "1", "\u2028"]) {
        socket.send(text);
        const [back] = await next(socket, "message");
        t.assert.equal(back ?? "", text);
      }
      for (const n of [0, 1, 2, 3, 125, 126, 65536, 300000]) {
        const bytes = Buffer.alloc(n, 7);
        socket.send(bytes);
        const [back] = await next(socket, "message");
        t.assert.ok(Buffer.isBuffer(back) && back.equals(bytes), `${n} bytes`);
      }
      const seen = [];
      const done = new Promise((resolve) => {
        socket.on("message", (data) => seen.push(data) === 1000 && resolve());
      });
      for (let i = 0; i < 1000; i++) socket.send(`${i}`);
      await within(DEADLINE, "1000 echoes", done);
      t.assert.deepEqual(seen, Array.from({ length: 1000 }, (_, i) => `${i}`));
    } finally {
      socket.close();
    }
  });
}
