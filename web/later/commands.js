// Finds the commands that follow from an event, and carries out Python's verdict on them.

import { NAME } from "../page/name.js";
import { quietly } from "../page/quietly.js";
import { createNaming } from "./naming.js";
import { createPusher, JIMO } from "./pusher.js";
import { IDENTIFY, mapFields, OTHER, WRITE } from "./subscriptions.js";

/** The reason of an unmatched event that a refused subscription may have wanted. */
const UNSURE = "unmatched-while-refused";

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./debug.js").createDebug>} debug
 * @param {(name: string, number: number) => void} signal tells Python
 * @param {typeof JIMO} [jimo]
 * @param {(ids: import("../page/memory.js").Ids) => boolean} [keepsBack] see isOfAnother in told.js
 */
export function createCommands(host, debug, signal, jimo = JIMO, keepsBack) {
  const { queue, report } = host;
  /** @type {import("./subscriptions.js").Subscription[]} */
  let subscriptions = [];
  const naming = createNaming(host, debug);
  /** The message for an unmatched event, if there are refused subscriptions. */
  let refusal = "";
  /** @type {import("./bridge.js").Protocol} */
  let protocol;
  /** The middleware. @type {(item: Item) => boolean} */
  let admit = () => true;
  const { told, pushIdentify, pushStep } = createPusher(host, debug, signal, jimo, fail);

  /**
   * Reports a fault of an event. A fault of one of its actions also goes into the log of its context.
   *
   * @param {Item} item @param {ErrorCode} code @param {string} message
   * @param {string} [subscription] @param {string} [field]
   */
  function fail(item, code, message, subscription, field) {
    item.failed ??= code;
    item.why ??= message;
    report(code, message, subscription, field);
    debug.trace(item, "problem", { code, message, subscription });
    if (subscription) quietly(() => item.ctx.log?.("warn", `${NAME}: ${message}`, { code, subscription, field }));
  }

  /** @param {Item} item @param {import("./subscriptions.js").Subscription} subscription @returns {Payload | null} */
  function payloadOf(item, subscription) {
    item.payloads ??= new Map();
    let payload = item.payloads.get(subscription);
    if (payload !== undefined) return payload;
    try {
      payload = mapFields(subscription, item.event, debug.describeError, item.answers);
      debug.trace(item, "mapped", { subscription, payload });
    } catch (error) {
      payload = null;
      item.faulty ??= new Set();
      const { code, field, message } = /** @type {import("./subscriptions.js").PayloadError} */ (error);
      const { name, action } = subscription;
      const problem = `Subscription "${name}": field ${field} ${message}, so ${action} did not run`;
      // Only once: after it was copied, an event is mapped again.
      if (!item.faulty.has(subscription)) fail(item, code, `${problem}. Check the event or the mapping.`, name, field);
    }
    if (!payload) item.faulty?.add(subscription);
    item.payloads.set(subscription, payload);
    return payload;
  }

  /** @param {Item} item @param {import("./subscriptions.js").Step} step @returns {boolean} */
  function applies(item, { subscription, when, kind }) {
    // A command of the page's own Python has no subscription.
    if (!subscription) return true;
    if (item.skipped === subscription) return false;
    const payload = payloadOf(item, subscription);
    if (!payload) return false;
    const value = when && payload[when];
    if (when && (value === undefined || value === null)) {
      debug.trace(item, "skipped", { subscription: subscription.name, when });
      return false;
    }
    return kind !== IDENTIFY || (value !== "" && value !== item.identified);
  }

  /** @param {Item} item @param {number} reason */
  function drop(item, reason) {
    const [code, message] = protocol.reasons[reason];
    fail(item, code, message);
  }

  return {
    /**
     * @param {object} compiled
     * @param {typeof subscriptions} compiled.subscriptions
     * @param {typeof subscriptions} compiled.naming
     * @param {string[]} refused the names of the subscriptions that are refused
     * @param {typeof protocol} agreed
     * @param {typeof admit} admitBy
     */
    configure(compiled, refused, agreed, admitBy) {
      subscriptions = compiled.subscriptions;
      naming.configure(compiled.naming);
      if (refused.length) {
        const names = refused.map((name) => `"${name}"`).join(", ");
        refusal = `No subscription wanted the event, but a refused one might have: ${names}. Correct it.`;
      }
      protocol = agreed;
      admit = admitBy;
    },

    /**
     * Finds the commands of an event, once.
     *
     * @param {Item} item
     * @returns {boolean} whether there may be any; if not, the event is settled
     */
    match(item) {
      if (item.steps) return true;
      if (!admit(item)) {
        item.failed = "dropped-by-middleware";
        queue.settle(item, "dropped", item.failed);
        debug.trace(item, "outcome");
        return false;
      }
      const { event, answers } = item;
      /** @type {Item["matched"]} */
      const matched = (item.matched = []);
      for (const subscription of subscriptions) {
        const { name, key, trigger } = subscription;
        try {
          if (event.integrations?.[key] !== false && trigger(event, answers)) matched.push(subscription);
        } catch (error) {
          const problem = `Subscription "${name}": the trigger failed: ${debug.describeError(error)}. The destination did not send the event. Correct the function; data-debug shows the traceback.`;
          fail(item, "trigger-failed", problem, name, "subscribe");
        }
      }
      item.steps = matched.length === 1 ? matched[0].steps : matched.flatMap(({ steps }) => steps);
      item.worth = matched.find(({ steps }) => steps.some(({ kind }) => kind !== OTHER))?.action;
      debug.trace(item, "matched");
      if (matched.length) return true;
      // Nobody knows whether a failed trigger would have wanted the event.
      if (item.failed) queue.settle(item, "dropped", item.failed);
      else if (refusal) {
        report(UNSURE, refusal);
        queue.settle(item, "unmatched", UNSURE);
      } else queue.settle(item, "unmatched");
      debug.trace(item, "outcome");
      return false;
    },

    /** @param {Item} item @returns {number} the number of the ID that it would identify next, or 0 */
    profileOf(item) {
      if (item.command)
        return item.command.identifies && !item.next ? host.stamps.numberOf(item.command.identifies) : 0;
      const { steps = [] } = item;
      for (let at = item.next; at < steps.length; at++) {
        const step = steps[at];
        if (step.kind !== IDENTIFY || !applies(item, step)) continue;
        const payload = payloadOf(item, /** @type {Subscription} */ (step.subscription));
        return host.stamps.numberOf(payload?.[/** @type {string} */ (step.when)]);
      }
      return 0;
    },

    /** Returns the user that an event names; see naming.js. */
    userOf: naming.userOf,
    isStarterGone: naming.isStarterGone,

    /** Identifies the user that an event named. @param {number} id @param {number} token */
    identify(id, token) {
      if (naming.starter?.item.id !== id) return false;
      const { item, subscription, payload } = naming.starter;
      const [step] = subscription.steps;
      item.identified = payload.userId;
      return pushIdentify(item, token, (callback) => step.run(item.event, payload, callback), subscription.name);
    },

    trace: debug.trace,

    told,

    /**
     * Carries out Python's verdict, beginning at the event's next step.
     *
     * @param {Item} item @param {number} verdict
     * @returns {boolean} false: an identify went out, and the rest waits for its answer
     */
    run(item, verdict) {
      const { bits, send, defer } = protocol;
      const steps = item.steps ?? [];
      // It may be given up with all others while it goes out.
      while (item.next < steps.length && item.row.outcome === "held") {
        const step = steps[item.next++];
        if (!applies(item, step)) continue;
        const decision = (verdict >> (step.kind * bits)) & ((1 << bits) - 1);
        const isOfAnother = decision === send && step.kind === WRITE && (keepsBack ?? told.isOfAnother)(item.stamp.ids);
        if (isOfAnother) signal("of-another", 0);
        if (decision === defer || isOfAnother) {
          (item.deferred ??= []).push(step);
        } else if (decision === send) {
          pushStep(item, step);
          if (step.kind === IDENTIFY) return false;
        } else {
          drop(item, decision);
        }
      }
      return true;
    },

    /** @param {Item} item that needs nothing more */
    settle(item) {
      queue.settle(item, item.failed ? "dropped" : "delivered", item.failed);
      debug.trace(item, "outcome");
    },

    /** Drops all deferred commands. @param {number} reason */
    giveUp(reason) {
      for (const item of queue.aside.splice(0)) {
        drop(item, reason);
        this.settle(item);
      }
    },
  };
}
