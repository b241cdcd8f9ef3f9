// Triggers in words: writes a compiled trigger as a condition again, and finds the condition that an event does not
// meet. It reads the same plan that delivers.

import { quietly } from "../page/quietly.js";

/** @typedef {import("../later/plan.js").Plan} Plan */
/** @typedef {(plan: Plan) => (event: any) => any} Compile */

/** How much of a value an explanation shows. */
const LONGEST = 120;

/** @type {Record<string, string>} */
const SIGNS = { number_equals: "=", number_not_equals: "!=" };
/** How to write a test that has no value to compare with. @type {Record<string, string>} */
const CONSTANTS = { exists: "!= null", not_exists: "= null", is_true: "= true", is_false: "= false" };

/** @param {any} value @returns {string} as one would write it in JavaScript, shortened */
function showValue(value) {
  if (typeof value === "function") return "a function";
  const text = quietly(() => (typeof value === "bigint" ? `${value}n` : JSON.stringify(value))) ?? String(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

/** @param {unknown} value @returns {string} its type, as a mapping sees it */
export function typeOf(value) {
  if (value === undefined || value === null) return "nothing";
  if ({}.toString.call(value) === "[object Date]") return "date";
  return Array.isArray(value) ? "list" : typeof value === "string" ? "text" : typeof value;
}

/** @param {Plan} [plan] of the value in a test @returns {any} */
function operandOf(plan) {
  if (!plan) return undefined;
  const [operator, value] = plan;
  if (operator === "number") return Number(value);
  return operator === "tail" ? String(operandOf(value)).slice(1) : value;
}

/** @param {Plan} plan of a field */
const fieldOf = ([, ...keys]) => keys.join(".");

/**
 * @param {Plan} plan of a trigger
 * @param {boolean} [inside] of another condition
 * @returns {string} the trigger in Segment's language
 */
export function write(plan, inside) {
  const [operator, ...operands] = plan;
  if (operator === "all" || operator === "any") {
    const text = operands.map((part) => write(part, true)).join(operator === "all" ? " and " : " or ");
    return inside ? `(${text})` : text;
  }
  if (operator === "is") {
    const texts = pairsOf(operands).map(([field, value]) => `${field} = ${showValue(value)}`);
    return texts.join(" and ");
  }
  if (operator === "test") return writeTest(plan);
  return operator === "call" ? "a function of Python" : String(operands[0] ?? operator);
}

/** @param {Plan} plan */
function writeTest([, name, where, expected]) {
  const field = fieldOf(where);
  if (CONSTANTS[name]) return `${field} ${CONSTANTS[name]}`;
  const value = operandOf(expected);
  const not = name.startsWith("not_") ? "!" : "";
  if (name.endsWith("contains")) return `${not}contains(${field}, ${showValue(value)})`;
  if (name.endsWith("starts_with")) return `${not}match(${field}, ${showValue(`${value}*`)})`;
  if (name.endsWith("ends_with")) return `${not}match(${field}, ${showValue(`*${value}`)})`;
  return `${field} ${SIGNS[name] ?? name} ${showValue(value)}`;
}

/** @param {any[]} operands @returns {any[][]} */
function pairsOf(operands) {
  const pairs = [];
  for (let at = 0; at < operands.length; at += 2) pairs.push(operands.slice(at, at + 2));
  return pairs;
}

/**
 * Finds the condition that an event does not meet.
 *
 * @param {Plan} plan of a trigger that does not match the event
 * @param {any} event
 * @param {Compile} compile
 * @returns {string} a sentence
 */
export function whyNot(plan, event, compile) {
  const [operator, ...operands] = plan;
  if (operator === "all") {
    const first = operands.find((part) => !compile(part)(event));
    return first ? whyNot(first, event, compile) : "The condition is met now.";
  }
  if (operator === "any") {
    const reasons = operands.map((part) => whyNot(part, event, compile));
    return `None of ${operands.length} conditions is met: ${reasons.join(" ")}`;
  }
  if (operator === "is") {
    const [field, value] = pairsOf(operands).find(([field, value]) => event[field] !== value) ?? [];
    return notMet(`${field} = ${showValue(value)}`, field, event[field], value);
  }
  if (operator === "test") {
    const [, where, expected] = operands;
    const came = quietly(() => compile(where)(event));
    return notMet(write(plan), fieldOf(where), came, operandOf(expected), operands[0]);
  }
  return operator === "call" ? "The trigger, a Python function, returned false." : `${write(plan)}.`;
}

/** @param {string} clause @param {string} field @param {unknown} came @param {unknown} expected @param {string} [name] of a test */
function notMet(clause, field, came, expected, name = "=") {
  const type = typeOf(came);
  const numbers = /^[<>]|number/.test(name);
  const hint =
    numbers && type === "text"
      ? ", which is text and not a number"
      : !numbers && typeof expected === "string" && !["text", "nothing"].includes(type)
        ? `, which is ${type === "object" ? "an object" : `a ${type}`} and not text`
        : "";
  const is = type === "nothing" ? "has no value" : `is ${showValue(came)}${hint}`;
  // This remains of a trigger with ==.
  const advice = name === "=" && expected === "=" ? " Compare with =, not with ==." : "";
  return `${clause} is not met: ${field} ${is}.${advice}`;
}
