// Records the way of each event from three sources: analytics.js dispatches it, the destination reports its steps (see
// watch.js), and `segmentJimo.status()` has its outcome. Debug mode, the inspector and the playground show it.

import { HELD, isSwitchedOff, time, WAITED, whyKeptBack, whyUnmatched } from "./words.js";

/** @typedef {import("../segment-jimo.d.ts").JimoExplainedSubscription} ExplainedSubscription */
/** @typedef {import("../segment-jimo.d.ts").JimoStatus} Status */
/** @typedef {"on its way" | "kept back" | "held" | "delivered" | "unmatched" | "dropped"} Outcome */

/**
 * @typedef {object} Row
 * @property {string} id of the message
 * @property {any} event
 * @property {boolean} bare only the type and name of the event are known
 * @property {number} at ms since navigation of the page on which it was made
 * @property {number} born ms since 1970
 * @property {any} [page] the window where it is now; undefined between two pages
 * @property {ExplainedSubscription[]} subscriptions the result of each one, once it is known
 * @property {boolean} matched whether the results are known
 * @property {Map<string, any>} payloads by the subscription's name
 * @property {{ command: any, at: number, subscription?: string }[]} commands
 * @property {string[]} notes more sentences about it
 * @property {boolean} open whether Jimo has not called back yet
 * @property {boolean} deferred whether a part of it is deferred
 * @property {boolean} received whether the destination received it
 * @property {Outcome} outcome
 * @property {string | null} reason a code
 * @property {string} why in words
 * @property {Map<string, number>} waits how long it has waited for what, in ms
 * @property {number} [looked] when `waits` was last updated, ms since 1970
 * @property {number} [done] ms since 1970
 */

/** More than anyone reads. */
const MOST_ROWS = 250;
/** How long an event may be on its way to the next page, as web/page/handover.js has it. */
const KEPT_MS = 30 * 60_000;
/** analytics.js hands an event over at once; its own retries take longer. */
const HANDED_OVER_MS = 2_000;

/** @param {any} page a window */
export const now = (page) => page.performance.timeOrigin + page.performance.now();

/**
 * @param {any} page a window
 * @param {any} event
 * @returns {number} ms since 1970: when it was made, which an earlier page may have done
 */
function madeAt(page, { timestamp }) {
  const age = now(page) - Number(timestamp);
  // A page may give another timestamp than that of the call.
  return age >= 0 && age < KEPT_MS ? now(page) - age : now(page);
}

/** @param {Row} row of an event of an earlier page @param {any} page @returns {number} when it came to this page */
function cameFromBefore(row, page) {
  const { timeOrigin } = page.performance;
  row.waits.set("next-page", timeOrigin - row.born);
  return timeOrigin;
}

export function createJournal() {
  /** @type {Map<string, Row>} */
  const rows = new Map();
  /** Whether an identified-only page waits for a user. */
  let waiting = false;

  /** @param {any} page @param {string} id @param {any} event @returns {Row} */
  function rowOf(page, id, event) {
    let row = rows.get(id);
    if (!row) {
      const born = madeAt(page, event);
      row = {
        id,
        event,
        bare: false,
        at: page.performance.now(),
        born,
        subscriptions: [],
        matched: false,
        payloads: new Map(),
        commands: [],
        notes: [],
        open: false,
        deferred: false,
        received: false,
        outcome: "on its way",
        reason: null,
        why: "",
        waits: new Map(),
      };
      if (born < page.performance.timeOrigin) row.looked = cameFromBefore(row, page);
      rows.set(id, row);
      if (rows.size > MOST_ROWS) rows.delete(/** @type {string} */ (rows.keys().next().value));
    }
    if (row.bare && event.messageId) {
      const born = Math.min(row.born, madeAt(page, event));
      Object.assign(row, { event, bare: false, born });
      if (born < page.performance.timeOrigin) cameFromBefore(row, page);
    }
    row.page = page;
    return row;
  }

  /** @param {Row} row @param {Outcome} outcome @param {string | null} reason @param {Status} status */
  function finish(row, outcome, reason, status) {
    row.outcome = outcome;
    row.reason = reason;
    row.done = row.page ? now(row.page) : Date.now();
    const error = reason && status.errors.findLast(({ code }) => code === reason);
    if (outcome === "dropped") row.why = row.notes.at(-1) ?? (error ? error.message : "It was dropped.");
    else if (outcome === "unmatched")
      row.why = error
        ? error.message
        : row.matched
          ? whyUnmatched(row.subscriptions, row.event)
          : "No subscription wants it.";
    else row.why = row.notes.join(" ");
  }

  /** @param {Row} row @param {Status | undefined} status @returns {string} what it waits for: a key of HELD */
  function waitsFor(row, status) {
    if (!row.page) return "next-page";
    if (!status) return "not-there";
    const { state, sdk, timings } = status;
    if (state === "waiting") return timings.registered === null ? "not-started" : "no-user";
    if (state === "booting") return "booting";
    if (state === "failed") return "boot-failed";
    if (row.open) return "own-identify";
    if (waiting) return "no-user";
    if (sdk === "failed") return "sdk-failed";
    if (sdk !== "live") return "sdk-loading";
    for (const other of rows.values())
      if (other !== row && other.open && other.page === row.page) return "identify-open";
    return row.deferred ? "next-identify" : "turn";
  }

  /** @param {Row} row @param {Status | undefined} status */
  function wait(row, status) {
    const code = waitsFor(row, status);
    const moment = row.page ? now(row.page) : Date.now();
    row.waits.set(code, (row.waits.get(code) ?? 0) + moment - (row.looked ?? row.born));
    row.looked = moment;
    row.outcome = "held";
    row.reason = code;
    row.why = HELD[code];
  }

  return {
    rows,

    /** analytics.js has dispatched an event. @param {any} page @param {any} event */
    dispatched(page, event) {
      rowOf(page, event.messageId, event).event = event;
    },

    /** The destination reports a step; see watch.js. @param {any} page @param {any} detail */
    traced(page, { what, messageId, event, ...more }) {
      if (!messageId) return;
      const row = rowOf(page, messageId, event);
      row.event = event;
      row.received = true;
      if (what === "matched") {
        row.matched = true;
        row.subscriptions = more.subscriptions;
      } else if (what === "mapped") {
        row.payloads.set(more.subscription, more.payload);
      } else if (what === "command") {
        waiting = false;
        row.commands.push({ command: more.command, at: now(page), subscription: more.subscription });
        row.open ||= more.command[1] === "identify";
        // First, because the last note says why the event was dropped.
        row.notes.unshift(...(more.advice ?? []));
      } else if (what === "identified") {
        row.open = false;
      } else if (what === "skipped") {
        row.notes.push(`“${more.when}” has no value, so its command was left out.`);
      } else if (what === "problem") {
        row.notes.push(more.message);
      } else if (what === "held") {
        waiting = more.waiting;
      } else if (what === "deferred") {
        row.deferred = true;
      }
    },

    /** The visitor leaves the page. Its waiting events may appear on the next one. */
    left() {
      for (const row of rows.values()) row.page = undefined;
      waiting = false;
    },

    /**
     * Updates the rows from `segmentJimo.status()`.
     *
     * @param {any} page the window of the site, or undefined
     * @param {Status | undefined} status
     */
    update(page, status) {
      if (page && status) {
        for (const { messageId, type, name, outcome, reason, at } of status.recent) {
          if (messageId === null) continue;
          const known = rows.get(messageId);
          const row = known ?? rowOf(page, messageId, { type, ...(type === "track" ? { event: name } : {}) });
          if (!known) Object.assign(row, { bare: true, at, born: page.performance.timeOrigin + at });
          row.received = true;
          if (row.page === page && !row.done && outcome !== "held") finish(row, outcome, reason, status);
        }
      }
      for (const row of rows.values()) {
        if (row.done) continue;
        if (row.received || !row.page) wait(row, status);
        else if (
          isSwitchedOff(row.event) ||
          (status?.timings.registered && now(row.page) - row.born > HANDED_OVER_MS)
        ) {
          row.outcome = "kept back";
          row.why = whyKeptBack(row.event);
        }
      }
    },

    clear() {
      rows.clear();
    },
  };
}

/**
 * @param {Row} row
 * @returns {string} how long a delivered event waited, and for what; "" if it did not wait
 */
export function waited({ waits, born, done, outcome }) {
  const all = (done ?? 0) - born;
  if (outcome !== "delivered" || all < 5) return "";
  // The longer waits, in order.
  const reasons = [...waits].filter(([, ms]) => ms > all / 10).map(([code]) => WAITED[code]);
  return reasons.length ? `It waited ${time(all)} ${reasons.join(" and ")}.` : "";
}
