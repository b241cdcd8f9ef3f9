// Copies events, because the page may change its objects later.

import { copyOf } from "../page/pack.js";
import { quietly } from "../page/quietly.js";

/** @param {unknown} value a plain object or a list, of any frame */
const isPlain = (value) => /t (Object|Array)]/.test({}.toString.call(value));

/**
 * @template T
 * @param {T} value
 * @returns {T} a copy, which shares values that cannot be copied, such as functions and DOM nodes
 */
export const copy = (value) => quietly(() => structuredClone(value)) ?? copyAround(value, new Map());

/**
 * @param {any} value
 * @param {Map<object, any>} seen the copies so far, because an object may occur twice
 * @returns {any}
 */
function copyAround(value, seen) {
  if (typeof value !== "object") return value;
  if (!seen.has(value)) {
    seen.set(value, value);
    quietly(() => {
      const own = !isPlain(value) ? copyOf(value) : Array.isArray(value) ? value.slice() : { ...value };
      seen.set(value, own);
      if (isPlain(own)) for (const key of Object.keys(own)) own[key] = copyAround(own[key], seen);
    });
  }
  return seen.get(value);
}

/** Copies the event of an item that stays here, because the page may change its objects. @param {Item} item */
export function keep(item) {
  if (item.copied || item.command) return;
  // Together, because the answers of rules contain parts of the event.
  [item.event, item.answers] = copy([item.event, item.answers]);
  item.copied = true;
  item.payloads = undefined;
}
