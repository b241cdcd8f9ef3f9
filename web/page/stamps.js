// Whose is an event? Each one is stamped once, when analytics.js dispatches it, and the stamp never
// changes, whatever middleware does to the event later. What follows from it is decided in Python.

import { quietly } from "./quietly.js";

/**
 * @typedef {object} Stamp
 * @property {number} number in the order of dispatch
 * @property {number} era how many resets came before it
 * @property {number} user stands for the userId; 0 for none
 * @property {import("./memory.js").Ids} ids
 * @property {unknown} [messageId] while the event is on its way to us
 * @property {boolean} [identifies] it is an identify that is on its way to us
 */

/** Some events never reach us, being switched off for us. */
const MOST_COMING = 10_000;

/**
 * @param {(era: number) => void} onEra is called when a new era has begun
 */
export function createStamps(onEra) {
  let era = 0;
  let numbers = 0;
  /** The user of the event that was dispatched last. */
  let current = 0;
  /** The visitor as they were when that was seen. @type {import("./memory.js").Ids | undefined} */
  let seen;
  let earlier = 0;
  /** A user has been seen, or their absence. */
  let begun = false;
  /** @type {Analytics | undefined} */
  let analytics;
  /** @type {ReturnType<typeof import("./memory.js").createMemory> | undefined} */
  let memory;
  /** @type {Map<string, number>} */
  const users = new Map();
  /** @type {WeakMap<object, Stamp>} */
  const byContext = new WeakMap();
  /** Of events that are on their way to us, by their messageId. @type {Map<unknown, Stamp>} */
  const coming = new Map();
  /** Whom a command has identified, and the user that analytics.js had then. */
  let own = { id: "", beside: -1 };

  /** @param {unknown} id @returns {number} */
  function numberOf(id) {
    const text = String(id ?? "");
    if (text && !users.has(text)) users.set(text, users.size + 1);
    return users.get(text) ?? 0;
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
    own = { id: "", beside: -1 };
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
    if (begun ? (current ? !user : seen && seen.anonymousId !== ids.anonymousId) : memory?.hasEnded(ids)) startEra();
    else if (!begun && memory?.isOf(ids)) earlier = user;
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
    return { number: ++numbers, era: era - Number(!!isOld), user: numberOf(ids.userId), ids };
  }

  return {
    numberOf,
    stamp,
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
      const ids = !memory || memory.isEmpty() ? undefined : idsNow();
      if (ids && !begun) look(ids);
    },

    /** Notices a reset that has come elsewhere, before events of another page are stamped. */
    notice() {
      const ids = idsNow();
      if (ids) look(ids);
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
      const made = Object.assign(stamp(ids), { messageId, identifies: type === "identify" && !!current });
      if (made.identifies) own.beside = -1;
      byContext.set(ctx, made);
      coming.set(messageId, made);
      if (coming.size > MOST_COMING) coming.delete(coming.keys().next().value);
    },

    /** analytics.js has handed an event over. @param {Context} ctx @returns {Stamp} */
    arrived(ctx) {
      const { messageId, userId, anonymousId } = ctx.event;
      const known = byContext.get(ctx) ?? coming.get(messageId);
      if (known) {
        coming.delete(known.messageId);
        return known;
      }
      // It was dispatched before we listened, or middleware has changed all that it was known by.
      // A reset changes the anonymous id.
      const ids = { anonymousId, userId };
      const now = idsNow();
      const isOld = now && anonymousId !== now.anonymousId && !(userId && userId === now.userId);
      return stamp(ids, isOld);
    },

    /**
     * Stamps a command of the page's own Python.
     *
     * @param {string} [identifies] the user it identifies
     * @returns {Stamp & { userId: unknown }}
     */
    command(identifies) {
      const ids = idsNow() ?? { anonymousId: undefined, userId: undefined };
      if (analytics?.user) look(ids);
      if (identifies) own = { id: identifies, beside: current };
      const userId = own.beside === current ? own.id : (ids.userId ?? undefined);
      return { ...stamp(ids), user: numberOf(userId), userId };
    },

    /** Whether analytics.js has loaded us, so that the visitor is known. */
    get listening() {
      return !!analytics;
    },

    /** @param {Stamp} stamp @returns {Stamp | undefined} the identify before it that is on its way to us */
    awaited: ({ number, era }) =>
      [...coming.values()].findLast((one) => one.identifies && one.era === era && one.number < number),

    reset() {
      memory?.reset();
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
