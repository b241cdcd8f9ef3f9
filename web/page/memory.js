// What outlives the page, for all pages of the site: whether Jimo may still have the profile of a
// visitor who has been reset. Only a fingerprint is kept, from which no id can be read.

import { quietly } from "./quietly.js";

/** A reset has come since Jimo was told of a visitor. */
const RESET = "reset";

/**
 * @typedef {object} Ids
 * @property {unknown} anonymousId
 * @property {unknown} userId
 */

/** @param {unknown} value @returns {string} 32 bits of it (FNV-1a), as text */
export function fingerprint(value) {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify(value)) {
    hash = Math.imul(hash ^ /** @type {number} */ (character.codePointAt(0)), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/** @param {Ids} ids */
const markOf = ({ anonymousId, userId }) => fingerprint([anonymousId, userId]);

/** The same visitor before they have logged in. @param {Ids} ids */
const anonymousMarkOf = ({ anonymousId }) => fingerprint([anonymousId, null]);

/** @param {string} key of the entry in localStorage */
export function createMemory(key) {
  /** For pages whose storage is blocked. @type {string | undefined} */
  let mark;
  const read = () => quietly(() => localStorage[key]) ?? mark;
  /** @param {string} next */
  function write(next) {
    mark = next;
    quietly(() => (localStorage[key] = next));
  }
  return {
    isEmpty: () => !read(),
    /** Whether Jimo was told of this visitor last. @param {Ids} ids */
    isOf: (ids) => read() === markOf(ids),
    /** Whether a reset has come since Jimo was told of a visitor. @param {Ids} ids of the visitor now */
    hasEnded: (ids) => !!read() && ![markOf(ids), anonymousMarkOf(ids)].includes(read()),
    /** Jimo was told of a user, or something of an anonymous visitor, and may have taken it. @param {Ids} ids */
    told: (ids) => [undefined, anonymousMarkOf(ids)].includes(read()) && write(markOf(ids)),
    /** Two pages have had Jimo told of different users, and it has not answered both. */
    doubt: () => write("?"),
    /** Jimo has this user. @param {Ids} ids */
    known: (ids) => write(markOf(ids)),
    // Told apart from the one before it: other tabs hear of what has changed only.
    reset: () => write(RESET + Date.now()),
    /** Whether another tab tells of a reset. @param {StorageEvent} event */
    tellsReset: (event) => event.key === key && !!event.newValue?.startsWith(RESET),
  };
}
