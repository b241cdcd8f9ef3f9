// Values as text for the next page. JSON has no form for some of them, so those become a text that
// begins with NUL and a letter.

import { isPlain } from "./copy.js";

/** @type {Record<string, (text: string) => unknown>} */
const KINDS = {
  d: (text) => new Date(Number(text)),
  n: Number,
  i: BigInt,
  u: () => undefined,
  s: (text) => text,
};

/**
 * @param {unknown} value
 * @returns {string} throws where a value in it has no form
 */
export const pack = (value) =>
  JSON.stringify(value, function (key) {
    // Not the second argument: somebody's toJSON may have changed that.
    const one = this[key];
    const type = typeof one;
    if ({}.toString.call(one) === "[object Date]") return `\0d${+one}`;
    if (one === undefined) return "\0u";
    if (type === "number" && (!isFinite(one) || Object.is(one, -0))) return `\0n${Object.is(one, -0) ? "-0" : one}`;
    if (type === "bigint") return `\0i${one}`;
    if (type === "string" && one[0] === "\0") return `\0s${one}`;
    if (type === "function" || type === "symbol" || (type === "object" && one && !isPlain(one))) throw TypeError();
    return one;
  });

/** @param {string} text that `pack` has made @returns {any} */
export const unpack = (text) => restore(JSON.parse(text));

/** @param {any} value @returns {any} it, with the values that JSON has no form for in their places */
function restore(value) {
  if (typeof value === "string") return value[0] === "\0" ? KINDS[value[1]](value.slice(2)) : value;
  // A reviver would drop the keys that are undefined.
  if (typeof value === "object" && value) for (const key of Object.keys(value)) value[key] = restore(value[key]);
  return value;
}
