// Operators of triggers.

import { nothing } from "./values.js";

/**
 * The tests of a trigger's conditions, by their names in FQL.
 *
 * @type {Record<string, (expected: any) => (actual: any) => boolean>}
 */
const TESTS = {
  "=": (expected) => is(String(expected)),
  "!=": (expected) => not(is(String(expected))),
  "<": (expected) => number((actual) => actual < Number(expected)),
  "<=": (expected) => number((actual) => actual <= Number(expected)),
  ">": (expected) => number((actual) => actual > Number(expected)),
  ">=": (expected) => number((actual) => actual >= Number(expected)),
  number_equals: (expected) => number(is(Number(expected))),
  number_not_equals: (expected) => number(not(is(Number(expected)))),
  contains: (expected) => text((actual) => actual.includes(String(expected))),
  not_contains: (expected) => text((actual) => !actual.includes(String(expected))),
  starts_with: (expected) => text((actual) => actual.startsWith(String(expected))),
  not_starts_with: (expected) => text((actual) => !actual.startsWith(String(expected))),
  ends_with: (expected) => text((actual) => actual.endsWith(String(expected))),
  not_ends_with: (expected) => text((actual) => !actual.endsWith(String(expected))),
  exists: () => (actual) => !nothing(actual),
  not_exists: () => nothing,
  is_true: () => is(true),
  is_false: () => is(false),
};

/** @param {unknown} expected @returns {(actual: unknown) => boolean} */
const is = (expected) => (actual) => actual === expected;
/** @param {(actual: any) => boolean} test @returns {(actual: unknown) => boolean} */
const not = (test) => (actual) => !test(actual);
/** @param {(actual: number) => boolean} test @returns {(actual: unknown) => boolean} */
const number = (test) => (actual) => typeof actual === "number" && test(actual);
/** @param {(actual: string) => boolean} test @returns {(actual: unknown) => boolean} */
const text = (test) => (actual) => typeof actual === "string" && test(actual);

/** @type {import("./plan.js").Operators} */
export const TRIGGERS = {
  tail: ({ compile }, plan) => {
    const run = compile(plan);
    return () => String(run(undefined)).slice(1);
  },
  all: ({ compile }, ...plans) => {
    const runs = plans.map(compile);
    return (event) => runs.every((run) => run(event));
  },
  any: ({ compile }, ...plans) => {
    const runs = plans.map(compile);
    return (event) => runs.some((run) => run(event));
  },
  /** Most triggers: each field of the event equals the text that follows it. */
  is:
    (_scope, ...pairs) =>
    (event) => {
      for (let at = 0; at < pairs.length; at += 2) if (event[pairs[at]] !== pairs[at + 1]) return false;
      return true;
    },
  test: ({ compile }, name, path, expected = ["nothing"]) => {
    const run = compile(path);
    if (!Object.hasOwn(TESTS, name)) return () => false;
    const test = TESTS[name](compile(expected)(undefined));
    return (event) => test(run(event));
  },
};
