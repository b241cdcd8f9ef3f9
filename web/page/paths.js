// Reads paths into an event, as Segment's mappings write them. The check before Python runs and the
// mappings both use this file, so they cannot disagree.

/** @param {string} path @returns {string} the path without the leading `$.` */
export const afterRoot = (path) => path.replace("$.", "");

/**
 * Splits a path such as `a.b[0]["c"]` into its keys. Brackets count beside a digit or a quote.
 *
 * @param {string} path
 */
export const keysOf = (path) =>
  path
    .replace(/(["'\d])]+/g, "$1.")
    .replace(/\[(?=["'\d])/g, ".")
    .split(".")
    .filter(Boolean)
    .map((key) => key.replace(/["']/g, ""));

/** @param {any} event @param {string[]} keys @returns {any} the value; a falsy value on the way is the result, as in the original */
export const follow = (event, keys) => keys.reduce((value, key) => value && value[key], event);
