// What is held when a page is left goes to the next page of this site in the same tab, also when a
// page of another site comes in between: once, never twice, and for half an hour.
//
// The events are in sessionStorage, under a name of their own for each page and frame. Who takes them
// over says so in localStorage, which copies of the tab and pages that come back can see.

import { fingerprint } from "./memory.js";
import { pack, unpack } from "./pack.js";
import { quietly } from "./quietly.js";

/** The most characters that a page leaves. */
const ROOM = 200_000;
const KEPT_MS = 30 * 60_000;

/**
 * @typedef {object} Kept an event on its way to the next page
 * @property {SegmentEvent} event
 * @property {number} user 0 for none, 1 for the visitor's when the page was left, above that others
 * @property {unknown} [answers] of the page's own rules
 */

/**
 * @typedef {object} Batch
 * @property {number} at ms since 1970
 * @property {string} visitor fingerprint of the anonymous id
 * @property {string} user fingerprint of both ids, or ""
 * @property {number} lost how many events could not be kept
 * @property {Kept[]} events
 */

/**
 * @param {string} prefix of the names in both storages
 * @param {ReturnType<typeof import("./queue.js").createQueue>} queue
 * @param {ReturnType<typeof import("./stamps.js").createStamps>} stamps
 */
export function createHandover(prefix, queue, stamps) {
  /** The name of what this page has left. @type {string | undefined} */
  let left;

  /** The visitor now, as a batch has it. @returns {Pick<Batch, "visitor" | "user">} */
  function visitorNow() {
    const { user, ids } = stamps.visitor();
    return {
      visitor: fingerprint([ids?.anonymousId]),
      user: user || ids?.userId ? fingerprint([ids?.anonymousId, ids?.userId]) : "",
    };
  }

  return {
    /** Whether the page has been left, so that nothing may go out. */
    get isLeft() {
      return left !== undefined;
    },

    /** The page is being left. */
    leave() {
      if (left || !queue.events.held) return;
      const kept = choose(
        [...queue.aside, ...queue.line].sort((a, b) => a.id - b.id),
        stamps.era,
        stamps.visitor().user,
      );
      /** @type {Batch} */
      const batch = { at: Date.now(), ...visitorNow(), lost: queue.events.held - kept.length, events: [] };
      const name = prefix + Math.random().toString(36).slice(2);
      // With a function, since the text of an event may have "$&" in it.
      const text = pack(batch).replace(/\[]}$/, () => `[${kept}]}`);
      // Where storage is blocked or full, they stay with this page.
      if (quietly(() => (sessionStorage[name] = text))) left = name;
    },

    /** The page was not left after all, or is shown again. */
    comeBack() {
      if (!left) return;
      // The page after this one has taken them over, and counts them.
      if (quietly(() => localStorage[/** @type {string} */ (left)])) queue.forget();
      quietly(() => delete sessionStorage[/** @type {string} */ (left)]);
      left = undefined;
    },

    /**
     * Takes over what earlier pages have left.
     *
     * @param {(kept: Kept, user: number) => void} take
     * @returns {number} how many events are lost
     */
    takeOver(take) {
      let lost = 0;
      sweep(prefix);
      const batches = namesIn(() => sessionStorage, prefix)
        .flatMap((name) => claim(name) ?? [])
        .sort((a, b) => a.at - b.at);
      const now = batches.length ? visitorNow() : undefined;
      const current = stamps.numberOf(stamps.visitor().ids?.userId);
      for (const { at, visitor, user, lost: before, events } of batches) {
        lost += before;
        if (Date.now() - at > KEPT_MS || visitor !== now?.visitor || (user && user !== now.user)) {
          lost += events.length;
          continue;
        }
        const others = new Map([
          [0, 0],
          [1, current],
        ]);
        for (const kept of events) {
          if (!others.has(kept.user)) others.set(kept.user, stamps.another());
          take(kept, /** @type {number} */ (others.get(kept.user)));
        }
      }
      return lost;
    },
  };
}

/**
 * What there is room for, the most important first. What a user has said goes together with that
 * user's identify, or not at all: the next page could write it into another profile.
 *
 * @param {Item[]} items in their order
 * @param {number} era what is older belongs to a user who has logged out
 * @param {number} current
 * @returns {string[]}
 */
function choose(items, era, current) {
  let room = ROOM;
  /** @type {Map<Item, string>} */
  const texts = new Map();
  const usable = items.filter(({ stamp, sent, command }) => stamp.era === era && !sent && !command);
  /** @param {Item} item */
  const importance = (item) =>
    item.started ? 3 : !item.worth ? 0 : usable.findLast(({ worth }) => worth === item.worth) === item ? 2 : 1;
  for (const wanted of [3, 2, 1, 0]) {
    for (const item of [...usable].reverse()) {
      if (room <= 0 || importance(item) !== wanted) continue;
      const { user } = item.stamp;
      const text = quietly(() =>
        pack({ event: item.event, user: user === current && user ? 1 : user && user + 1, answers: item.answers }),
      );
      if (!text || text.length > room) continue;
      room -= text.length;
      texts.set(item, text);
    }
  }
  /** Users whose last identify so far is not kept. @type {Set<number>} */
  const gone = new Set();
  return items.flatMap((item) => {
    const text = texts.get(item);
    const { user } = item.stamp;
    if (user && /^(identify|sendUserData)$/.test(String(item.worth))) gone[text ? "delete" : "add"](user);
    return text && !gone.has(user) ? text : [];
  });
}

/**
 * @param {() => Storage} storage @param {string} prefix
 * @returns {string[]}
 */
const namesIn = (storage, prefix) =>
  quietly(() => Object.keys(storage()).filter((name) => name.startsWith(prefix))) ?? [];

/**
 * Takes a batch out of the tab's storage.
 *
 * @param {string} name
 * @returns {Batch | undefined} nothing if another page has it, or if it makes no sense
 */
function claim(name) {
  const text = quietly(() => sessionStorage[name]);
  quietly(() => delete sessionStorage[name]);
  if (quietly(() => localStorage[name])) return undefined;
  quietly(() => (localStorage[name] = Date.now() + KEPT_MS));
  const batch = quietly(() => unpack(text));
  const makesSense =
    Number.isFinite(batch?.at) &&
    Number.isInteger(batch.lost) &&
    batch.lost >= 0 &&
    Array.isArray(batch.events) &&
    batch.events.every(
      (/** @type {any} */ kept) =>
        typeof kept?.event?.type === "string" && Number.isInteger(kept.user) && kept.user >= 0,
    );
  return makesSense ? batch : undefined;
}

/** Forgets claims that nobody can contest any more. @param {string} prefix */
function sweep(prefix) {
  for (const name of namesIn(() => localStorage, prefix)) {
    if (!(Number(localStorage[name]) > Date.now())) quietly(() => delete localStorage[name]);
  }
}
