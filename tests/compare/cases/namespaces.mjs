// SPDX-License-Identifier: MIT
// Dynamic namespaces, packet middleware, catch-alls: what both apps do in
// /room-NAME, /fn-NAME and /strict.
import { compare, enter } from "../case.mjs";

const dynamic = { needs: ["dynamic"] };
const cleanup = { needs: ["dynamic"], env: { CLEANUP_CHILD_NSP: "1" } };
const strict = { needs: ["strict"] };

// Reads until this text, or the end.
async function until(c, text) {
  for (;;) {
    const frame = await c.frame();
    if (!frame || frame.opcode === 8 || `${frame.payload}`.startsWith(text)) return;
  }
}

// Reads until an ack from /any's neighbour: after all that was caused before.
async function settle(t, c) {
  await t.barrier();
  c.send("40/any,");
  await until(c, "40/any,");
}

// -- by pattern -------------------------------------------------------------------------

for (const name of ["/room-1", "/room-A_z9", "/room-", "/room", "/room-1 ", "/room-a-b", "/room-\u00e4", "/ROOM-1", "/x/room-1",
  "/room-1/", "/room-.*", "/room-[a]", "/room-a\\\\", "/room-(", "/room-\n", "/room-a\n", "/_0", "/_1", "/_2", "/\\w",
  `/room-${"x".repeat(20)}`]) {
  compare(`namespace ${JSON.stringify(name).slice(1, 60)}`, dynamic, async (t) => {
    const c = await t.socket("/socket.io/");
    c.send(`40${name},{"allow":false}`);
    await settle(t, c);
  });
}

compare("namespace by pattern: its events", dynamic, async (t) => {
  const c = await t.client("/room-a");
  const other = await t.client("/room-b");

  c.send("42/room-a,1[\"handshake\"]");
  await until(c, "43/room-a,1");
  c.send("42/room-a,[\"all\",\"here\"]");
  await until(c, "42/room-a,");
  other.send("42/room-b,2[\"rooms\"]");
  await until(other, "43/room-b,2");
});

compare("namespace by pattern: left and joined again", dynamic, async (t) => {
  const c = await t.client("/room-c");

  c.send("41/room-c,");
  await t.barrier();
  c.send("40/room-c,");
  await until(c, "40/room-c,");
  c.send("42/room-c,3[\"message-with-ack\"]");
  await until(c, "43");
});

compare("namespace by pattern: two CONNECTs", dynamic, async (t) => {
  const c = await t.socket("/socket.io/");

  c.send("40/room-d,");
  await until(c, "40/room-d,");
  c.send("40/room-d,");
  await settle(t, c);
});

// -- by function ------------------------------------------------------------------------

for (const auth of ["", "{\"allow\":true}", "{\"allow\":false}", "{\"allow\":1}", "{\"allow\":\"true\"}", "{}"]) {
  compare(`namespace by function: auth ${auth || "none"}`, dynamic, async (t) => {
    const c = await t.socket("/socket.io/");
    c.send(`40/fn-${auth.length},${auth}`);
    await settle(t, c);
  });
}

compare("namespace by function: once there it is nobody asked about", dynamic, async (t) => {
  const c = await t.client("/fn-open", "{\"allow\":true}");
  const other = await t.socket("/socket.io/");

  other.send("40/fn-open,");
  await until(other, "40");
  c.send("42/fn-open,1[\"message-with-ack\",1]");
  await until(c, "43");
});

compare("namespace by function: refused, then events for it", dynamic, async (t) => {
  const c = await t.socket("/socket.io/");

  c.send("40/fn-no,");
  await until(c, "44");
  c.send("42/fn-no,[\"message\"]");
  await settle(t, c);
});

compare("namespace by function: races of two clients", dynamic, async (t) => {
  const [a, b] = [await t.socket("/socket.io/"), await t.socket("/socket.io/")];

  a.send("40/fn-race,{\"allow\":true}");
  b.send("40/fn-race,{\"allow\":true}");
  await until(a, "40");
  await until(b, "40");
  a.send("42/fn-race,[\"all\",1]");
  await until(a, "42");
  await until(b, "42");
});

// -- clients of Socket.IO 2 ---------------------------------------------------------------

for (const name of ["/room-old", "/room-old?x=1", "/room-", "/fn-old", "/fn-old?allow=true"]) {
  compare(`namespace for protocol 4: ${name}`, { needs: ["dynamic"], env: { ALLOW_EIO3: "1" } }, async (t) => {
    const c = await t.socket("/socket.io/", "&EIO=3");
    await until(c, "42[");
    c.send(`40${name}`);
    await c.frame();
    c.send("42[\"message\"]");
    await until(c, "42[\"message-back");
  });
}

// -- cleanup ----------------------------------------------------------------------------

compare("namespace cleanup: the last leaves", cleanup, async (t) => {
  const a = await t.client("/fn-tidy", "{\"allow\":true}");
  const b = await t.client("/fn-tidy");

  a.send("41/fn-tidy,");
  await settle(t, a);
  b.send("42/fn-tidy,1[\"message-with-ack\"]");
  await until(b, "43");
  b.send("41/fn-tidy,");
  await settle(t, b);
  // it is asked about again
  a.send("40/fn-tidy,");
  await until(a, "44");
  a.send("40/fn-tidy,{\"allow\":true}");
  await until(a, "40/fn-tidy,");
});

compare("namespace cleanup: the connection ends", cleanup, async (t) => {
  const a = await t.client("/fn-tidy2", "{\"allow\":true}");
  const b = await t.socket("/socket.io/");

  a.destroy();
  await t.barrier();
  b.send("40/fn-tidy2,");
  await until(b, "44");
});

compare("namespace cleanup: off, it stays", dynamic, async (t) => {
  const a = await t.client("/fn-stay", "{\"allow\":true}");

  a.send("41/fn-stay,");
  await t.barrier();
  a.send("40/fn-stay,");
  await until(a, "40/fn-stay,");
});

// -- packet middleware ------------------------------------------------------------------

for (const text of ["[\"forbidden\"]", "1[\"forbidden\",1]", "2[\"message-with-ack\",2]", "[\"message\"]", "[5]"]) {
  compare(`strict ${text}`, strict, async (t) => {
    const c = await t.client("/strict");
    c.send(`42/strict,${text}`);
    await t.barrier();
    c.send("42/strict,9[\"message-with-ack\",\"end\"]");
    await until(c, "43/strict,9");
  });
}

compare("strict: binary refused", strict, async (t) => {
  const c = await t.client("/strict");
  c.send("451-/strict,[\"forbidden\",{\"_placeholder\":true,\"num\":0}]");
  c.sendBinary(Buffer.from([1, 2]));
  await until(c, "42/strict,[\"refused\"");
});

compare("strict: slow alone", strict, async (t) => {
  const c = await t.client("/strict");
  c.send("42/strict,[\"slow\"]");
  await until(c, "42/strict,[\"awake\"");
});

compare("strict: an event behind a slow one", strict, async (t) => {
  const c = await t.client("/strict");
  c.send("42/strict,[\"slow\"]");
  c.send("42/strict,1[\"message-with-ack\",1]");
  await c.frame();
  await c.frame();
});

compare("strict: a slow one, then goodbye", strict, async (t) => {
  const c = await t.client("/strict");
  c.send("42/strict,[\"slow\"]");
  c.send("41/strict,");
  await new Promise((resolve) => setTimeout(resolve, 60));
  await settle(t, c);
});

// -- what is sent -----------------------------------------------------------------------

compare("outgoing catch-all: emits, broadcasts, questions, but no answers", { needs: ["outgoing"] }, async (t) => {
  const c = await t.client("/");
  const ack = async (id, text) => {
    c.send(`42${id}${text}`);
    await until(c, `43${id}`);
  };

  await ack(1, "[\"outgoing\"]");
  c.send("42[\"message\",1,{\"a\":[2]}]");
  await ack(2, "[\"message-with-ack\"]");
  await ack(3, "[\"in\",[],\"x\"]");
  c.send("42[\"ask\",5000,\"q\"]");
  await until(c, "42");
  await ack(4, "[\"outgoing\"]");
  await ack(5, "[\"outgoing\"]");
});

// -- catch-alls ---------------------------------------------------------------------------

for (const text of ["[5,1]", "[-1.5]", "[1e3]", "[0]", "[\"\"]", "1[\"x\"]"]) {
  compare(`catch-all ${text}`, async (t) => {
    const c = await t.client("/any");
    c.send(`42/any,${text}`);
    await until(c, "42/any,");
  });
}
