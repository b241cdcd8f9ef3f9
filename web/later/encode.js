// Encodes settings for Python, as JSON, in pieces. MicroPython loses the order of an object's keys, and JSON or Python
// would change some values, so the JSON has its own form, which decode.py reads.

import { quietly, show } from "../page/quietly.js";
import { stringify } from "./values.js";

/** How deep settings may be; MicroPython has room for about 150 calls. */
const DEEPEST = 32;
/** The most values of one subscription, so that Python reads it in less than 50 ms. */
const MOST = 1000;
/** The longest text for Python. MicroPython's time for a text grows with the square of its length. */
const LONGEST_TEXT = 20_000;

const HALF = "text with half a character (a lone surrogate)";

/** @param {any} error an error, or any other value that was thrown */
const why = (error) => show(quietly(() => error.message) ?? error);

/**
 * MicroPython's text is UTF-8, which cannot represent half a character.
 *
 * @param {string} value @param {string} text the value as JSON, for a quick first check
 */
const isWhole = (value, text) => !text.includes("\\ud") || !/\p{Surrogate}/u.test(value);

/** @param {{ subscriptions?: unknown }} given */
export function createEncoder({ subscriptions, ...rest }) {
  /** Values that stay here, because Python could change them. @type {unknown[]} */
  const constants = [];
  /** How many more values this subscription may have. */
  let room = MOST;
  /** The different mappings, as JSON, with their numbers. @type {Map<string, number>} */
  const mappings = new Map();
  /** @type {unknown[] | undefined} */
  const list = quietly(() => (Array.isArray(subscriptions) ? [...subscriptions] : undefined));

  /**
   * An object becomes a list of its keys and values. A list becomes {list}. A value that Python could change, such as a
   * large number, stays here as one of the constants.
   *
   * @param {any} value
   * @param {number} depth
   * @returns {string} JSON
   */
  function encode(value, depth) {
    if (room-- <= 0) return unusable(`more than ${MOST} values`);
    if (typeof value === "string" && value.length <= LONGEST_TEXT) {
      const text = JSON.stringify(value);
      if (isWhole(value, text)) return text;
    }
    if (value === null || value === undefined) return "null";
    if (typeof value === "boolean" || (Number.isInteger(value) && Math.abs(value) < 2 ** 30)) return `${value}`;
    if (depth > DEEPEST) return unusable(`more than ${DEEPEST} levels`);
    try {
      if (Array.isArray(value)) return `{"list":[${encodeAll(value, depth + 1).join()}]}`;
      const type = Object.prototype.toString.call(value).slice(8, -1).toLowerCase();
      if (typeof value === "string") {
        if (value.length > LONGEST_TEXT) return constant(value, "long text", show(value));
        return constant(value, type, `${HALF} in it, ${show(value)}`);
      }
      if (type !== "object") return constant(value, type, show(value));
      const entries = Object.entries(value);
      const parts = [];
      for (const [key, one] of entries) {
        if (one === undefined) continue;
        const text = JSON.stringify(key);
        if (!isWhole(key, text)) return unusable(`a key, ${HALF} in it`);
        parts.push(text, encode(one, depth + 1));
      }
      // A plain path has one key, so it has no order to lose.
      const plain = parts.length === 2 && parts[0] === '"@path"' && parts[1][0] === '"';
      return plain ? `{${parts.join(":")}}` : `[${parts.join()}]`;
    } catch (error) {
      return unusable(`what cannot be read: ${why(error)}`);
    }
  }

  /** Does not read values beyond the limit. @param {unknown[]} values @param {number} depth */
  function encodeAll(values, depth) {
    const parts = [];
    // By index, so that the holes of a list count too.
    for (let at = 0; at < values.length; at++) {
      parts.push(encode(values[at], depth));
      if (room < 0) break;
    }
    return parts;
  }

  /** @param {unknown} value @param {string} type @param {string} shown */
  const constant = (value, type, shown) => JSON.stringify({ constant: constants.push(value) - 1, type, shown });
  /** @param {string} shown */
  const unusable = (shown) => JSON.stringify({ constant: 0, type: "unusable", shown });

  return {
    constants,

    /** @returns {string} all settings except the subscriptions, and their number */
    settings: () =>
      stringify({ given: rest, subscriptions: subscriptions === undefined ? null : (list?.length ?? -1) }),

    /**
     * The order of a subscription's keys does not matter, and several often share one mapping.
     *
     * @param {number} number
     * @returns {string}
     */
    subscription(number) {
      room = MOST;
      const given = list?.[number];
      let entries;
      try {
        if (Object.prototype.toString.call(given) !== "[object Object]") return encode(given, 1);
        entries = Object.entries(/** @type {object} */ (given));
      } catch (error) {
        return unusable(`what cannot be read: ${why(error)}`);
      }
      /** The keys whose values Python must decode. @type {string[]} */
      const others = [];
      const parts = [];
      let mapping = "";
      for (const [name, one] of entries) {
        if (one === undefined) continue;
        const key = JSON.stringify(name);
        let value = encode(one, 2);
        if (name === "mapping" && value !== "null") {
          if (!mappings.has(value)) {
            mapping = `,"mapping":${value}`;
            mappings.set(value, mappings.size);
          }
          value = `${mappings.get(value)}`;
        } else if (value[0] === "[" || value[0] === "{") others.push(key);
        parts.push(`${key}:${value}`);
      }
      return `{"subscription":{${parts.join()}},"others":[${others.join()}]${mapping}}`;
    },
  };
}
