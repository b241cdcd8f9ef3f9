// Turns values into text: for an event that is held, since the page may change its objects meanwhile,
// and for the next page. Values that JSON cannot express become a text that begins with NUL and a
// letter. web/later/unpack.js reads it.

import { quietly } from "./quietly.js";

/** @template T @param {T} value @returns {T} a copy, if it can be copied */
export const copyOf = (value) => quietly(() => structuredClone(value)) ?? value;

/**
 * @param {unknown} value
 * @param {unknown[]} [shared] is given the values that cannot be text, such as functions and DOM nodes
 * @returns {string} throws if a value cannot be text and there is no such list
 */
export const pack = (value, shared) =>
  JSON.stringify(value, function (key) {
    // Not the second argument: somebody's toJSON may have changed that.
    const one = this[key];
    const kind = one && typeof one === "object" ? {}.toString.call(one) : typeof one;
    if (kind === "[object Date]") return `\0d${+one}`;
    if (Object.is(one, -0)) return "\0n-0";
    if (
      one === undefined ||
      kind === "bigint" ||
      (kind === "number" && !isFinite(one)) ||
      (kind === "string" && one[0] === "\0")
    )
      return `\0${kind[0]}${one}`;
    // The only object of type undefined is document.all.
    if (!/^(boo|num|obj|str)|t (Object|Array)]/.test(kind)) {
      if (!shared) throw TypeError();
      return `\0r${shared.push(copyOf(one)) - 1}`;
    }
    return one;
  });
