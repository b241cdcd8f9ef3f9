// What is held when a page is left goes to the next page of this site in the same tab, also when a
// page of another site comes in between: once, never twice, and for half an hour. This half leaves
// it. The other half, web/later/takeOver.js, takes it over as soon as a page has a reason to run
// Python, which may be the same page if it was not left after all. Until then it stays where it is.
//
// Each page and frame leaves a batch of its own in sessionStorage. Its name tells when that was, how
// many events it stands for, and whether they are a reason to run Python.

import { markOf } from "./memory.js";
import { pack } from "./pack.js";
import { quietly } from "./quietly.js";

/** The most characters that a page leaves, and how many of them only what tells of the visitor may take. */
const ROOM = 400_000;
const RESERVED = 200_000;
export const KEPT_MS = 30 * 60_000;
/** @type {[ErrorCode, string]} */
export const NOT_KEPT = ["not-kept", "Events that an earlier page held are lost."];

/**
 * @typedef {object} Kept an event on its way to the next page
 * @property {number} [turn] of the item
 * @property {number} user stands for the userId, as in stamps.js of that page; 0 for none
 * @property {SegmentEvent} [event] missing where an identify could not be kept
 * @property {unknown} [worth] of the item
 * @property {unknown} [answers] of the page's own rules
 */

/** @typedef {ReturnType<typeof import("./stamps.js").createStamps>} Stamps */

/**
 * @param {() => Storage} storage
 * @param {string} prefix
 * @returns {string[]} the names in it that begin so; none where the page has blocked it
 */
export const namesIn = (storage, prefix) =>
  quietly(() => Object.keys(storage()).filter((name) => name.startsWith(prefix))) ?? [];

/** @param {string} name of a batch @param {string} prefix */
export function readName(name, prefix) {
  const [at, count, isNeeded] = name.slice(prefix.length).split(".").map(Number);
  return { at, count: count >>> 0, isNeeded };
}

/**
 * @param {string} prefix of the names in both storages
 * @param {ReturnType<typeof import("./queue.js").createQueue>} queue
 * @param {Stamps} stamps
 */
export function createHandover(prefix, queue, stamps) {
  /**
   * What there is room for, the newest first. In the place of an identify that cannot be kept, its
   * user is.
   *
   * @returns {string[]}
   */
  function choose() {
    let room = ROOM;
    const kept = [];
    for (const { event, text: packed, shared, worth, answers, stamp, turn, sent, command } of queue
      .waiting()
      .reverse()) {
      const { user } = stamp;
      // What came before a reset belongs to a user who has logged out.
      let text =
        !sent &&
        !command &&
        stamp.era === stamps.era &&
        quietly(() =>
          pack({ turn, user, worth, answers }).replace(
            "{",
            () => `{"event":${(!shared?.length && packed) || pack(event)},`,
          ),
        );
      if (!text || text.length > room - (worth ? 0 : RESERVED)) text = !!worth && !!user && pack({ user, worth });
      if (!text) continue;
      room -= text.length;
      kept.unshift(text);
    }
    return kept;
  }

  return {
    /** The page is being left: all that waits goes into the storage. @param {boolean} isNeeded whether it is a reason to run Python */
    leave(isNeeded) {
      const { held } = queue.events;
      if (!held) return;
      const ids = stamps.seen ?? {};
      const name = `${prefix}${Date.now()}.${held}.${+isNeeded}.${Math.random()}`;
      const text = `{"visitor":"${markOf(ids)}","user":${stamps.numberOf(ids.userId)},"events":[${choose()}]}`;
      // Where storage is blocked or full, they stay with this page.
      if (quietly(() => (sessionStorage[name] = text))) queue.forget();
    },

    /**
     * Looks at what pages have left, and gives up what is too old.
     *
     * @param {number} [longest] how old it may be, in ms
     * @returns {boolean} whether there is reason to run Python
     */
    look(longest = KEPT_MS) {
      let isAnyNeeded = false;
      for (const name of namesIn(() => sessionStorage, prefix)) {
        const { at, count, isNeeded } = readName(name, prefix);
        if (Date.now() - at < longest) isAnyNeeded ||= !!isNeeded;
        else if (quietly(() => delete sessionStorage[name])) queue.lose(count, ...NOT_KEPT);
      }
      return isAnyNeeded;
    },
  };
}
