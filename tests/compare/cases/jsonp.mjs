// SPDX-License-Identifier: MIT
// JSONP: answers that are scripts, POSTs that are forms, in both revisions.
import { compare, get, post, upgrade } from "../case.mjs";

const env = { ALLOW_EIO3: "1" };
const FORM = { headers: "Content-Type: application/x-www-form-urlencoded\r\n" };

for (const index of ["0", "17", "", "007", "a1b2", "alert(1)", "-1", "%22%29%3B", "1.5", "9".repeat(20)]) {
  compare(`jsonp: index ${JSON.stringify(index)}`, { env }, async (t) => {
    await t.once(get(`/engine.io/?EIO=4&transport=polling&j=${index}`));
    await t.once(get(`/socket.io/?EIO=3&transport=polling&j=${index}`));
  });
}

compare("jsonp: an index of many digits", async (t) => {
  await t.once(get(`/engine.io/?EIO=4&transport=polling&j=${"1".repeat(30)}`));
});

compare("jsonp: several indices", { env }, async (t) => {
  await t.once(get("/engine.io/?EIO=4&transport=polling&j=1&j=2"));
  await t.once(get("/engine.io/?EIO=4&transport=polling&j"));
});

compare("jsonp: the index of the handshake counts", async (t) => {
  const s = await t.session(undefined, "&j=3");
  await s.post("d=4a", FORM);
  await s.get();
  s.target += "&j=4";
  await s.post("d=4b", FORM);
  await s.get();
});

compare("jsonp: an index for a session that has none", async (t) => {
  const s = await t.session();
  s.target += "&j=4";
  await s.post("4b");
  await s.get();
});

for (const form of ["d=4hi", "d=4a+b%20c", "d=4%C3%A4%F0%9F%98%80", "d=4%E2%80%A8%E2%80%A9", "d=4%22%5C%2F%27%3C%3E", "d=4a\\nb",
  "d=4a\\\\nb", "d=4a\\\\\\nb", "d=4a%5Cnb", "d=4%08%09%0A%0C%0D%01%7F", "d=4a%1E4b", "d=4%zz%4", "d=4%ff", "x=1&d=4x&y", "d=bAQL/",
  "d=bAQL%2F", "%64=4x", "d=4a=b", "d=4\\", "d=4é"]) {
  compare(`jsonp: the form ${JSON.stringify(form)}`, async (t) => {
    const s = await t.session(undefined, "&j=0");
    await s.post(form, FORM);
    await s.get();
  });
}

for (const form of ["d=3:4hi", "d=3:4h%C3%A4", "d=6:b4AQL/", "d=8:b4AQL/4a3:4on", "d=11:4%F0%9F%98%80\\n5678901", "d=1:4"]) {
  compare(`jsonp: the form ${JSON.stringify(form)} of revision 3`, { env }, async (t) => {
    const s = await t.session(undefined, "&j=0&b64=1", 3);
    await s.post(form, { ...FORM, silent: form.includes("8:") });
    await s.post("d=1:6", { ...FORM, silent: form.includes("8:") });
    if (!form.includes("8:")) await s.get();
  });
}

for (const form of ["", "x=4hi", "d=4a&d=4b", "D=4a", "4hi", "=4a"]) {
  compare(`jsonp: the form ${JSON.stringify(form)} says nothing`, async (t) => {
    const s = await t.session(undefined, "&j=0");
    await s.post(form, FORM);
    await s.post("d=4on", FORM);
    await s.get();
  });
}

for (const form of ["d=", "d", "d=x", "d=4a%1E"]) {
  compare(`jsonp: the form ${JSON.stringify(form)} holds what is none`, async (t) => {
    const s = await t.session(undefined, "&j=0");
    await s.ask();
    await s.post(form, { ...FORM, silent: true });
    await s.getter.response();
    await s.post("d=6", FORM);
  });
}

compare("jsonp: a thousand fields", async (t) => {
  const s = await t.session(undefined, "&j=0");
  await s.post(`${"x&".repeat(999)}d=4last`, FORM);
  await s.get();
  await s.post(`${"x&".repeat(1000)}d=4none`, FORM);
  await s.post("d=4on", FORM);
  await s.get();
});

compare("jsonp: any Content-Type but one is a form", { env }, async (t) => {
  const s = await t.session(undefined, "&j=0");
  await s.post("d=4a");
  await s.get();
  await s.post("d=4b", { headers: "" });
  await s.get();
  await s.post("d=4c", { headers: "Content-Type: application/octet-stream\r\n" });
  await s.post("d=4d", FORM);
});

compare("jsonp: octets in revision 3", { env }, async (t) => {
  const s = await t.session(undefined, "&j=0&b64=1", 3);
  await s.post("d=3:4hi", { headers: "Content-Type: application/octet-stream\r\n" });
  await s.post("d=3:4on", FORM);
  await s.get();
});

compare("jsonp: binary without a word of base64", { env }, async (t) => {
  const s = await t.session(undefined, "&j=0");
  await s.post("d=bAQL/", FORM);
  await s.get();
  const old = await t.session(undefined, "&j=0", 3);
  await old.post("d=6:b4AQL/", FORM);
  await old.get();
});

compare("jsonp: compression, and an old browser", async (t) => {
  const s = await t.session(undefined, "&j=0");
  await s.post(`d=4${"%22".repeat(600)}`, FORM);
  await s.get({ headers: "Accept-Encoding: gzip\r\nUser-Agent: x;MSIE 7\r\n" });
  await s.post("d=4x", { headers: `${FORM.headers}User-Agent: Trident/7\r\n` });
});

compare("jsonp: overlapping GETs, a POST that closes", async (t) => {
  const s = await t.session(undefined, "&j=0");
  await s.ask();
  const c = await t.connect("GET2");
  c.write(get(s.target));
  await c.response();
  await s.getter.response();
  const other = await t.session(undefined, "&j=0");
  await other.ask();
  await other.post("d=1", FORM);
  await other.getter.response();
});

compare("jsonp: errors are as ever", async (t) => {
  await t.once(get("/engine.io/?EIO=4&transport=polling&j=0&sid=unknown"));
  await t.once(get("/engine.io/?EIO=4&transport=none&j=0"));
  await t.once(post("/engine.io/?EIO=4&transport=polling&j=0", "d=4x"));
});

compare("jsonp: the upgrade", async (t) => {
  const s = await t.session(undefined, "&j=0");
  const c = await s.candidate();
  await s.ask();
  c.send("2probe");
  await c.frame();
  await s.getter.response();
  c.send("5");
  c.sendBinary(Buffer.from([1, 2]));
  await c.frame();
  const d = await t.connect("WS2");
  d.write(upgrade("/engine.io/?EIO=4&transport=websocket&j=0"));
  await d.response({ quiet: 101 });
  await d.frame();
});

for (const revision of [3, 4]) {
  compare(`jsonp: Socket.IO over revision ${revision}`, { env }, async (t) => {
    const s = await t.session("/socket.io/", "&j=5", revision);
    const packet = (text) => (revision === 3 ? `${text.length}:${text}` : text);
    /* as the stock client writes it */
    const field = (text) => text.replace(/\\n/g, "\\\n").replace(/\n/g, "\\n");
    if (revision === 4) await s.post("d=40", FORM);
    await s.get();
    const event = JSON.stringify(["message-with-ack", "a\nb\\n\\\n"]);
    await s.post(`d=${encodeURIComponent(field(packet(`420${event}`)))}`, FORM);
    await s.get();
  });
}
