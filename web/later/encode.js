// Settings on their way to Python, as JSON. MicroPython loses the order of an object's keys, and JSON
// or Python would change some values, so they go in a form of their own; decode() of mappings.py
// reads it.

import { quietly, show } from "../page/quietly.js";
import { host } from "./plan.js";

/** How deep settings may be; MicroPython has room for about 150 calls. */
const DEEPEST = 32;
/** How many values there may be in them. */
const MOST = 100_000;

const HALF = "text with half a character (a lone surrogate)";

/** @param {any} error what was thrown */
const why = (error) => show(quietly(() => error.message) ?? error);

/**
 * JSON without anybody's toJSON, such as those that old libraries give to all lists.
 *
 * @param {unknown} value
 */
export const stringify = (value) =>
  JSON.stringify(value, function (key) {
    return this[key];
  });

/** How many more values settings may have. */
let room = MOST;
/** Mappings that differ, as JSON, with their numbers. @type {Map<string, number>} */
let mappings = new Map();

/** @param {{ subscriptions?: unknown }} given */
export function encode({ subscriptions, ...rest }) {
  host.constants = [];
  room = MOST;
  mappings = new Map();
  // Made at one go, since this is all that a page with many subscriptions waits for.
  const list = encodeValue(subscriptions, 0);
  return `{"given":${stringify(rest)},"subscriptions":${list},"mappings":[${[...mappings.keys()].join()}]}`;
}

/**
 * MicroPython's text is UTF-8, which has no form for half a character.
 *
 * @param {string} value @param {string} text it as JSON: the first question is the quick one
 */
const isWhole = (value, text) => !text.includes("\\ud") || !/\p{Surrogate}/u.test(value);

/**
 * An object becomes the list of its keys and values, a list becomes {list}, and what Python could
 * change, like a large number, stays here as one of the constants.
 *
 * @param {any} value
 * @param {number} depth
 * @returns {string} JSON
 */
function encodeValue(value, depth) {
  if (typeof value === "string") {
    const text = JSON.stringify(value);
    if (isWhole(value, text)) return text;
  }
  if (value === null || value === undefined) return "null";
  if (typeof value === "boolean" || (Number.isInteger(value) && Math.abs(value) < 2 ** 30)) return `${value}`;
  if (depth > DEEPEST || room-- <= 0)
    return unusable(`more than ${depth > DEEPEST ? `${DEEPEST} levels` : `${MOST} values`}`);
  try {
    if (Array.isArray(value)) return `{"list":[${[...value].map((one) => encodeValue(one, depth + 1)).join()}]}`;
    const type = Object.prototype.toString.call(value);
    if (type !== "[object Object]") {
      const shown = typeof value === "string" ? `${HALF} in it, ${show(value)}` : show(value);
      return constant(host.constants.push(value) - 1, type.slice(8, -1).toLowerCase(), shown);
    }
    const entries = Object.entries(value);
    if (depth === 1) return encodeSubscription(entries);
    const parts = [];
    for (const [key, one] of entries) {
      if (one === undefined) continue;
      const text = JSON.stringify(key);
      if (!isWhole(key, text)) return unusable(`a key, ${HALF} in it`);
      parts.push(text, encodeValue(one, depth + 1));
    }
    // A plain path has no order to lose.
    const plain = parts.length === 2 && parts[0] === '"@path"' && parts[1][0] === '"';
    return plain ? `{${parts.join(":")}}` : `[${parts.join()}]`;
  } catch (error) {
    return unusable(`what cannot be read: ${why(error)}`);
  }
}

/**
 * The order of a subscription's keys says nothing, and its mapping is mostly that of others too.
 *
 * @param {[string, unknown][]} entries
 */
function encodeSubscription(entries) {
  /** What Python has to decode. @type {string[]} */
  const others = [];
  const parts = [];
  for (const [name, one] of entries) {
    const key = JSON.stringify(name);
    let value = encodeValue(one, 2);
    if (name === "mapping" && value !== "null") value = numberOf(value);
    else if (value[0] === "[" || value[0] === "{") others.push(key);
    parts.push(`${key}:${value}`);
  }
  return `{"subscription":{${parts.join()}},"others":[${others.join()}]}`;
}

/** @param {string} mapping */
function numberOf(mapping) {
  const number = mappings.get(mapping) ?? mappings.size;
  mappings.set(mapping, number);
  return `${number}`;
}

/** @param {number} number @param {string} type @param {string} shown */
const constant = (number, type, shown) => JSON.stringify({ constant: number, type, shown });
/** @param {string} shown */
const unusable = (shown) => constant(0, "unusable", shown);
