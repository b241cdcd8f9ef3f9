// The inverse of web/page/pack.js.

/** @type {Record<string, (text: string, shared: unknown[]) => unknown>} */
const KINDS = {
  d: (text) => new Date(Number(text)),
  n: Number,
  b: BigInt,
  u: () => undefined,
  s: (text) => text,
  r: (text, shared) => shared[Number(text)],
};

/**
 * @param {string} text the result of `pack`
 * @param {unknown[]} [shared] the list that `pack` filled
 * @returns {any}
 */
export const unpack = (text, shared = []) => restore(JSON.parse(text), shared);

/**
 * @param {any} value
 * @param {unknown[]} shared
 * @returns {any} it, with the values that JSON cannot represent, in their places
 */
function restore(value, shared) {
  if (typeof value === "string") return value[0] === "\0" ? KINDS[value[1]](value.slice(2), shared) : value;
  if (typeof value === "object" && value) {
    // A reviver would drop the keys that are undefined.
    for (const key of Object.keys(value)) value[key] = restore(value[key], shared);
  }
  return value;
}
