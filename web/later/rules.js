// Rules that are functions of Python: triggers, mappings and the middleware.
//
// A function sees the event through `read`, which answers with short texts, and answers with a plan
// that is carried out here, so a part of the event which it only passes on stays the very same
// value. Each function is asked once for an event. What it has answered stays with the event for as
// long as that is held, on the next page too.

import { change } from "./change.js";
import { compile } from "./plan.js";
import { isDate, isObject, nothing, own, Problem, stringify } from "./values.js";

/** @typedef {{ value?: unknown, problem?: string, field?: string }} Answer */
/** Of the functions that were asked for an event, by their names. @typedef {Record<string, Answer>} Answers */

/** In Answers: the middleware has had its turn. */
const ADMITTED = "";

const ANOTHER = "only the function that received the event can read it, and only while it runs";

/** @param {Item} item @returns {Answers} what was answered for its event; another page may have left anything */
export const answersOf = (item) => /** @type {Answers} */ (isObject(item.answers) ? item.answers : (item.answers = {}));

/**
 * @param {object} host
 * @param {(number: number, handed: number) => string} host.call enters Python; see Rule.answer() of
 *   functions.py for what it gives back
 * @param {ReportFault} host.report
 * @param {(error: unknown) => string} host.describeError names an error without its content
 */
export function createRules({ call, report, describeError }) {
  /** What the function of Python that runs now may read. @type {{ number: number, event?: SegmentEvent }} */
  let handed = { number: 0 };
  let handings = 0;
  /** Of all functions, by their numbers. @type {string[]} */
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
     * What a function makes of an event; throws a Problem where it fails.
     *
     * @param {number} number
     * @param {SegmentEvent} event
     * @param {Answers} [answers] what was answered for this event before; grows
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
     * Tells the function of Python that runs now something of the event that it was handed.
     *
     * @param {number} number which handing that was
     * @param {string} what "value", "keys" or "text"
     * @param {string} path as JSON
     * @returns {string} the kind of what is there, in a letter, and its content; "" for nothing;
     *   "!" and what is wrong
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
     * @param {number | null} first the function that sees each event first
     */
    configure(given, first) {
      names = given;
      middleware = first;
    },

    /**
     * Has the middleware change or drop an event, once.
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

  /** Plans that a function has made have no constants of the settings. */
  const context = { constants: [], call: rules.call };
  return rules;
}

/** @param {any} value */
function valueOf(value) {
  if (nothing(value)) return "";
  if (Array.isArray(value)) return `a${value.length}`;
  // MicroPython's text is UTF-8, which has no form for half a character; JSON has one.
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

/** @param {any} value that JSON has no form for */
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
