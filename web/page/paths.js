// Paths into an event, as Segment's mappings write them. The check before Python runs and the
// mappings themselves read paths here, so they cannot disagree.

/** @param {string} path @returns {string} it without the `$.` that stands for the event */
export const afterRoot = (path) => path.replace("$.", "");

/**
 * Parts a path such as `a.b[0]["c"]` into its keys. A bracket counts beside a digit or a quote.
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

/** @param {any} event @param {string[]} keys @returns {any} what is falsy on the way is the result, as in the original */
export const follow = (event, keys) => keys.reduce((value, key) => value && value[key], event);
