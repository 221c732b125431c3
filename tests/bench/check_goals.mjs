// SPDX-License-Identifier: MIT
// Whether goals are judged as they are meant: rounds that are made up, and
// what has to be said of them.
import assert from "node:assert";
import { goals, verdicts } from "./goals.mjs";

const of = (key, goal) => ({ key, figures: [
  { key, title: key, unit: "us", value: (r) => r.us, goals: {}, ...goal } ] });
const SMALL = of("small", {});
const SHARE = of("share", { goals: { node: 1 / 4 } });
const FLOOR = of("share", { goals: { floor: 1.25 } });
const MOST = of("most", { most: 10 });
const NEAR = of("near", { near: { small: 1.2 } });

// What was measured, round by round, as { run: { server: [us, ...] } }.
const cases = [
  ["met", SHARE, { share: { ours: [4], node: [20], floor: [3] } }, "met"],
  ["missed where the floor meets it", SHARE,
    { share: { ours: [8], node: [20], floor: [4] } }, "missed"],
  ["missed by the floor too", SHARE,
    { share: { ours: [10], node: [20], floor: [8] } },
    "missed; the floor takes 1/2.50 itself"],
  ["met although the floor misses it", SHARE,
    { share: { ours: [4], node: [20], floor: [8] } }, "met"],
  ["missed without a floor", SHARE, { share: { ours: [8], node: [20] } },
    "missed"],
  ["the floor failed in the only round", SHARE,
    { share: { ours: [8], node: [20], floor: [null] } }, "missed"],
  ["rounds that differ", SHARE,
    { share: { ours: [4, 6, 6], node: [20, 20, 20], floor: [5, 6, 7] } },
    "missed, not for sure; the floor takes 1/3.33 itself"],
  ["of the floor itself", FLOOR, { share: { ours: [10], floor: [5] } },
    "missed"],
  ["a limit that the floor misses", MOST,
    { most: { ours: [12], floor: [11] } },
    "missed; the floor takes 11 us itself"],
  ["a limit that it meets", MOST, { most: { ours: [12], floor: [9] } },
    "missed"],
  ["a growth that the floor has too", NEAR,
    { small: { ours: [10], floor: [5] }, near: { ours: [15], floor: [7] } },
    "missed; the floor takes 1.40x itself"],
  ["a growth of ours alone", NEAR,
    { small: { ours: [10], floor: [5] }, near: { ours: [15], floor: [5] } },
    "missed"],
];

function made(measured) {
  const reports = {};

  for (const [run, servers] of Object.entries(measured))
    for (const [server, rounds] of Object.entries(servers))
      (reports[run] ??= {})[server] = rounds.map((us) => us && { us });
  return reports;
}

function closing(which) {
  const [a, b] = which.map((i) => cases[i]);
  const text = goals([SMALL, a[1], b[1]], { ...made(a[2]), ...made(b[2]) });

  return text.trimEnd().split("\n").pop();
}

// [name, function that throws] of each.
export const goalChecks = [
  ...cases.map(([name, run, measured, expected]) => [`goal: ${name}`, () => {
    const [{ cells }] = verdicts([run, SMALL], made(measured));
    assert.equal(cells[3], expected);
  }]),
  ["goals are counted", () => {
    assert.equal(closing([0, 9]), "1 of 2 goals met.");
    assert.equal(closing([2, 9]),
      "0 of 2 goals met, 1 of the others out of the floor's own reach.");
    assert.equal(closing([2, 8]),
      "0 of 2 goals met, 2 of the others out of the floor's own reach.");
  }],
];
