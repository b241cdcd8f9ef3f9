// The actions of the inspector: copy an event for a test, or a report for somebody who helps.

import { typeOf } from "./clauses.js";
import { nameOf } from "./words.js";

/** @typedef {import("./journal.js").Row} Row */

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./journal.js").createJournal>} journal
 * @param {(words: string, text?: string) => void} say
 */
export function createActions(host, journal, say) {
  /** @param {string} text @param {string} done */
  async function copyText(text, done) {
    try {
      await navigator.clipboard.writeText(text);
      say(done);
    } catch {
      // Browsers refuse the clipboard outside secure contexts, and if the page is not focused.
      say("Copy this:", text);
    }
  }

  return {
    /** As a line of the events file of `npx segment-jimo check`. @param {Row} row */
    copyTestCase: ({ event }) =>
      copyText(JSON.stringify([event], null, 2), "Copied: an events file for npx segment-jimo check."),

    copyReport: () => copyText(report(host, journal), "Copied, with all values masked."),

    clear() {
      journal.clear();
      say("Cleared.");
    },
  };
}

/** @param {any} value @returns {any} the same shape, with types instead of values */
function mask(value) {
  if (Array.isArray(value)) return value.map(mask);
  if (typeOf(value) !== "object") return typeof value === "function" ? "callback" : `(${typeOf(value)})`;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mask(inner)]));
}

/** @param {Host} host @param {ReturnType<typeof import("./journal.js").createJournal>} journal */
export function report(host, { rows }) {
  const { recent: _recent, ...status } = host.status();
  const { runtime, manualInit, refetchExperiencesOnTraitsUpdate, killOnReset } = host.given;
  const events = [...rows.values()].map((row) => ({
    type: row.event.type,
    named: nameOf(row.event) !== "",
    at: Math.round(row.at),
    outcome: row.outcome,
    reason: row.reason,
    event: row.bare ? null : mask(row.event),
    subscriptions: row.subscriptions.map(({ action, matched, trigger, missing, error }) => ({
      action,
      matched,
      trigger,
      missing,
      error: error?.code ?? null,
    })),
    commands: row.commands.map(({ command: [verb, method, args] }) => [verb, method, mask(args)]),
  }));
  const settings = { runtime, manualInit, refetchExperiencesOnTraitsUpdate, killOnReset };
  return JSON.stringify({ browser: navigator.userAgent, settings, status, events }, null, 2);
}
