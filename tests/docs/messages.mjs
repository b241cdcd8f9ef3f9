// Prints each message that the page side reports: its file, its code, and its text with {} for a value. The code is ""
// where only the running page knows it.

import { parse } from "acorn";
import { readFileSync } from "node:fs";

/** @typedef {any} Node a node of acorn's tree */
const REPORTERS = /^(report|tell|fail|stop|close|lose|drop|incomplete)$/;

/** @param {Node} node @returns {Node[]} it and all nodes in it, in the order of the text */
const nodesIn = (node) => [
  node,
  ...Object.values(node).flatMap((value) =>
    [value].flat().flatMap((child) => (typeof child?.type === "string" ? nodesIn(child) : [])),
  ),
];

/** @param {string} file @param {string[]} codes that there are */
function messagesOf(file, codes) {
  const nodes = nodesIn(parse(readFileSync(file, "utf8"), { ecmaVersion: "latest", sourceType: "module" }));

  /** What a name stands for: the value that it got last before, or else first. @param {Node} name @returns {Node} */
  function valueOf(name) {
    const given = nodes.filter(
      ({ type, id, left }) =>
        /^(VariableDeclarator|AssignmentExpression)$/.test(type) && (id ?? left).name === name.name,
    );
    const { init, right } = given.findLast(({ end }) => end < name.start) ?? given[0] ?? {};
    return init ?? right;
  }

  /** @param {Node} node @returns {string[]} what it may be, as text */
  function textsOf(node) {
    if (node?.type === "Literal") return [String(node.value)];
    if (node?.type === "Identifier") return textsOf(valueOf(node));
    if (node?.type === "CallExpression" && node.callee.name) return textsOf(valueOf(node.callee)?.body);
    if (node?.type === "ConditionalExpression") return [node.consequent, node.alternate].flatMap(textsOf);
    if (node?.type !== "TemplateLiteral") return ["{}"];
    const between = node.expressions.map((/** @type {Node} */ one) =>
      /^[A-Z]+$/.test(one.name) ? textsOf(one)[0] : "{}",
    );
    return [String.raw({ raw: node.quasis.map((/** @type {Node} */ { value }) => value.cooked) }, ...between)];
  }

  /** @param {Node} code @param {Node} message */
  function pair(code, message) {
    const known = textsOf(code).find((one) => codes.includes(one));
    return known && message ? textsOf(message).map((text) => ({ file, code: known, text })) : [];
  }

  return nodes.flatMap((node) => {
    if (node.type === "ArrayExpression" && node.elements[1]?.type !== "Literal") return pair(...node.elements);
    if (node.type === "ArrayExpression" && / /.test(node.elements[1].value)) return pair(...node.elements);
    if (node.type === "ObjectExpression") {
      const valueIn = (/** @type {string} */ name) =>
        node.properties.find((/** @type {Node} */ { key }) => key?.name === name)?.value;
      return pair(valueIn("code"), valueIn("message"));
    }
    if (node.type !== "CallExpression" || !REPORTERS.test(node.callee.name ?? node.callee.property?.name)) return [];
    const given = node.arguments;
    const found = given.flatMap((/** @type {Node} */ code, /** @type {number} */ at) => pair(code, given[at + 1]));
    const long = given.filter((/** @type {Node} */ { type }) => type === "TemplateLiteral").flatMap(textsOf);
    return found.length ? found : long.map((/** @type {string} */ text) => ({ file, code: "", text }));
  });
}

const [codes, ...files] = process.argv.slice(2);
console.log(JSON.stringify(files.flatMap((file) => messagesOf(file, codes.split(",")))));
