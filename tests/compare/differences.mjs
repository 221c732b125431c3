// SPDX-License-Identifier: MIT
// ../differences.md, read as a list: each fenced block "diff NAME" is what
// the two records of the case NAME differ in, line for line. The prose
// around the blocks says why.
import fs from "node:fs";

// Blocks "everywhere PREFIX" are lines that one side has, and the other has
// not, in every case whose name begins so.

// { cases: Map of case name -> its diff as one text,
//   everywhere: list of { prefix, ours, line, seen } }
export function readDifferences(file) {
  const cases = new Map();
  const everywhere = [];
  const text = fs.readFileSync(file, "utf8");

  for (const [, kind, name, body] of text.matchAll(/^```(diff|everywhere) (.+)\n([^]*?)^```$/gm)) {
    if (kind === "everywhere") {
      for (const line of body.split("\n").filter(Boolean)) {
        everywhere.push({ prefix: name, ours: line[0] === "+", line: line.slice(1), seen: 0 });
      }
    } else if (cases.has(name)) {
      throw new Error(`${file} lists "${name}" twice`);
    } else {
      cases.set(name, body);
    }
  }
  return { cases, everywhere };
}

// The record without the lines that one side has everywhere.
export function without(record, everywhere, name, ours) {
  const rules = everywhere.filter((rule) => rule.ours === ours && name.startsWith(rule.prefix));

  return record.filter((line) => {
    const rule = rules.find((one) => line.replace(/^\S+ /, "") === one.line);
    if (rule) rule.seen++;
    return !rule;
  });
}

// The longest common subsequence of two lists, as a table of lengths.
function table(a, b) {
  const rows = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));

  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      rows[i][j] = a[i] === b[j] ? rows[i + 1][j + 1] + 1 : Math.max(rows[i + 1][j], rows[i][j + 1]);
    }
  }
  return rows;
}

// "theirs" and "ours" as one text: lines with "-" are theirs, with "+" ours,
// with a blank both. Empty if there is no difference.
export function diff(theirs, ours) {
  if (theirs.join("\n") === ours.join("\n")) return "";
  const rows = table(theirs, ours);
  const out = [];
  let i = 0;
  let j = 0;

  while (i < theirs.length || j < ours.length) {
    if (i < theirs.length && j < ours.length && theirs[i] === ours[j]) {
      out.push(` ${theirs[i++]}`);
      j++;
    } else if (i < theirs.length && (j === ours.length || rows[i + 1][j] >= rows[i][j + 1])) {
      out.push(`-${theirs[i++]}`);
    } else {
      out.push(`+${ours[j++]}`);
    }
  }
  return `${out.join("\n")}\n`;
}
