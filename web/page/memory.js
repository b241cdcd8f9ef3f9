// What outlives the page, for all pages of the site: whether Jimo may still have the profile of a
// visitor who has been reset. Only a fingerprint is kept, from which no id can be read.

import { quietly } from "./quietly.js";

/** A reset has come since Jimo was told of a visitor. */
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

/** The same visitor before they have logged in. @param {Ids} ids */
export const anonymousMarkOf = ({ anonymousId }) => markOf({ anonymousId });

/** @typedef {ReturnType<typeof createMemory>} Memory */

/** @param {string} key of the entry in localStorage */
export function createMemory(key) {
  /** For pages whose storage is blocked. @type {string | undefined} */
  let mark;
  return {
    read: () => quietly(() => localStorage[key]) ?? mark,
    /** @param {string} next */
    write(next) {
      mark = next;
      quietly(() => (localStorage[key] = next));
    },
  };
}

/** Whether a mark is of another visitor than this one, logged in or not yet. @param {string | undefined} mark @param {Ids} ids */
export const isOfAnother = (mark, ids) => !!mark && ![markOf(ids), anonymousMarkOf(ids)].includes(mark);
