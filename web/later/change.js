// Changes an event as a middleware asks: returns a copy with other values at some paths.

import { keysOf } from "../page/paths.js";
import { isObject, nothing, own, Problem } from "./values.js";

/**
 * Returns the copy. It shares with the event all values that are not on the path of a change. A path may lead through
 * objects and lists, and through missing values, which become objects. Shorter paths go first: MicroPython's dicts have
 * no order, so the outcome must not depend on it.
 *
 * @param {SegmentEvent} event
 * @param {[path: string, value: unknown][]} values
 * @returns {SegmentEvent}
 */
export function change(event, values) {
  const root = { ...event };
  /** The copies made here, which may be changed. @type {Set<unknown>} */
  const copies = new Set([root]);
  const paths = values.map(([path, value]) => /** @type {const} */ ([keysOf(path), value]));
  paths.sort(([one], [other]) => one.length - other.length);
  for (const [keys, value] of paths) {
    const last = /** @type {string} */ (keys.pop());
    /** @type {any} */
    let at = root;
    for (const key of keys) {
      const inner = own(at, key);
      if (!copies.has(inner)) {
        const copy = shallowCopyOf(inner);
        copies.add(copy);
        put(at, key, copy);
      }
      at = at[key];
    }
    put(at, last, value);
  }
  return root;
}

/** @param {any} value on the way of a path */
function shallowCopyOf(value) {
  if (Array.isArray(value)) return [...value];
  if (nothing(value) || isObject(value)) return { ...value };
  throw new Problem("a returned path leads through a value that is neither an object nor a list");
}

/** @param {any} at @param {string} key @param {unknown} value */
function put(at, key, value) {
  if (Array.isArray(at) && !(/^\d+$/.test(key) && +key <= at.length)) {
    throw new Problem("a returned path has a list index that is not a number or leaves a gap");
  }
  if (key === "__proto__") throw new Problem('a returned path has the key "__proto__", which is special in JavaScript');
  at[key] = value;
}
