// SPDX-License-Identifier: MIT
// What is measured, and the goals. Each figure is one run of the load
// generator against one server; `value` takes the number out of its report.
// A goal is the largest ratio to that peer's value in the same run, or, under
// `most`, a limit of its own.

const cpu = (report) => report.cpu_us_per_op;
const memory = (report) => report.bytes_per_connection;
const TIME = { unit: "us CPU", value: cpu };

const echo = (connections, ...more) => [
  "--scenario", "echo", "--connections", connections, ...more,
];
const broadcast = (connections, ...more) => [
  "--scenario", "broadcast", "--connections", connections, ...more,
];
const JSON_EVENT = ["--event", "echo-json"];
const WS = ["ours", "floor", "node", "bun"];
const NO_FLOOR = ["ours", "node", "bun"];

// The memory left behind by the worst round, compared to the first.
const growth = (report) =>
  (Math.max(...report.memory_empty.slice(1)) / report.memory_empty[0] - 1) *
  100;

export const FIGURES = [
  { key: "echo100", title: "echo, 100 connections", ...TIME, servers: WS,
    load: echo(100), goals: { node: 1 / 4.2, floor: 1.25 } },
  { key: "echo1000", title: "echo, 1000 connections", ...TIME, servers: WS,
    load: echo(1000), goals: { node: 1 / 4.2, floor: 1.25 } },
  { key: "json100", title: "echo as json_t, 100 connections", ...TIME,
    servers: WS, load: echo(100, ...JSON_EVENT),
    goals: { node: 1 / 3.5, floor: 1.5 } },
  { key: "json1000", title: "echo as json_t, 1000 connections", ...TIME,
    servers: WS, load: echo(1000, ...JSON_EVENT),
    goals: { node: 1 / 3.5, floor: 1.5 } },
  { key: "depth16", title: "echo, 16 in flight each", ...TIME, servers: WS,
    load: echo(100, "--depth", 16), goals: { node: 1 / 15, floor: 2.5 } },
  { key: "json-depth16", title: "echo as json_t, 16 in flight each", ...TIME,
    servers: WS, load: echo(100, "--depth", 16, ...JSON_EVENT),
    goals: { node: 1 / 6, floor: 7 } },
  { key: "beside5000", title: "echo, 100 connections beside 5000 idle ones",
    ...TIME, servers: WS, load: echo(100, "--beside", 5000),
    goals: { node: 1 / 4, floor: 1.25 } },
  { key: "broadcast1000", title: "delivery to 1000", ...TIME, servers: WS,
    load: broadcast(1000), goals: { node: 1 / 2, floor: 1.15 } },
  { key: "broadcast5000", title: "delivery to 5000", ...TIME, servers: WS,
    load: broadcast(5000), goals: { node: 1 / 3.3, floor: 1.2 } },
  { key: "window16", title: "delivery to 1000, 16 in flight", ...TIME,
    servers: WS, load: broadcast(1000, "--window", 16),
    goals: { node: 1 / 11 } },
  { key: "connect", title: "connect, join, close", ...TIME, servers: WS,
    load: ["--scenario", "connect", "--connections", 64],
    goals: { node: 1 / 7, floor: 1.8 } },
  { key: "poll200", title: "echo over long-polling, 200 sessions", ...TIME,
    servers: NO_FLOOR, load: echo(200, "--polling"),
    goals: { node: 1 / 7 } },
  { key: "poll1000", title: "echo over long-polling, 1000 sessions", ...TIME,
    servers: NO_FLOOR, load: echo(1000, "--polling"),
    goals: { node: 1 / 7 }, like: { figure: "poll200", most: 1.2 } },
  { key: "memory", title: "memory per idle connection", unit: "bytes",
    value: memory, servers: WS,
    load: ["--scenario", "idle", "--connections", 10000, "--seconds", 1],
    goals: { node: 1 / 7 }, most: 2200 },
  { key: "idle", title: "CPU of 10,000 idle connections", unit: "% of a core",
    value: (report) => report.cpu_share * 100, servers: NO_FLOOR,
    load: ["--scenario", "idle", "--connections", 10000, "--seconds", 26],
    goals: { node: 1 / 5 }, slow: true },
  { key: "page", title: "10,000 clients, 5 % polling, a ping a second",
    unit: "% of a core", value: (report) => report.cpu_share * 100,
    servers: NO_FLOOR, slow: true,
    load: ["--scenario", "page", "--connections", 9000, "--seconds", 10],
    goals: {} },
  { key: "gone", title: "memory left behind in ten rounds", unit: "%",
    value: growth, servers: ["ours"], slow: true,
    load: ["--scenario", "gone", "--connections", 2000, "--rounds", 11,
      "--seconds", 300], goals: {}, most: 5 },
  { key: "slow", title: "1 MB to 1000, half of which do not read",
    unit: "ms CPU", value: (report) => report.cpu_us_per_op / 1000,
    servers: ["ours"], slow: true,
    load: ["--scenario", "slow", "--connections", 1000, "--payload", 900000,
      "--seconds", 10], goals: {} },
];
