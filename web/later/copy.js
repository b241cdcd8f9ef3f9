// Copies of what the page has handed over, since it may change its objects later.

import { quietly } from "../page/quietly.js";

/** @param {unknown} value an object or a list without behaviour of its own, from any frame */
const isPlain = (value) => /t (Object|Array)]/.test({}.toString.call(value));

/**
 * @template T
 * @param {T} value
 * @returns {T} a copy; what cannot be copied, such as a function or a DOM node, is shared
 */
export const copy = (value) => quietly(() => structuredClone(value)) ?? copyAround(value, new Map());

/**
 * @param {any} value
 * @param {Map<object, any>} seen copies of what may be met again
 * @returns {any}
 */
function copyAround(value, seen) {
  if (typeof value !== "object") return value;
  if (!seen.has(value)) {
    seen.set(value, value);
    quietly(() => {
      const own = !isPlain(value) ? structuredClone(value) : Array.isArray(value) ? value.slice() : { ...value };
      seen.set(value, own);
      if (isPlain(own)) for (const key of Object.keys(own)) own[key] = copyAround(own[key], seen);
    });
  }
  return seen.get(value);
}

/** The page may change its objects, so what stays here is copied. @param {Item} item */
export function keep(item) {
  if (item.copied || item.command) return;
  // Together, since what rules have answered holds parts of the event.
  [item.event, item.answers] = copy([item.event, item.answers]);
  item.copied = true;
  item.payloads = undefined;
}
