// analytics.js's own destination middlewares, for a plugin that was registered directly. (Around a
// plugin that Segment's settings bring, analytics.js runs them itself.) They see an event before
// anything of ours does, and as analytics.js has them see it: a copy, in a facade. They may take
// their time, so events go through one after the other, and their order stays.

import { Problem } from "./values.js";

/** Nobody waits longer for a middleware: the event is dropped, as one that fails drops it. */
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

/**
 * @param {Middleware[]} functions those that the page has added, and may still add to
 * @param {string} integration the destination's name
 * @param {Page["report"]} report
 * @param {(error: unknown) => string} describeError as createRules() takes it
 */
export function createFilter(functions, integration, report, describeError) {
  /** The end of what is under way. */
  let last = Promise.resolve();

  return {
    /** Whether an event has to go through. */
    needed: () => functions.length > 0,

    /**
     * Sends an event through all middlewares, once those before it are through. Never rejects.
     *
     * @param {SegmentEvent} event
     * @returns {Promise<SegmentEvent | null>} null: dropped, and reported
     */
    apply(event) {
      const own = structuredClone(event);
      const through = last.then(async () => {
        try {
          return await inTime(go(own));
        } catch (error) {
          const why = error instanceof Problem ? error.message : describeError(error);
          report(
            "destination-middleware-failed",
            `A middleware that was added by addDestinationMiddleware() failed, so the event was dropped: ${why}.`,
          );
          return null;
        }
      });
      last = through.then(() => {});
      return through;
    },
  };

  /** @param {SegmentEvent} event */
  async function go(event) {
    for (const middleware of functions.slice()) {
      /** @type {SegmentEvent | null} */
      let passed = null;
      const next = (/** @type {any} */ payload) => {
        passed = payload?.obj ?? null;
      };
      await middleware({ payload: new Facade(event), integration, next });
      if (!passed) {
        report("dropped-by-destination-middleware", "A middleware of addDestinationMiddleware() has dropped events.");
        return null;
      }
      event = passed;
    }
    return event;
  }
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
