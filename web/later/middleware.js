// Runs analytics.js's destination middlewares for a plugin that was registered directly. (If Segment's settings bring
// the plugin, analytics.js runs them itself.) They see an event before our code does, in the same form as from
// analytics.js: a copy in a facade. They may be asynchronous, so events go through one after the other and keep their
// order.

import { copy, keep } from "./copy.js";
import { NAME } from "../page/name.js";
import { answersOf } from "./rules.js";
import { own, Problem } from "./values.js";

/** A middleware that takes longer counts as failed, and the event is dropped. */
const LONGEST_MS = 10_000;

/** @typedef {(asked: { payload: Facade, integration: string, next: (payload?: any) => void }) => unknown} Middleware */

/** What a middleware sees of an event: the parts of analytics.js's facades that its docs name. */
class Facade {
  /** @param {SegmentEvent} obj */
  constructor(obj) {
    this.obj = obj;
  }
  rawEvent() {
    return this.obj;
  }
  json() {
    return structuredClone(this.obj);
  }
  type() {
    return this.obj.type;
  }
  action() {
    return this.obj.type;
  }
  /** @param {string} name */
  field(name) {
    return this.obj[name];
  }
}
for (const name of ["userId", "anonymousId", "messageId", "timestamp", "event", "name", "groupId"]) {
  Object.defineProperty(Facade.prototype, name, {
    value() {
      return this.obj[name];
    },
  });
}
for (const name of ["context", "integrations", "properties", "traits", "options"]) {
  Object.defineProperty(Facade.prototype, name, {
    value() {
      return this.obj[name] ?? {};
    },
  });
}

/** Marks in an item's answers that these middlewares have run. */
const FILTERED = "destination middleware";
const DROPPED = "dropped-by-middleware";
const FAILED = "middleware-failed";

/**
 * @param {Host} host
 * @param {(error: unknown) => string} describeError names an error without its content
 */
export function createFilter({ middlewares, queue, report }, describeError) {
  /** Resolves when all earlier events are through. */
  let last = Promise.resolve();
  /** @type {Set<Item>} */
  const under = new Set();

  /**
   * @param {SegmentEvent} event
   * @returns {Promise<SegmentEvent | typeof DROPPED | typeof FAILED>} the event, or why it is dropped; that is reported
   */
  async function apply(event) {
    try {
      const passed = await inTime(go(event));
      if (passed) return passed;
      report(DROPPED, "A middleware of addDestinationMiddleware() dropped the event.");
      return DROPPED;
    } catch (error) {
      const why = describeError(error);
      report(
        FAILED,
        `A middleware of addDestinationMiddleware() failed: ${why}. The event was dropped. Correct the function.`,
      );
      return FAILED;
    }
  }

  /** @param {SegmentEvent} event */
  async function go(event) {
    for (const middleware of [...middlewares]) {
      /** @type {SegmentEvent | undefined} */
      let passed;
      const next = (/** @type {any} */ payload) => {
        passed = payload?.obj;
      };
      await middleware({ payload: new Facade(event), integration: NAME, next });
      if (!passed) return undefined;
      event = passed;
    }
    return event;
  }

  return {
    /**
     * Returns whether an event must wait for the middlewares. If so, they get it after the earlier events. An event that
     * they drop leaves the queue.
     *
     * @param {Item} item
     * @param {(item: Item) => void} done called after that
     */
    holds(item, done) {
      if (item.command || !middlewares.length || own(answersOf(item), FILTERED)) return false;
      if (under.has(item)) return true;
      under.add(item);
      keep(item);
      last = last.then(async () => {
        // An event that is no longer in the queue has an outcome, or another page has it.
        const passed = queue.line.includes(item) && (await apply(copy(item.event)));
        under.delete(item);
        if (!passed || !queue.line.includes(item)) return;
        if (typeof passed === "string") {
          queue.line.splice(queue.line.indexOf(item), 1);
          queue.settle(item, "dropped", passed);
        } else {
          item.event = passed;
          answersOf(item)[FILTERED] = { value: true };
        }
        done(item);
      });
      return true;
    },
  };
}

/** @template T @param {Promise<T>} work @returns {Promise<T>} */
function inTime(work) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => {
    const words = `it took longer than ${LONGEST_MS / 1000} s`;
    timer = setTimeout(() => reject(new Problem(words)), LONGEST_MS);
  });
  return Promise.race([work, /** @type {Promise<T>} */ (late)]).finally(() => clearTimeout(timer));
}
