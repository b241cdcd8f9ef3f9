// Rules that are functions of Python: triggers, mappings and the middleware.

import { compile, host as planHost, Problem } from "./plan.js";
import { stringify } from "./encode.js";

const THREW = -1;

/**
 * @param {object} python
 * @param {(number: number, handed: number) => string} python.call enters Python
 * @param {ReportFault} python.report
 * @param {(error: unknown) => string} python.describeError names an error without its content
 */
export function createRules({ call, report, describeError }) {
  /** What the function of Python that runs now may read. @type {{ number: number, event?: SegmentEvent }} */
  let handed = { number: 0 };
  let handings = 0;
  /** @type {number | null} */
  let middleware = null;

  const rules = {
    /** What a function makes of an event; throws where it fails. @param {number} number @param {SegmentEvent} event */
    call(number, event) {
      const outer = handed;
      handed = { number: ++handings, event };
      try {
        const answer = call(number, handed.number);
        if (answer[0] === "!") throw new Problem(answer.slice(1));
        return compile(JSON.parse(answer))(event);
      } finally {
        handed = outer;
      }
    },

    /**
     * Tells the function of Python that runs now something of the event that it was handed.
     *
     * @param {number} number which handing that was @param {string} what @param {string} path as JSON
     * @returns {string | number}
     */
    read(number, what, path) {
      if (number !== handed.number) return THREW;
      const value = JSON.parse(path).reduce(
        (/** @type {any} */ inner, /** @type {any} */ key) => inner?.[key],
        handed.event,
      );
      if (what === "keys") return stringify(Object.keys(value));
      if (what === "text") return isDate(value) ? value.toISOString() : JSON.stringify(value);
      if (value === undefined || value === null) return "";
      if (Array.isArray(value)) return `a${value.length}`;
      if (typeof value === "string") return `s${value}`;
      if (typeof value === "boolean") return `b${value}`;
      return typeof value === "number" || typeof value === "bigint" ? `n${value}` : "o";
    },

    /** @param {number | null} number of the function that sees each event first */
    useMiddleware(number) {
      middleware = number;
    },

    /**
     * Has the middleware change or drop an event.
     *
     * @param {SegmentEvent} event
     * @param {typeof report} [tell] reports why it is dropped
     * @returns {SegmentEvent | null} null: dropped, and reported
     */
    admit(event, tell = report) {
      if (middleware === null) return event;
      try {
        const answer = rules.call(middleware, event);
        if (answer === false) {
          tell("dropped-by-middleware", "The page's own middleware has dropped events.");
          return null;
        }
        return answer ? change(event, /** @type {[string, unknown][]} */ (answer)) : event;
      } catch (error) {
        tell(
          "middleware-failed",
          `The page's own middleware failed, so the event was dropped: ${describeError(error)}`,
        );
        return null;
      }
    },
  };
  planHost.call = rules.call;
  return rules;
}

/** @param {any} value */
const isDate = (value) => Object.prototype.toString.call(value) === "[object Date]";

/**
 * A copy of an event with other values at some paths; what is not on the way to them is shared.
 *
 * @param {any} event
 * @param {[path: string, value: unknown][]} values
 */
function change(event, values) {
  const copy = { ...event };
  for (const [path, value] of values) {
    const keys = path.split(".");
    const last = /** @type {string} */ (keys.pop());
    let at = copy;
    for (const key of keys) at = at[key] = Array.isArray(at[key]) ? [...at[key]] : { ...at[key] };
    at[last] = value;
  }
  return copy;
}
