// What plans and rules both do with values of the page.

import { follow } from "../page/paths.js";

/** An error whose text is ours, and so has nothing of the event in it. */
export class Problem extends Error {
  /** @param {string} message @param {string} [field] of an action, where it is one field's problem */
  constructor(message, field = "") {
    super(message);
    this.field = field;
  }
}

/** @param {unknown} value @returns {value is null | undefined} */
export const nothing = (value) => value === undefined || value === null;

/** @param {unknown} value @returns {boolean} a plain object, of whatever frame */
export const isObject = (value) => Object.prototype.toString.call(value) === "[object Object]";

/** @param {unknown} value */
export const isDate = (value) => Object.prototype.toString.call(value) === "[object Date]";

/** @param {any} value @param {string | number} key @returns {any} undefined for what is only inherited */
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
 * JSON without anybody's toJSON, such as those that old libraries give to all lists.
 *
 * @param {unknown} value
 */
export const stringify = (value) =>
  JSON.stringify(value, function (key) {
    return this[key];
  });
