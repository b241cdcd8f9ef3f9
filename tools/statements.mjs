// Prints where the statements of a file are, each as [start, end] in bytes; see mutants.py.

import { readFileSync } from "node:fs";
import { parse } from "acorn";

const source = readFileSync(process.argv[2], "utf8");
const bytes = (/** @type {number} */ at) => Buffer.byteLength(source.slice(0, at));
/** What can be left out and leaves a program: declarations cannot. */
const REMOVABLE = /^(ExpressionStatement|ReturnStatement|ThrowStatement|ContinueStatement|BreakStatement)$/;
/** @type {[number, number][]} */
const found = [];

/** @param {any} node */
function visit(node) {
  if (REMOVABLE.test(node.type)) found.push([bytes(node.start), bytes(node.end)]);
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner?.type === "string") visit(inner);
  }
}

visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
console.log(JSON.stringify(found));
