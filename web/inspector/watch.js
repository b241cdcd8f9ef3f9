// Watches one destination: writes each step of its events into a journal, with signatures masked.

import { createGuard } from "./attributes.js";
import { copy } from "../later/copy.js";
import { quietly } from "../page/quietly.js";
import { describe } from "./explain.js";
import { createJournal } from "./journal.js";
import { maskCommand, maskEvent, maskFields } from "./mask.js";

/** How often it checks for changes that nobody reports. */
const LOOK_MS = 250;

/**
 * @param {Host} host
 * @param {(detail?: any) => void} changed gets each step, and is called regularly without one
 * @param {() => void} ended is called once the destination is deregistered, but not if it ended by itself, because the
 * reason must stay visible
 */
export function watch(host, changed, ended) {
  const journal = createJournal();
  const guard = createGuard();
  /** @type {Analytics | undefined} */
  let analytics;

  /** @param {Item | undefined} item @param {string} [what] @param {any} [more] */
  function watcher(item, what = "", more) {
    if (!item) return quietly(listen);
    if (item.command) return;
    const detail = detailOf(host, item, what, more);
    if (what === "command") detail.advice = guard.look(more.command);
    journal.traced(window, detail);
    journal.update(window, host.status());
    changed(detail);
  }

  /** @param {Context} ctx */
  const dispatched = ({ event }) =>
    quietly(() => {
      journal.dispatched(window, copy(maskEvent(event)));
      changed();
    });

  function look() {
    if (host.stopped?.[0] === "unloaded") return ended();
    journal.update(window, host.status());
    changed();
  }

  function listen() {
    if (analytics !== host.analytics) {
      analytics = host.analytics;
      analytics?.on("dispatch_start", dispatched);
    }
  }

  const timer = setInterval(() => quietly(look), LOOK_MS);
  host.watchers.add(watcher);
  listen();
  // Events that wait already. Of finished events only a line remains.
  journal.update(window, host.status());
  for (const item of [...host.queue.line, ...host.queue.aside]) {
    if (item.command) continue;
    if (item.steps && host.inside) journal.traced(window, detailOf(host, item, "matched", {}));
    else journal.dispatched(window, copy(maskEvent(/** @type {any} */ (item.event))));
  }
  return {
    journal,
    guard,
    stop() {
      clearInterval(timer);
      host.watchers.delete(watcher);
      analytics?.off?.("dispatch_start", dispatched);
    },
  };
}

/** @param {Host} host @param {Item} item @param {string} what @param {any} more @returns {any} */
function detailOf(host, item, what, more) {
  const detail = { what, messageId: item.event.messageId, event: maskEvent(item.event) };
  if (what === "matched") return { ...detail, subscriptions: host.inside ? describe(host.inside, item) : [] };
  if (what === "mapped") return { ...detail, subscription: more.subscription.name, payload: maskFields(more.payload) };
  if (what === "command") return { ...detail, ...more, command: maskCommand(more.command) };
  if (what === "outcome") return { ...detail, outcome: item.row.outcome, reason: item.row.reason };
  return { ...detail, ...more };
}
