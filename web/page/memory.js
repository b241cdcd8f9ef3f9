// What all pages of the site remember: whether Jimo may still have the profile of a visitor who was
// reset. Only a fingerprint is stored. No id can be read from it.

import { quietly } from "./quietly.js";

/** The mark after a reset: Jimo may still have the visitor before it. */
export const RESET = "reset";

/**
 * @typedef {object} Ids
 * @property {unknown} [anonymousId]
 * @property {unknown} [userId]
 */

/** @param {Ids} ids @returns {string} 32 bits of them (FNV-1a), as text */
export function markOf({ anonymousId, userId }) {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify([anonymousId, userId || null])) {
    hash = Math.imul(hash ^ /** @type {number} */ (character.codePointAt(0)), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/** The mark of the same visitor before the log-in. @param {Ids} ids */
export const anonymousMarkOf = ({ anonymousId }) => markOf({ anonymousId });

/** @typedef {ReturnType<typeof createMemory>} Memory */

/** @param {string} key of the entry in localStorage */
export function createMemory(key) {
  /** Used where storage is blocked. @type {string | undefined} */
  let mark;
  return {
    read: () => quietly(() => localStorage[key]) ?? mark,
    /** @param {string} next */
    write(next) {
      mark = next;
      quietly(() => (localStorage[key] = next));
    },
    /** Stores the mark of this page again: the page may have cleared the storage since. */
    keep: () => mark && quietly(() => (localStorage[key] ??= mark)),
  };
}

/** Whether a mark belongs to another visitor than this one, logged in or not. @param {string | undefined} mark @param {Ids} ids */
export const isOfAnother = (mark, ids) => !!mark && ![markOf(ids), anonymousMarkOf(ids)].includes(mark);
