// SPDX-License-Identifier: MIT
// What is measured, and the goals. A run is one run of the load generator
// against each of its servers; its figures are numbers taken from the report.
//
// A goal is the largest share of that peer's figure in the same round, or,
// under `most`, a limit of its own; `near` names a figure that it may differ
// from by that factor at most. `checks` are limits on other numbers of the
// report.

const ALL = ["ours", "floor", "node", "bun"];
const NO_FLOOR = ["ours", "node", "bun"];
const CPU = { unit: "us CPU", value: (report) => report.cpu_us_per_op };
const SHARE = { unit: "% of a core", value: (r) => r.cpu_share * 100 };
const MEMORY = { unit: "bytes", value: (r) => r.bytes_per_connection };

const load = (scenario, connections, ...more) => [
  "--scenario", scenario, "--connections", connections, ...more,
];
const JSON_EVENT = ["--event", "echo-json"];
const MB = 1e6;
const LARGE = ["--payload", 900000, "--seconds", 3, "--warm", 0,
  "--least", 6, "--patience", 120];
// A frame of a long message, and what malloc and the carrier put around it.
const FRAGMENT = 16380 + 1024;

// The memory left behind by the worst round, compared to the first.
const growth = ({ memory_empty: [first, ...rest] }) =>
  (Math.max(...rest) / first - 1) * 100;
// What the server kept for a client beside the messages, which all share. Those
// that read fall behind for moments, too.
const kept = (r) =>
  (r.memory_beside - r.memory_open - 3 * r.payload) / (r.slow + r.fast);

export const RUNS = [
  { key: "echo100", servers: ALL, load: load("echo", 100), figures: [
    { title: "echo, 100 connections", ...CPU,
      goals: { node: 1 / 4.2, floor: 1.25 } } ] },
  { key: "echo1000", servers: ALL, load: load("echo", 1000), figures: [
    { title: "echo, 1000 connections", ...CPU,
      goals: { node: 1 / 4.2, floor: 1.25 } } ] },
  { key: "json100", servers: ALL, load: load("echo", 100, ...JSON_EVENT),
    figures: [ { title: "echo as json_t, 100 connections", ...CPU,
      goals: { node: 1 / 3.5, floor: 1.5 } } ] },
  { key: "json1000", servers: ALL, load: load("echo", 1000, ...JSON_EVENT),
    figures: [ { title: "echo as json_t, 1000 connections", ...CPU,
      goals: { node: 1 / 3.5, floor: 1.5 } } ] },
  { key: "depth16", servers: ALL, load: load("echo", 100, "--depth", 16),
    figures: [ { title: "echo, 16 in flight each", ...CPU,
      goals: { node: 1 / 15, floor: 2.5 } } ] },
  { key: "json-depth16", servers: ALL,
    load: load("echo", 100, "--depth", 16, ...JSON_EVENT),
    figures: [ { title: "echo as json_t, 16 in flight each", ...CPU,
      goals: { node: 1 / 6, floor: 7 } } ] },
  { key: "beside5000", servers: ALL, load: load("echo", 100, "--beside", 5000),
    figures: [ { title: "echo beside 5000 idle connections", ...CPU,
      goals: { node: 1 / 4, floor: 1.25 } } ] },
  { key: "broadcast1000", servers: ALL, load: load("broadcast", 1000),
    figures: [ { title: "delivery to 1000", ...CPU,
      goals: { node: 1 / 2, floor: 1.15 } } ] },
  { key: "broadcast5000", servers: ALL, load: load("broadcast", 5000),
    figures: [ { title: "delivery to 5000", ...CPU,
      goals: { node: 1 / 3.3, floor: 1.2 } } ] },
  { key: "window16", servers: ALL,
    load: load("broadcast", 1000, "--window", 16),
    figures: [ { title: "delivery to 1000, 16 in flight", ...CPU,
      goals: { node: 1 / 11 } } ] },
  { key: "connect", servers: ALL, load: load("connect", 64), figures: [
    { title: "connect, join, close", ...CPU,
      goals: { node: 1 / 7, floor: 1.8 } } ] },
  { key: "poll200", servers: ALL, load: load("echo", 200, "--polling"),
    figures: [ { title: "long-polling echo, 200 sessions", ...CPU,
      goals: { node: 1 / 7 } } ] },
  { key: "poll1000", servers: ALL, load: load("echo", 1000, "--polling"),
    figures: [ { title: "long-polling echo, 1000 sessions", ...CPU,
      goals: { node: 1 / 7 }, near: { poll200: 1.2 } } ] },
  { key: "wss-echo", servers: ALL, tls: true, load: load("echo", 100),
    figures: [ { title: "wss echo, 100 connections", ...CPU,
      goals: { node: 1 / 3 } } ] },
  { key: "wss-connect", servers: ALL, tls: true,
    load: load("connect", 64), figures: [
      { title: "wss connect, join, close", ...CPU,
        goals: { node: 1 / 2 } } ] },
  { key: "memory", servers: ALL,
    load: load("idle", 10000, "--warm", 0, "--seconds", 0.1),
    figures: [ { title: "memory per idle connection", ...MEMORY,
      goals: { node: 1 / 7 }, most: 2200 } ] },
  { key: "wss-memory", servers: ALL, tls: true,
    load: load("idle", 3000, "--warm", 0, "--seconds", 0.1),
    figures: [ { title: "memory per idle wss connection", ...MEMORY,
      goals: {}, most: 17000 } ] },
  { key: "idle", servers: NO_FLOOR, slow: true, together: true,
    load: load("idle", 10000, "--warm", 0, "--seconds", 26),
    figures: [ { title: "10,000 idle connections, heartbeats", ...SHARE,
      goals: { node: 1 / 5 } } ] },
  { key: "page", servers: NO_FLOOR, slow: true,
    load: load("page", 10000, "--seconds", 5),
    figures: [
      { title: "10,000 clients, 5 % polling, 1 ping/s: CPU", ...SHARE,
        goals: {} },
      { key: "page-memory",
        title: "10,000 clients, 5 % polling, 1 ping/s: memory",
        unit: "MB", goals: {},
        value: (r) => (r.memory_end - r.memory_before) / MB },
    ] },
  { key: "gone", servers: ["ours"], slow: true,
    load: load("gone", 2000, "--rounds", 11, "--warm", 0, "--seconds", 60),
    figures: [ { title: "memory left behind after ten rounds", unit: "%",
      value: growth, goals: {}, most: 5 } ] },
  { key: "alone", servers: ["ours", "node"], slow: true,
    load: load("slow", 500, "--slow-percent", 0, ...LARGE), figures: [
      { title: "1 MB to 500 readers: CPU", unit: "ms CPU", goals: {},
        value: (r) => r.cpu_ms_per_message },
      { key: "alone-time", title: "1 MB to 500 readers: time", unit: "ms",
        value: (r) => r.p50_us / 1000, goals: {} },
    ] },
  { key: "slow", servers: ["ours", "node"], slow: true,
    load: load("slow", 1000, "--slow-percent", 50, ...LARGE), figures: [
      { title: "the same beside 500 that do not read: CPU", unit: "ms CPU",
        value: (r) => r.cpu_ms_per_message, goals: {} },
      { key: "slow-time", title: "the same beside 500 that do not read: time",
        unit: "ms", value: (r) => r.p50_us / 1000, goals: {},
        near: { "alone-time": 1.2 } },
      { key: "slow-kept", title: "memory kept for each of these 1000",
        unit: "bytes", value: kept, goals: {}, most: FRAGMENT,
        checks: [
          { what: "slow ones disconnected before their limit", most: 0,
            value: (r) => r.slow_lost_early },
          { what: "slow ones still there beyond their limit", most: 0,
            value: (r) => r.slow - r.slow_lost },
          // Five messages of the queue, as they came and as they go.
          { what: "MB more at the worst moment", most: 30,
            value: (r) => (r.memory_peak - r.memory_open) / MB },
        ] },
    ] },
];

// An older build of ours does what ours does.
export const takesPart = ({ servers }, name) =>
  servers.includes(name === "before" ? "ours" : name);

for (const run of RUNS)
  for (const figure of run.figures) figure.key ??= run.key;
