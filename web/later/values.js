// Helpers for values of the page.

import { follow } from "../page/paths.js";

/** An error with a text of ours, which contains nothing of the event. */
export class Problem extends Error {
  /** @param {string} message @param {string} [field] of an action, if the problem is in one field */
  constructor(message, field = "") {
    super(message);
    this.field = field;
  }
}

/** @param {unknown} value @returns {value is null | undefined} */
export const nothing = (value) => value === undefined || value === null;

/** @param {unknown} value @returns {boolean} whether it is a plain object, of any frame */
export const isObject = (value) => Object.prototype.toString.call(value) === "[object Object]";

/** @param {unknown} value */
export const isDate = (value) => Object.prototype.toString.call(value) === "[object Date]";

/** @param {any} value @param {string | number} key @returns {any} undefined if it is only inherited */
export const own = (value, key) => (!nothing(value) && Object.hasOwn(value, key) ? value[key] : undefined);

/** @param {string[]} keys @returns {(event: any) => any} what is falsy on the way is the result, as in the original */
export function take(keys) {
  const [first, second] = keys;
  if (keys.length === 1) return (event) => event && event[first];
  if (keys.length === 2)
    return (event) => {
      const inner = event && event[first];
      return inner && inner[second];
    };
  return (event) => follow(event, keys);
}

/**
 * JSON that ignores toJSON, which old libraries add to all lists.
 *
 * @param {unknown} value
 */
export const stringify = (value) =>
  JSON.stringify(value, function (key) {
    return this[key];
  });
