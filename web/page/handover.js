// Events that are held when the visitor leaves a page go to the next page of this site in the same tab,
// also when a page of another site comes in between: once, never twice, for at most half an hour. This
// file stores them. web/later/takeOver.js takes them over, once a page has a reason to run Python. That
// may be the same page, if the visitor did not leave after all.
//
// Each page and frame stores a batch of its own in sessionStorage. The name of the batch contains the
// time, the number of events, and whether they are a reason to run Python.

import { markOf } from "./memory.js";
import { pack } from "./pack.js";
import { quietly } from "./quietly.js";

/** The most characters that a page stores, and how many of these are reserved for identify and group. */
const ROOM = 400_000;
const RESERVED = 200_000;
export const KEPT_MS = 30 * 60_000;
/** @type {[ErrorCode, string]} */
export const NOT_KEPT = ["not-kept", "An earlier page lost events."];

/**
 * @typedef {object} Kept an event on its way to the next page
 * @property {number} [turn] of the item
 * @property {number} user the number of its owner, see ownerOf in stamps.js; 0 for none
 * @property {SegmentEvent} [event] missing if an identify did not fit
 * @property {unknown} [worth] of the item
 * @property {unknown} [answers] what the page's own rules have answered
 */

/** @typedef {ReturnType<typeof import("./stamps.js").createStamps>} Stamps */

/**
 * @param {() => Storage} storage
 * @param {string} prefix
 * @returns {string[]} its names with that prefix; none if storage is blocked
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
   * Chooses the events that fit, the newest first. For an identify that does not fit, only its user
   * number is stored.
   *
   * @returns {string[]}
   */
  function choose() {
    let room = ROOM;
    const kept = [];
    for (const { event, text: packed, shared, worth, answers, stamp, turn, sent, command } of queue
      .waiting()
      .reverse()) {
      const user = stamps.ownerOf(stamp);
      // Events from before a reset belong to a user who has logged out.
      let text =
        !sent &&
        !command &&
        stamp.era === stamps.era &&
        quietly(
          () =>
            `{"event":${(!shared?.length && packed) || pack(event)},${pack({ turn, user, worth, answers }).slice(1)}`,
        );
      if (!text || text.length > room - (worth ? 0 : RESERVED)) text = !!worth && !!user && pack({ user, worth });
      if (!text) continue;
      room -= text.length;
      kept.unshift(text);
    }
    return kept;
  }

  return {
    /** Stores all that wait, as the visitor leaves the page. @param {boolean} isNeeded whether they are a reason to run Python */
    leave(isNeeded) {
      const { held } = queue.events;
      if (!held) return;
      const ids = stamps.seen() ?? {};
      const name = `${prefix}${Date.now()}.${held}.${+isNeeded}.${Math.random()}`;
      const text = `{"visitor":"${markOf(ids)}","user":${stamps.numberOf(ids.userId)},"events":[${choose()}]}`;
      // If storage is blocked or full, they stay with this page.
      if (quietly(() => (sessionStorage[name] = text))) queue.forget();
    },

    /**
     * Looks at the batches of earlier pages, and drops those that are too old.
     *
     * @param {number} [longest] how old a batch may be, in ms
     * @returns {boolean} whether there is reason to run Python
     */
    look(longest = KEPT_MS) {
      let isAnyNeeded = false;
      for (const name of namesIn(() => sessionStorage, prefix)) {
        const { at, count, isNeeded } = readName(name, prefix);
        if (Date.now() - at < longest) isAnyNeeded ||= !!isNeeded;
        else if (quietly(() => delete sessionStorage[name]) && !quietly(() => localStorage[name]))
          queue.lose(count, ...NOT_KEPT);
      }
      return isAnyNeeded;
    },
  };
}
