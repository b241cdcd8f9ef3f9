// Prints the changes that mutants.py makes in a file, each as [start, end, replacement] in bytes: removes each
// statement, also that of a short function, and negates each condition.

import { readFileSync } from "node:fs";
import { parse } from "acorn";

const source = readFileSync(process.argv[2], "utf8");
const bytes = (/** @type {number} */ at) => Buffer.byteLength(source.slice(0, at));
/** Statements that can be removed; without a declaration, the program would not run. */
const REMOVABLE = /^(ExpressionStatement|ReturnStatement|ThrowStatement|ContinueStatement|BreakStatement)$/;
/** @type {[start: number, end: number, instead: string][]} */
const found = [];

/** @param {any} node @param {string} instead */
const change = ({ start, end }, instead) => found.push([bytes(start), bytes(end), instead]);

/** @param {any} node */
function visit(node) {
  if (REMOVABLE.test(node.type)) change(node, ";");
  if (node.type === "ArrowFunctionExpression" && node.expression) change(node.body, "undefined");
  const { test } = node;
  // A case of a switch has one, too.
  if (test && node.type !== "SwitchCase") change(test, `!(${source.slice(test.start, test.end)})`);
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner?.type === "string") visit(inner);
  }
}

visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
console.log(JSON.stringify(found));
