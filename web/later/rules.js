// Rules that are functions of Python: triggers, mappings and the middleware.
//
// A function sees the event through `read`, which returns short texts. It returns a plan, which runs here, so a part of
// the event that it only passes on stays the same value. Each function runs once for an event. Its answer stays with
// the event while that waits, also on the next page.

import { change } from "./change.js";
import { compile } from "./plan.js";
import { isDate, isObject, nothing, own, Problem, stringify } from "./values.js";

/** @typedef {{ value?: unknown, problem?: string, field?: string }} Answer */
/** The answers of the functions for one event, by their names. @typedef {Record<string, Answer>} Answers */

/** Marks in Answers that the middleware has run. */
const ADMITTED = "";

const ANOTHER = "only the function that received the event can read it, and only while it runs";

/** @param {Item} item @returns {Answers} the answers for its event; those of another page may be anything */
export const answersOf = (item) => /** @type {Answers} */ (isObject(item.answers) ? item.answers : (item.answers = {}));

/**
 * @param {object} host
 * @param {(number: number, handed: number) => string} host.call calls Python; functions.py, Rule.answer(), says what it
 * returns
 * @param {ReportFault} host.report
 * @param {(error: unknown) => string} host.describeError names an error without its content
 */
export function createRules({ call, report, describeError }) {
  /** The event that the running function of Python may read. @type {{ number: number, event?: SegmentEvent }} */
  let handed = { number: 0 };
  let handings = 0;
  /** The names of all functions, by their numbers. @type {string[]} */
  let names = [];
  /** @type {number | null} */
  let middleware = null;

  /** @param {number} number @param {SegmentEvent} event @returns {Answer} */
  function ask(number, event) {
    const outer = handed;
    handed = { number: ++handings, event };
    try {
      const answer = JSON.parse(call(number, handed.number));
      if ("problem" in answer) return answer;
      return { value: compile(["clean", answer.plan], context)(event) };
    } catch (error) {
      return { problem: describeError(error) };
    } finally {
      handed = outer;
    }
  }

  const rules = {
    /**
     * Returns a function's answer for an event. Throws a Problem if it fails.
     *
     * @param {number} number
     * @param {SegmentEvent} event
     * @param {Answers} [answers] the answers for this event so far; grows
     * @returns {unknown}
     */
    call(number, event, answers = {}) {
      const name = names[number];
      let answer = own(answers, name);
      if (!isObject(answer)) answers[name] = answer = ask(number, event);
      const { value, problem, field } = answer;
      if (problem !== undefined) throw new Problem(String(problem), field);
      return value;
    },

    /**
     * Reads a value of the event for the running function of Python.
     *
     * @param {number} number the number of the call that received the event
     * @param {string} what "value", "keys" or "text"
     * @param {string} path as JSON
     * @returns {string} one letter for the kind of the value, and its content; "" for no value; "!" and a problem
     */
    read(number, what, path) {
      if (number !== handed.number || !handed.event) return `!${ANOTHER}`;
      let value;
      try {
        value = JSON.parse(path).reduce(own, handed.event);
      } catch (error) {
        return `!a getter of the event threw ${describeError(error)}`;
      }
      return what === "value" ? valueOf(value) : what === "keys" ? keysOf(value) : textOf(value, describeError);
    },

    /**
     * @param {string[]} given names of the functions, by number
     * @param {number | null} first the number of the middleware
     */
    configure(given, first) {
      names = given;
      middleware = first;
    },

    /**
     * Lets the middleware change or drop an event, once.
     *
     * @param {Item} item whose event and answers change
     * @param {typeof report} [tell] reports why it is dropped
     * @returns {boolean} false: dropped, and reported
     */
    admit(item, tell = report) {
      const answers = answersOf(item);
      if (middleware === null || own(answers, ADMITTED)) return true;
      try {
        const answer = rules.call(middleware, item.event);
        if (answer === false) {
          tell("dropped-by-middleware", "The page's Python middleware dropped the event.");
          return false;
        }
        if (answer) item.event = change(item.event, /** @type {[string, unknown][]} */ (answer));
        answers[ADMITTED] = { value: true };
        return true;
      } catch (error) {
        const why = describeError(error);
        tell(
          "middleware-failed",
          `The page's Python middleware failed: ${why}. The event was dropped. Correct the function; data-debug shows the traceback.`,
        );
        return false;
      }
    },
  };

  /** The plans of functions contain no constants of the settings. */
  const context = { constants: [], call: rules.call };
  return rules;
}

/** @param {any} value */
function valueOf(value) {
  if (nothing(value)) return "";
  if (Array.isArray(value)) return `a${value.length}`;
  // MicroPython's text is UTF-8, which cannot represent half a character. JSON can.
  if (typeof value === "string") return /\p{Surrogate}/u.test(value) ? `j${JSON.stringify(value)}` : `s${value}`;
  if (typeof value === "boolean") return `b${value}`;
  if (typeof value === "number") return `n${Object.is(value, -0) ? "-0.0" : value}`;
  if (typeof value === "bigint") return `i${value}`;
  return isDate(value) ? "d" : "o";
}

/** @param {any} value */
function keysOf(value) {
  try {
    return `k${stringify(Object.keys(value))}`;
  } catch {
    return "!the keys of this part of the event cannot be read";
  }
}

/** @param {any} value @param {(error: unknown) => string} describeError */
function textOf(value, describeError) {
  try {
    if (!isDate(value)) return `t${stringify(value) ?? "null"}`;
    return isNaN(value) ? "!this date is invalid, so it has no text" : `t${value.toISOString()}`;
  } catch (error) {
    return `!${whyNoText(value) ?? `this part of the event has no text: ${describeError(error)}`}`;
  }
}

/** @param {any} value a value that JSON cannot represent */
function whyNoText(value) {
  /** @param {any} inner @param {any[]} above @returns {string | undefined} */
  function look(inner, above) {
    if (typeof inner === "bigint") return "this part of the event contains a BigInt, which JSON cannot represent";
    if (typeof inner !== "object" || !inner) return;
    if (above.includes(inner)) return "this part of the event contains itself, so it has no JSON";
    for (const key of Object.keys(inner)) {
      const found = look(inner[key], [...above, inner]);
      if (found) return found;
    }
  }
  try {
    return look(value, []);
  } catch {
    return "a getter in this part of the event threw";
  }
}
