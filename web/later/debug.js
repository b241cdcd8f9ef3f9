// Debug mode: writes to the console, and tells the watchers (watch.js) each step of an event. Only these two may show
// the content of an event.

import { nameOf, quietly } from "../page/quietly.js";
import { Problem } from "./values.js";

/** @param {Host} host */
export function createDebug(host) {
  const debug = {
    /** @param {unknown[]} words */
    explain(...words) {
      if (host.debugging ?? host.given.debug) quietly(() => console.debug("[segment-jimo]", ...words));
    },

    /**
     * Returns the name of an error. Only the console gets its text, because the text may quote the event. A thrown value
     * that is no error has no safe name either.
     *
     * @param {any} error
     * @returns {string}
     */
    describeError(error) {
      if (error instanceof Problem) return error.message;
      debug.explain(error);
      return nameOf(error);
    },

    /** @param {Item} item @param {string} what has happened to it @param {object} [more] */
    trace(item, what, more) {
      for (const watcher of host.watchers) quietly(() => watcher(item, what, more));
    },
  };
  return debug;
}
