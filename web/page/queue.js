// Holds the events that wait, and counts the outcome of all others. The counts always add up.

/** The most that wait. */
const LIMIT = 1000;
/** How many events `status().recent` shows. */
const RECENT = 50;
const LONGEST_NAME = 200;

/** @typedef {Exclude<import("../segment-jimo.d.ts").JimoOutcome, "held">} Outcome */

/** @param {ReportFault} report */
export function createQueue(report) {
  const events = {
    received: 0,
    unmatched: 0,
    // Computed, so that the sum also holds in the middle of an event.
    get held() {
      return this.received - this.unmatched - this.delivered - this.dropped;
    },
    delivered: 0,
    dropped: 0,
  };
  /** The events that wait, in the order in which they came. @type {Item[]} */
  const line = [];
  /** Events whose commands wait for an identify, while later events go out. @type {Item[]} */
  const aside = [];
  /** @type {import("../segment-jimo.d.ts").JimoRecentEvent[]} */
  const recent = [];

  /** @param {unknown} text */
  const shorten = (text) => (typeof text === "string" ? text.slice(0, LONGEST_NAME) : null);

  let turns = 0;

  const queue = {
    events,
    line,
    aside,
    recent,

    /** @returns {number} grows with each call, also from page to page of a tab, and so gives the order */
    turn: () => (turns = Math.max(turns + 1, Date.now())),

    /**
     * Counts an event that has arrived.
     *
     * @param {SegmentEvent} event @param {import("./stamps.js").Stamp} stamp @param {Context} ctx
     * @returns {Item}
     */
    receive(event, stamp, ctx) {
      const worth = event.traits && event.type;
      /** @type {Item["row"]} */
      const row = {
        messageId: shorten(event.messageId),
        type: shorten(event.type) ?? "",
        name: event.type === "track" ? shorten(event.event) : null,
        outcome: "held",
        reason: null,
        at: Math.round(performance.now()),
        commands: 0,
      };
      recent.push(row);
      if (recent.length > RECENT) recent.shift();
      return {
        id: ++events.received,
        turn: queue.turn(),
        event,
        ctx,
        stamp,
        row,
        next: 0,
        worth,
      };
    },

    /** Puts an event into the line. @param {Item} item */
    hold(item) {
      line.push(item);
      queue.trim();
    },

    /** @returns {Item[]} all that wait, in order */
    waiting: () => [...aside, ...line],

    /** @param {Item} item @param {Outcome} outcome @param {ErrorCode | null} [reason] */
    settle(item, outcome, reason = null) {
      // It was dropped together with all others while it went out.
      if (item.row.outcome !== "held") return;
      item.row.outcome = outcome;
      item.row.reason = reason;
      if (item.command) item.command.settle(item, outcome);
      else events[outcome]++;
    },

    /** Drops events that wait. @param {(item: Item) => unknown} which @param {ErrorCode} code @param {string} [message] reports them; without it, the caller does */
    drop(which, code, message) {
      for (const list of [line, aside]) {
        for (const item of list.filter(which)) {
          list.splice(list.indexOf(item), 1);
          queue.settle(item, "dropped", code);
          if (message) report(code, message);
        }
      }
    },

    /** Counts events that are lost without having waited here. @param {number} count @param {ErrorCode} code @param {string} message */
    lose(count, code, message) {
      if (!count) return;
      events.received += count;
      events.dropped += count;
      report(code, message);
    },

    /** Forgets what waits: the next page has it, and counts it. */
    forget() {
      events.received -= events.held;
      for (const list of [line, aside]) list.splice(0, list.length, ...list.filter((item) => item.command));
      recent.splice(0, recent.length, ...recent.filter((row) => row.outcome !== "held"));
    },

    /** If more wait than the limit, drops the oldest track, or else an event that a later one replaces. */
    trim() {
      while (events.held > LIMIT) {
        const free = queue.waiting().filter((item) => !item.started && !item.command);
        const isReplaced = (/** @type {Item} */ item) => free.findLast(({ worth }) => worth === item.worth) !== item;
        const worst = free.find((item) => !item.worth) ?? free.find(isReplaced) ?? free[0];
        if (!worst) return;
        queue.drop(
          (item) => item === worst,
          "buffer-full",
          `More than ${LIMIT} events waited. See segmentJimo.status().`,
        );
      }
    },
  };

  return queue;
}
