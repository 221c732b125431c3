// SPDX-License-Identifier: MIT
// https and wss, certificates of clients, and what proxies say.
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import tls from "node:tls";
import { certificate, makeCertificates } from "../certificates.mjs";
import { until } from "../deadline.mjs";
import { Skip, test } from "../harness.mjs";
import { ask } from "../stock.mjs";

const folder = makeCertificates();
const TLS = { env: { TLS: folder || "" } };
const anna = () => ({ cert: certificate("client.crt", folder), key: certificate("client.key", folder) });

function needCertificates() {
  if (!folder) throw new Skip("SIO_MAKE_CERTIFICATES names no program");
}

test("tls: events, binary and large ones", TLS, async (t) => {
  needCertificates();
  const socket = await t.connect("/custom");
  const large = "x".repeat(300000);

  t.assert.equal((await ask(socket, "whoami"))[1], true);
  t.assert.deepEqual(await ask(socket, "message-with-ack", "ä", 1), ["ä", 1]);
  t.assert.deepEqual(await ask(socket, "message-with-ack", large), [large]);
  const bytes = Buffer.alloc(70000, 7);
  const [back] = await ask(socket, "message-with-ack", bytes);
  t.assert.equal(Buffer.compare(Buffer.from(back), bytes), 0);
});

test("tls: an unknown certificate is refused by the client", TLS, async (t) => {
  needCertificates();
  const socket = t.open("/", { ca: certificate("client.crt", folder) });

  await t.assert.rejects(new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  }));
});

test("tls: many clients at once", TLS, async (t) => {
  needCertificates();
  const sockets = await Promise.all(Array.from({ length: 20 }, () => t.connect()));
  const answers = await Promise.all(sockets.map((socket, i) => ask(socket, "message-with-ack", i)));

  t.assert.deepEqual(answers, sockets.map((_, i) => [i]));
});

test("tls: a certificate that is required", {
  env: { TLS: folder || "", CLIENT_CERTIFICATES: "optional" }, needs: ["client-certificates"],
}, async (t) => {
  needCertificates();
  const server = await t.startServer({ TLS: folder, CLIENT_CERTIFICATES: "required" });
  const socket = await t.connect("/custom", { server, ...anna() });

  t.assert.deepEqual((await ask(socket, "whoami")).slice(1), [true, "CN=anna", ""]);
  await t.assert.rejects(t.connect("/", { server }));
});

test("tls: a certificate that is optional", {
  env: { TLS: folder || "", CLIENT_CERTIFICATES: "optional" }, needs: ["client-certificates"],
}, async (t) => {
  needCertificates();
  const known = await t.connect("/custom", anna());
  const other = makeCertificates();
  const stranger = await t.connect("/custom", {
    cert: certificate("client.crt", other), key: certificate("client.key", other),
  });
  const nobody = await t.connect("/custom");

  t.assert.deepEqual((await ask(known, "whoami")).slice(1), [true, "CN=anna", ""]);
  t.assert.deepEqual((await ask(nobody, "whoami")).slice(1), [true, null, null]);
  const [, , subject, fault] = await ask(stranger, "whoami");
  t.assert.equal(subject, "CN=anna");
  t.assert.ok(fault, "a stranger's certificate is not good");
});

// The certificate a server shows.
const shown = (port, ca) => new Promise((resolve, reject) => {
  const socket = tls.connect({ port, host: "localhost", servername: "localhost", rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().fingerprint256);
    socket.destroy();
  });
  socket.on("error", reject);
});

test("tls: certificates are loaded anew without dropping anyone", async (t) => {
  needCertificates();
  const live = makeCertificates();
  const server = await t.startServer({ TLS: live });
  const socket = await t.connect("/custom", { server });
  const before = await shown(server.port);

  for (const end of [".crt", ".key"]) fs.copyFileSync(path.join(live, `renewed${end}`), path.join(live, `server${end}`));
  server.signal("SIGHUP");
  await until("the new certificate", async () => await shown(server.port) !== before);
  t.assert.deepEqual(await ask(socket, "message-with-ack", "still"), ["still"]);
  t.assert.ok(socket.connected);
  const late = await t.connect("/custom", { server });
  t.assert.deepEqual(await ask(late, "message-with-ack", "new"), ["new"]);
});

test("proxies: X-Forwarded-For of those that are trusted", {
  env: { TRUST_PROXY: "127.0.0.1,::1" }, needs: ["proxies"],
}, async (t) => {
  const socket = await t.connect("/custom", {
    extraHeaders: { "x-forwarded-for": "6.6.6.6, 203.0.113.1, 127.0.0.1", "x-forwarded-proto": "https" },
  });

  t.assert.deepEqual((await ask(socket, "whoami")).slice(0, 2), ["203.0.113.1", true]);
});

test("proxies: X-Forwarded-For of anybody else", { needs: ["proxies"] }, async (t) => {
  const socket = await t.connect("/custom", {
    extraHeaders: { "x-forwarded-for": "203.0.113.1", "x-forwarded-proto": "https" },
  });
  const [address, secure] = await ask(socket, "whoami");

  t.assert.match(address, /^(127\.0\.0\.1|::1)$/);
  t.assert.equal(secure, false);
});

// A load balancer that passes bytes on and says in front whose they are.
async function startBalancer(t, port, header) {
  const balancer = net.createServer((client) => {
    const server = net.connect(port, "127.0.0.1");

    server.write(header);
    client.pipe(server).pipe(client);
    for (const socket of [client, server]) socket.on("error", () => { client.destroy(); server.destroy(); });
  });

  await new Promise((resolve) => balancer.listen(0, resolve));
  t.own.push({ alive: true, signal() {}, stop: async () => balancer.close() && "" });
  return balancer.address().port;
}

const HEADERS = {
  "version 1": "PROXY TCP4 203.0.113.1 192.0.2.2 51234 443\r\n",
  "version 2": Buffer.from("0d0a0d0a000d0a515549540a" + "2111000f" + "cb007101c0000202c82201bb" + "040000", "hex"),
};

for (const [name, header] of Object.entries(HEADERS)) {
  for (const secure of [false, true]) {
    test(`proxies: the PROXY protocol, ${name}${secure ? " before TLS" : ""}`, { needs: ["proxies"] }, async (t) => {
      if (secure) needCertificates();
      const server = await t.startServer({
        PROXY_PROTOCOL: "1", TRUST_PROXY: "127.0.0.1", ...(secure && { TLS: folder }),
      });
      const port = await startBalancer(t, server.port, header);
      const socket = await t.connect("/custom", { server, port });

      t.assert.deepEqual((await ask(socket, "whoami")).slice(0, 2), ["203.0.113.1", secure]);
      await t.assert.rejects(t.connect("/", { server }), "nobody comes without the header");
    });
  }
}
