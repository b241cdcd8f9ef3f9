// The events that wait, and what became of all others. Bounded, and always adding up.

import { copy } from "./copy.js";

/** The most that wait. */
const LIMIT = 1000;
/** How many events `status().recent` shows. */
const RECENT = 50;
const LONGEST_NAME = 200;

/** @typedef {import("../segment-jimo.d.ts").JimoOutcome} Outcome */

/** @param {ReportFault} report */
export function createQueue(report) {
  const events = {
    received: 0,
    unmatched: 0,
    // Whatever is not settled, so that the sum holds also for who asks in the middle of an event.
    get held() {
      return this.received - this.unmatched - this.delivered - this.dropped;
    },
    delivered: 0,
    dropped: 0,
  };
  /** In the order in which they came. @type {Item[]} */
  const line = [];
  /** Of these, commands wait for an identify while others overtake them. @type {Item[]} */
  const aside = [];
  /** @type {import("../segment-jimo.d.ts").JimoRecentEvent[]} */
  const recent = [];

  /** @param {unknown} text */
  const shorten = (text) => (typeof text === "string" ? text.slice(0, LONGEST_NAME) : null);

  const queue = {
    events,
    line,
    aside,
    recent,

    /**
     * Takes note of an event that has come.
     *
     * @param {SegmentEvent} event @param {import("./stamps.js").Stamp} stamp @param {Context} ctx
     * @returns {Item}
     */
    receive(event, stamp, ctx) {
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
      return { id: ++events.received, event, ctx, stamp, row, next: 0, worth: event.traits && event.type };
    },

    /** The page may change its objects, so what stays here is copied. @param {Item} item */
    keep(item) {
      if (item.copied || item.command) return;
      // Together, since what rules have answered holds parts of the event.
      [item.event, item.answers] = copy([item.event, item.answers]);
      item.copied = true;
      item.payloads = undefined;
    },

    /** Puts an event into the line. @param {Item} item */
    hold(item) {
      queue.keep(item);
      line.push(item);
      if (line.length + aside.length > LIMIT) evict();
    },

    /** @param {Item} item @param {Outcome} outcome @param {ErrorCode | null} [reason] */
    settle(item, outcome, reason = null) {
      // It was given up with all others while it went out.
      if (item.row.outcome !== "held") return;
      item.row.outcome = outcome;
      item.row.reason = reason;
      if (item.command) item.command.settle(item, outcome);
      else if (outcome !== "held") events[outcome]++;
    },

    /** Drops what waits. @param {(item: Item) => unknown} which @param {ErrorCode} code @param {string} message */
    drop(which, code, message) {
      for (const list of [line, aside]) {
        for (const item of list.filter(which)) {
          list.splice(list.indexOf(item), 1);
          queue.settle(item, "dropped", code);
          report(code, message);
        }
      }
    },

    /** Drops what is on its way out at this moment, and neither waits nor is settled. @param {ErrorCode} code */
    dropRest(code) {
      for (const row of recent) if (row.outcome === "held") Object.assign(row, { outcome: "dropped", reason: code });
      events.dropped += events.held;
    },

    /** Events that an earlier page has lost. @param {number} count */
    lose(count) {
      events.received += count;
      events.dropped += count;
    },

    /** Another page has what waits here, and counts it. */
    forget() {
      const gone = [...line, ...aside].filter((item) => !item.command);
      events.received -= gone.length;
      for (const item of gone) item.row.outcome = "dropped";
      for (const list of [line, aside]) list.splice(0, list.length, ...list.filter((item) => item.command));
    },
  };

  /**
   * Gives up the oldest event that only tells what happened; where there is none, the oldest that is
   * not the latest to say who the visitor is.
   */
  function evict() {
    const all = [...aside, ...line];
    const free = all.filter((item) => !item.started && !item.command);
    const worst =
      free.find((item) => !item.worth) ??
      free.find((item) => free.findLast(({ worth }) => worth === item.worth) !== item) ??
      free[0];
    queue.drop((item) => item === worst, "buffer-full", `More than ${LIMIT} events waited.`);
  }

  return queue;
}
