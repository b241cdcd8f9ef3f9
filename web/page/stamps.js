// Whose is an event? Each one is stamped once, when analytics.js dispatches it, and the stamp never
// changes, whatever middleware does to the event later. What follows from it is decided in Python.

import { isOfAnother, markOf, RESET } from "./memory.js";
import { quietly } from "./quietly.js";

/**
 * @typedef {object} Stamp
 * @property {number} number in the order of dispatch
 * @property {number} era how many resets came before it
 * @property {number} user stands for the userId; 0 for none
 * @property {number} identify the number of the last identify so far, which may be this one
 * @property {import("./memory.js").Ids} ids
 */

/** @typedef {Stamp & { ctx: Context, messageId: unknown }} Coming */

/** Some events never reach us, being switched off for us. */
const MOST_COMING = 10_000;

/**
 * @param {(era: number) => void} onEra is called when a new era has begun
 */
export function createStamps(onEra) {
  let era = 0;
  let numbers = 0;
  let identify = 0;
  /** The user of the event that was dispatched last. */
  let current = 0;
  /** The visitor as they were when that was seen. @type {import("./memory.js").Ids | undefined} */
  let seen;
  let earlier = 0;
  /** A user has been seen, or their absence. */
  let begun = false;
  /** @type {Analytics | undefined} */
  let analytics;
  /** @type {import("./memory.js").Memory | undefined} */
  let memory;
  /** @type {string[]} */
  const users = [""];
  /** Of events that are on their way to us. @type {Map<Context, Coming>} */
  const coming = new Map();

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
      return user && { anonymousId: user.anonymousId(), userId: user.id() };
    });

  function startEra() {
    era++;
    current = 0;
    seen = undefined;
    onEra(era);
  }

  /**
   * Notices a reset that nobody has told us of: on an earlier page, in another tab, or while this
   * destination was not registered. Nothing is remembered of it: other pages notice it as well.
   *
   * @param {import("./memory.js").Ids} ids of the visitor now
   */
  function look(ids) {
    const user = numberOf(ids.userId);
    const mark = begun ? undefined : memory?.read();
    if (begun ? (current ? !user : seen && seen.anonymousId !== ids.anonymousId) : isOfAnother(mark, ids)) startEra();
    else if (mark === markOf(ids)) earlier = user;
    begun = true;
    current = user;
    seen = ids;
  }

  /**
   * @param {import("./memory.js").Ids} ids
   * @param {unknown} [isOld] it is of before the last reset
   * @returns {Stamp}
   */
  function stamp(ids, isOld) {
    if (!begun) look(idsNow() ?? ids);
    return { number: ++numbers, era: era - Number(!!isOld), user: numberOf(ids.userId), identify, ids };
  }

  /** Notices a reset that has come elsewhere. @returns the visitor now, as far as they are known */
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
    get era() {
      return era;
    },

    /** @param {Analytics} instance of analytics.js that loads us @param {NonNullable<typeof memory>} kept */
    listen(instance, kept) {
      analytics = instance;
      memory = kept;
    },

    /** Before Jimo takes the profile of an earlier page: who was it? */
    begin() {
      if (memory?.read() && !begun) notice();
    },

    /** The user of whom Jimo was told on an earlier page; 0 for none. */
    get earlier() {
      return earlier;
    },

    /** analytics.js dispatches an event. @param {Context} ctx */
    dispatched(ctx) {
      const { type, messageId, userId, anonymousId } = ctx.event;
      // An alias has the id that a user is going to have; the visitor stays who they are.
      const ids = (type === "alias" && idsNow()) || { anonymousId, userId };
      look(ids);
      if (type === "identify" && current) identify = numbers + 1;
      coming.set(ctx, { ...stamp(ids), ctx, messageId });
      if (coming.size > MOST_COMING) coming.delete(/** @type {any} */ (coming.keys().next().value));
    },

    /** analytics.js has handed an event over. @param {Context} ctx @returns {Stamp} */
    arrived(ctx) {
      const { messageId, userId, anonymousId } = ctx.event;
      // Middleware may have put another context in the place of the one that was dispatched.
      const known = coming.get(ctx) ?? [...coming.values()].find((one) => one.messageId === messageId);
      if (known) {
        coming.delete(known.ctx);
        return known;
      }
      // It was dispatched before we listened, or middleware has changed all that it was known by.
      // A reset changes the anonymous id.
      const ids = { anonymousId, userId };
      const now = idsNow();
      return stamp(ids, now && anonymousId !== now.anonymousId && !(userId && userId === now.userId));
    },

    /** What the page's own Python says now. @returns {Stamp} */
    now: () => stamp(notice()),

    reset() {
      memory?.write(RESET + Date.now());
      startEra();
    },
    /** Another tab has remembered its reset already. */
    resetElsewhere: startEra,

    /** Whose the last event was, which need not be the visitor now. */
    get seen() {
      return seen ?? idsNow();
    },

    /** @returns {{ user: number, ids: Stamp["ids"] | undefined }} the visitor now */
    visitor: () => ({ user: current, ids: idsNow() }),
  };
}
