// Plans: what Python compiles triggers, mappings and commands into, as nested arrays
// [operator, ...operands]. Each is turned into a closure once, which then runs on the JS values
// themselves, so that no value crosses into Python and none is converted. What a trigger or a
// mapping means is that of Segment's npm packages, theirs being JavaScript's own truth, equality and
// conversion.

import { COMMANDS } from "./plan-commands.js";
import { MAPPINGS } from "./plan-mappings.js";
import { TRIGGERS } from "./plan-triggers.js";
import { own, Problem, take } from "./values.js";

/**
 * The payload is that of an action; where a function of Python may be asked, what it has answered
 * for the event.
 *
 * @typedef {(event: any, payload?: any, callback?: () => void) => any} Run
 */
/** @typedef {[operator: string, ...operands: any[]]} Plan */

/**
 * What plans need of the page that they run in.
 *
 * @typedef {object} PlanContext
 * @property {unknown[]} constants values in the settings that Python only passes on, by number
 * @property {(number: number, event: any, answers?: any) => unknown} call asks a function of Python
 *   about an event, for which `answers` are what was answered before
 */

/**
 * What an operator is handed to make its Run: a way to compile what is inside it, and the context.
 *
 * @typedef {PlanContext & {
 *   compile: (plan: Plan) => Run,
 *   built: any[] | undefined,
 * }} Scope `built` is what the mapping that runs now has built itself; see `clean`
 */

/** @typedef {Record<string, (scope: Scope, ...operands: any[]) => Run>} Operators */

/** Of everything. @type {Operators} */
const COMMON = {
  value: (_scope, value) => () => value,
  constant: ({ constants }, number) => {
    const value = constants[number];
    return () => value;
  },
  nothing: () => () => undefined,
  path: (_scope, ...keys) => take(keys),
  list: ({ compile }, ...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => runs.map((run) => run(event, payload, callback));
  },
  fail: (_scope, problem) => () => {
    throw new Problem(problem);
  },

  // Of functions of Python.
  call:
    ({ call }, number) =>
    (event, answers) =>
      call(number, event, answers),
  /** A part of the event that a function has passed on. */
  part:
    (_scope, ...keys) =>
    (event) =>
      keys.reduce((value, key) => own(value, key), event),
  /** A whole number that JavaScript prints as it is, or none at all. */
  integer: (_scope, digits) => {
    const number = Number(digits);
    if (String(number) !== digits) {
      throw new Problem(
        "got a whole number beyond 2**53 - 1, which JavaScript cannot represent exactly; return it as text",
      );
    }
    return () => number;
  },
  number: (_scope, digits) => () => Number(digits),
};

/** @type {Operators} */
const OPERATORS = { ...COMMON, ...TRIGGERS, ...MAPPINGS, ...COMMANDS };

/**
 * @param {Plan} plan
 * @param {PlanContext} context
 * @returns {Run}
 */
export function compile(plan, context) {
  /** @type {Scope} */
  const scope = {
    ...context,
    built: undefined,
    compile: ([operator, ...operands]) => OPERATORS[operator](scope, ...operands),
  };
  return scope.compile(plan);
}
