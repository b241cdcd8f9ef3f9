// What debug mode tells: on the console what happens, and to the page, as the window event
// "segment-jimo", the way of each event. Only here may the content of an event be seen.

import { quietly, show } from "../page/quietly.js";
import { maskEvent } from "./mask.js";
import { Problem } from "./plan.js";

/** @param {Host} host */
export function createDebug(host) {
  const debug = {
    /** @param {unknown[]} words */
    explain(...words) {
      if (host.given.debug) quietly(() => console.debug("[segment-jimo]", ...words));
    },

    /**
     * Names an error. Its text may quote the event, so that is for the console.
     *
     * @param {any} error
     * @returns {string}
     */
    describeError(error) {
      if (error instanceof Problem) return error.message;
      debug.explain(error);
      return show(quietly(() => error.name) ?? typeof error);
    },

    /** @param {Item} item @param {string} what @param {object} [more] */
    trace(item, what, more) {
      if (!host.given.debug) return;
      const { messageId } = item.event;
      quietly(() =>
        window.dispatchEvent(
          new CustomEvent("segment-jimo", { detail: { what, messageId, event: maskEvent(item.event), ...more } }),
        ),
      );
    },
  };
  return debug;
}
