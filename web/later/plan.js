// Plans: Python compiles triggers, mappings and commands into nested arrays [operator, ...operands]. This file turns
// each plan into a closure once, which then runs on the JavaScript values, so no value crosses into Python. Triggers
// and mappings mean the same as in Segment's npm packages, with JavaScript's truth, equality and conversion.

import { COMMANDS } from "./plan-commands.js";
import { MAPPINGS } from "./plan-mappings.js";
import { TRIGGERS } from "./plan-triggers.js";
import { own, Problem, take } from "./values.js";

/**
 * `payload` is that of an action. For a plan that may call a function of Python, it is the answers so far.
 *
 * @typedef {(event: any, payload?: any, callback?: () => void) => any} Run
 */
/** @typedef {[operator: string, ...operands: any[]]} Plan */

/**
 * What plans need from their page.
 *
 * @typedef {object} PlanContext
 * @property {unknown[]} constants values of the settings that stay in the page, by number
 * @property {(number: number, event: any, answers?: any) => unknown} call calls a function of Python for an event;
 * `answers` are the answers so far
 */

/**
 * What an operator gets to make its Run: a function that compiles its operands, and the context.
 *
 * @typedef {PlanContext & {
 *   compile: (plan: Plan) => Run,
 *   built: any[] | undefined,
 * }} Scope `built` are the objects that the running mapping has built; see `clean`
 */

/** @typedef {Record<string, (scope: Scope, ...operands: any[]) => Run>} Operators */

/** Operators of all kinds of plans. @type {Operators} */
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

  // Operators for functions of Python.
  call:
    ({ call }, number) =>
    (event, answers) =>
      call(number, event, answers),
  /** A part of the event that a function passed on. */
  part:
    (_scope, ...keys) =>
    (event) =>
      keys.reduce((value, key) => own(value, key), event),
  /** A whole number, which must be exact in JavaScript. */
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
