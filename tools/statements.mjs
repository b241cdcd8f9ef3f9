// Prints the changes that mutants.py makes in a file, each as [start, end, replacement] in bytes. One change removes a
// statement, or the expression of a short function; another negates a condition.

import { readFileSync } from "node:fs";
import { parse } from "acorn";

const source = readFileSync(process.argv[2], "utf8");
const bytes = (/** @type {number} */ at) => Buffer.byteLength(source.slice(0, at));
/** The statements that it removes. It keeps declarations, because the program would not run without them. */
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
  // A case of a switch also has a test, which is no condition.
  if (test && node.type !== "SwitchCase") change(test, `!(${source.slice(test.start, test.end)})`);
  for (const value of Object.values(node)) {
    for (const inner of Array.isArray(value) ? value : [value]) if (typeof inner?.type === "string") visit(inner);
  }
}

visit(parse(source, { ecmaVersion: "latest", sourceType: "module" }));
console.log(JSON.stringify(found));
