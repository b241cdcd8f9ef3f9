// Whose event is it? Each event is stamped once, when analytics.js dispatches it. The stamp never
// changes, whatever middleware does to the event later. Python decides what follows from it.

import { isOfAnother, markOf, RESET } from "./memory.js";
import { quietly } from "./quietly.js";

/**
 * @typedef {object} Stamp
 * @property {number} number in the order of dispatch
 * @property {number} era how many resets came before it
 * @property {number} user a number for the userId; 0 for none
 * @property {number} identify the number of the last identify so far, which may be this event
 * @property {import("./memory.js").Ids} ids
 */

/** @typedef {Stamp & { messageId: unknown }} Coming */

/** It is bounded, since events that are switched off for us never arrive. */
const MOST_COMING = 10_000;

/**
 * @param {(era: number) => void} onEra is called when a new era begins
 */
export function createStamps(onEra) {
  let era = 0;
  let numbers = 0;
  let identify = 0;
  /** The user of the last event that was dispatched. */
  let current = 0;
  /** The first user of the era; 0 for none. */
  let first = 0;
  /** The same, once another user has followed; 0 before. */
  let left = 0;
  /** The visitor at that time. @type {import("./memory.js").Ids | undefined} */
  let seen;
  /** The visitor whom Jimo had from an earlier page. @type {import("./memory.js").Ids | undefined} */
  let earlier;
  /** When the visitor was last looked at, in ms since navigation; 0 for never. */
  let lookedAt = 0;
  /** @type {Analytics | undefined} */
  let analytics;
  /** @type {import("./memory.js").Memory | undefined} */
  let memory;
  /** @type {string[]} */
  const users = [""];
  /** The stamps of events that are dispatched but have not arrived. @type {Set<Coming>} */
  const coming = new Set();
  /** The same by context. Weak, since what never arrives must not keep its data here. @type {WeakMap<Context, Coming>} */
  const byContext = new WeakMap();

  /** @param {unknown} id @returns {number} */
  function numberOf(id) {
    const text = String(id ?? "");
    if (!users.includes(text)) users.push(text);
    return users.indexOf(text);
  }

  /** @returns {import("./memory.js").Ids | undefined} the visitor as analytics.js knows them now */
  const idsNow = () =>
    quietly(() => {
      const user = analytics?.user?.();
      return user && { anonymousId: user.anonymousId(), userId: user.id() ?? undefined };
    });

  function startEra() {
    era++;
    current = first = left = 0;
    seen = undefined;
    onEra(era);
  }

  /**
   * Notices a reset that we were not told of: on an earlier page, in another tab, or while this
   * destination was not registered. It stores nothing, since other pages notice the reset themselves.
   *
   * @param {import("./memory.js").Ids} ids of the visitor now
   */
  function look(ids) {
    const user = numberOf(ids.userId);
    const mark = lookedAt ? "" : memory?.read();
    // An identify may bring another anonymousId with it. Nothing tells that from a reset elsewhere.
    if (lookedAt ? (current ? !user : seen && seen.anonymousId !== ids.anonymousId) : isOfAnother(mark, ids))
      startEra();
    else if (mark === markOf(ids)) earlier = ids;
    lookedAt = performance.now();
    current = user;
    first ||= user;
    if (user !== first) left = first;
    seen = ids;
  }

  /**
   * @param {import("./memory.js").Ids} ids
   * @param {unknown} [isOld] whether it came before the last reset
   * @returns {Stamp}
   */
  function stamp(ids, isOld) {
    if (!lookedAt) look(idsNow() ?? ids);
    return { number: ++numbers, era: era - Number(!!isOld), user: numberOf(ids.userId), identify, ids };
  }

  /** Notices a reset that came elsewhere. @returns the visitor now, as far as known */
  function notice() {
    const ids = idsNow();
    if (ids) look(ids);
    return ids ?? {};
  }

  return {
    numberOf,
    stamp,
    coming,
    notice,
    idsNow,
    get era() {
      return era;
    },
    lookedAt: () => lookedAt,
    /**
     * Whose an event is. An anonymous visitor becomes the first user of the era. Once another user has followed, this
     * user must not get what the anonymous visitor said.
     *
     * @param {Stamp} stamp
     * @returns {number} the number of the user; 0 for nobody, or for an anonymous visitor who is still the current one
     */
    ownerOf: ({ user, era: its }) => user || (its < era ? 0 : left),

    /** @param {Analytics} instance of analytics.js that loads us @param {NonNullable<typeof memory>} kept */
    listen(instance, kept) {
      analytics = instance;
      memory = kept;
    },

    /** Finds out whose profile Jimo keeps from an earlier page. */
    begin() {
      if (memory?.read() && !lookedAt) notice();
    },

    /** The visitor whom Jimo had from an earlier page when this page first looked, if it was the same one. */
    earlier: () => earlier,

    /** analytics.js dispatches an event. @param {Context} ctx */
    dispatched(ctx) {
      const { type, messageId, userId, anonymousId } = ctx.event;
      const ids = { anonymousId, userId };
      // The options of an event may name another user, and an alias has the user's next id.
      const isOfVisitor = seen && seen.userId === userId && seen.anonymousId === anonymousId;
      const visitor = (!isOfVisitor && idsNow()) || ids;
      look(visitor);
      if (type === "identify" && current) identify = numbers + 1;
      const one = { ...stamp(type === "alias" ? visitor : ids), messageId };
      coming.add(one);
      byContext.set(ctx, one);
      if (coming.size > MOST_COMING) coming.delete(/** @type {any} */ (coming.values().next().value));
    },

    /** analytics.js has handed an event over. @param {Context} ctx @returns {Stamp} */
    arrived(ctx) {
      const { messageId, userId, anonymousId } = ctx.event;
      // Middleware may have replaced the context that was dispatched.
      const own = byContext.get(ctx);
      const known = own && coming.has(own) ? own : [...coming].find((one) => one.messageId === messageId);
      if (known) {
        coming.delete(known);
        return known;
      }
      // It was dispatched before we listened, or middleware has changed its context and its messageId.
      // Another anonymousId means that a reset came since.
      const ids = { anonymousId, userId };
      const now = idsNow();
      return stamp(ids, now && anonymousId !== now.anonymousId && !(userId && userId === now.userId));
    },

    /** Stamps a command of the page's own Python. @returns {Stamp} */
    now: () => stamp(notice()),

    reset() {
      // First, what came before still goes out to the user who leaves.
      try {
        startEra();
      } finally {
        memory?.write(RESET + Date.now());
      }
    },
    /** Another tab was reset, and has stored that already. */
    resetElsewhere: startEra,

    /** The visitor of the last event, who need not be the visitor now. */
    seen: () => seen ?? idsNow(),
  };
}
