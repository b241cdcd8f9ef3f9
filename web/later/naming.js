// Finds the user that an event names. An identified-only page waits for the first event that names one. It takes from
// that event what `do identify` needs, even if no subscription wants the event.

import { quietly } from "../page/quietly.js";
import { mapFields } from "./subscriptions.js";

/** The fields of `do identify`. */
const FIELDS = ["userId", "signature"];

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./debug.js").createDebug>} debug
 */
export function createNaming(host, debug) {
  /** The subscriptions that say who the user is. @type {Subscription[]} */
  let subscriptions = [];
  /**
   * The last event that named a user.
   * @type {{ item: Item, subscription: Subscription, payload: Payload } | undefined}
   */
  let starter;

  return {
    /** @param {Subscription[]} compiled */
    configure(compiled) {
      subscriptions = compiled;
    },

    get starter() {
      return starter;
    },

    /** Whether the starter is held, but no longer by this page. */
    isStarterGone: () => starter?.item.row.outcome === "held" && !host.queue.waiting().includes(starter.item),

    /** @param {Item} item @returns {number} the number of the ID; 0 for none */
    userOf(item) {
      const { event, answers, matched = [] } = item;
      // First the subscriptions that want the event, then the others.
      const inOrder = [...subscriptions].sort((a, b) => +matched.includes(b) - +matched.includes(a));
      for (const subscription of inOrder) {
        // A fault is reported when the event is delivered.
        const payload = quietly(() => mapFields(subscription, event, debug.describeError, answers, FIELDS));
        if (typeof payload?.userId !== "string" || !payload.userId) continue;
        starter = { item, subscription, payload };
        return host.stamps.numberOf(payload.userId);
      }
      return 0;
    },
  };
}
