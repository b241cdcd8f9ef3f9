// Plans: what Python compiles triggers, mappings and commands into, as nested arrays
// [operator, ...operands]. Turned into closures once, then run on the JS values themselves, so that
// no value crosses into Python and none is converted. What a trigger or a mapping means is that
// of Segment's npm packages, theirs being JavaScript's own truth, equality and conversion.

import { afterRoot, follow, keysOf } from "../page/paths.js";
import { liquid } from "./liquid.js";

/** @typedef {(event: any, payload?: any, callback?: () => void) => any} Run */
/** @typedef {[operator: string, ...operands: any[]]} Plan */

/** An error whose text is ours, and so has nothing of the event in it. */
export class Problem extends Error {}

/**
 * What a condition of a trigger asks of the value it looks at, by FQL's own names.
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

/** @param {unknown} value @returns {value is null | undefined} */
const nothing = (value) => value === undefined || value === null;
/** @param {unknown} expected @returns {(actual: unknown) => boolean} */
const is = (expected) => (actual) => actual === expected;
/** @param {(actual: any) => boolean} test @returns {(actual: unknown) => boolean} */
const not = (test) => (actual) => !test(actual);
/** @param {(actual: number) => boolean} test @returns {(actual: unknown) => boolean} */
const number = (test) => (actual) => typeof actual === "number" && test(actual);
/** @param {(actual: string) => boolean} test @returns {(actual: unknown) => boolean} */
const text = (test) => (actual) => typeof actual === "string" && test(actual);

/**
 * What plans need of the bridge that they run in.
 *
 * @type {{ constants: unknown[], call: (number: number, event: any) => unknown }}
 */
export const host = {
  /** Values in the settings that Python only passes on, by number. */
  constants: [],
  /** Calls a function of Python with an event. */
  call: () => undefined,
};

/** @type {Record<string, (...operands: any[]) => Run>} */
const OPERATORS = {
  value: (value) => () => value,
  constant: (number) => OPERATORS.value(host.constants[number]),
  call: (number) => (event) => host.call(number, event),
  nothing: () => () => undefined,
  path: (...keys) => take(keys),
  fail: (problem) => () => {
    throw new Problem(problem);
  },

  // Of commands.
  field: (name) => (_event, payload) => payload?.[name],
  callback: () => (_event, _payload, callback) => callback,
  or: (...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => {
      for (const run of runs) {
        const value = run(event, payload, callback);
        if (!nothing(value)) return value;
      }
    };
  },
  list: (...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => runs.map((run) => run(event, payload, callback));
  },
  /** A list, and one more value if there is one and it is not "". */
  optional: (list, plan) => {
    const [values, last] = [list, plan].map(compile);
    return (event, payload, callback) => {
      const value = last(event, payload, callback);
      const all = values(event, payload, callback);
      return nothing(value) || value === "" ? all : [...all, value];
    };
  },
  /** Keys that resolve to undefined are left out. */
  object: (...entries) => {
    const runs = entries.map(([key, plan]) => /** @type {const} */ ([key, compile(plan)]));
    return (event, payload, callback) => {
      /** @type {Record<string, unknown>} */
      const object = {};
      for (const [key, run] of runs) {
        const value = run(event, payload, callback);
        if (value !== undefined) object[key] = value;
      }
      return object;
    };
  },

  // Of triggers.
  number: (digits) => () => Number(digits),
  tail: (plan) => {
    const run = compile(plan);
    return () => String(run(undefined)).slice(1);
  },
  all: (...plans) => {
    const runs = plans.map(compile);
    return (event) => runs.every((run) => run(event));
  },
  any: (...plans) => {
    const runs = plans.map(compile);
    return (event) => runs.some((run) => run(event));
  },
  /** What most triggers are: each field of the event is the text that follows it. */
  is:
    (...pairs) =>
    (event) => {
      for (let at = 0; at < pairs.length; at += 2) if (event[pairs[at]] !== pairs[at + 1]) return false;
      return true;
    },
  test: (name, path, expected = ["nothing"]) => {
    const run = compile(path);
    if (!Object.hasOwn(TESTS, name)) return () => false;
    const test = TESTS[name](compile(expected)(undefined));
    return (event) => test(run(event));
  },

  // Of mappings.
  /** Leaves out what is undefined in anything that is built inside; see `built`. */
  clean: (plan) => {
    const run = compile(plan);
    return (event) => {
      const outer = built;
      built = [];
      try {
        const value = run(event);
        for (const object of built) {
          for (const key of Object.keys(object)) if (object[key] === undefined) delete object[key];
        }
        return value;
      } finally {
        built = outer;
      }
    };
  },
  record: (...entries) => {
    const runs = entries.map(([key, plan]) => /** @type {const} */ ([key, compile(plan)]));
    return (event) => build(runs.map(([key, run]) => [key, run(event)]));
  },
  /** One key of what another plan gives. */
  key: (plan, name) => {
    const run = compile(plan);
    return (event) => run(event)?.[name];
  },
  "@path": (plan) => {
    if (plan[0] === "value" && typeof plan[1] === "string") return take(keysOf(afterRoot(plan[1])));
    const run = compile(plan);
    return (event) => take(keysOf(afterRoot(expectText("@path", run(event)))))(event);
  },
  "@template": (plan) => {
    const run = compile(plan);
    return (event = {}) =>
      // In two turns, as in the original: what {{{a}}} gives may hold a {{b}}.
      [/\{\{\{([^}]+)\}\}\}/g, /\{\{([^}]+)\}\}/g].reduce(
        (template, place) => template.replace(place, (_, name) => take(keysOf(name.trim()))(event) ?? ""),
        expectText("@template", run(event)),
      );
  },
  "@liquid": (template) => liquid(template),
  "@if": (what, condition, then, otherwise) => {
    const [asks, yes, no] = [condition, then, otherwise].map(compile);
    return (event) => {
      const value = asks(event);
      // Loosely, as in the original: 0, false and [] are blank too.

      return !nothing(value) && (what === "exists" || value != "") ? yes(event) : no(event);
    };
  },
  "@case": (operator, plan) => {
    const run = compile(plan);
    return (event) => {
      const value = run(event);
      if (typeof value !== "string") return value;
      if (operator === "lower") return value.toLowerCase();
      if (operator === "upper") return value.toUpperCase();
      throw new Problem('@case: expected the operator "lower" or "upper"');
    };
  },
  "@replace": (plan, flags, ...pairs) => {
    const run = compile(plan);
    return (event) => {
      let value = run(event);
      if (typeof value === "boolean" || typeof value === "number") value = String(value);
      if (typeof value !== "string" || flags === null) return "";
      for (let index = 0; index < pairs.length; index += 2) {
        const [pattern, replacement] = pairs.slice(index, index + 2);
        if (pattern.length > 10 || replacement.length > 10)
          throw new Problem("@replace: expected patterns and replacements of at most 10 characters");
        value = value.replace(new RegExp(pattern.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), flags), replacement);
      }
      return value;
    };
  },
  "@arrayPath": (plan, shape) => {
    const [root, item] = [plan, shape].map(compile);
    return (event) => {
      const value = root(event);
      if (!Array.isArray(value) && !isObject(value)) return value;
      return (Array.isArray(value) ? value : [value]).map((one) => item(one));
    };
  },
  "@flatten": (plan, separator, omitArrays) => {
    const [run, between] = [plan, separator].map(compile);
    return (event) => {
      const parts = expectText("@flatten", between(event));
      /** @type {[string, unknown][]} */
      const entries = [];
      /** @param {any} value @param {string} prefix */
      const flatten = (value, prefix) => {
        if (!isObject(value) && (omitArrays || !Array.isArray(value))) entries.push([prefix, value]);
        else for (const [key, inner] of Object.entries(value)) flatten(inner, prefix ? `${prefix}${parts}${key}` : key);
      };
      flatten(run(event), "");
      return build(entries);
    };
  },
  "@json": (mode, plan) => {
    const run = compile(plan);
    return (event) => {
      const value = run(event);
      if (mode === "encode") return JSON.stringify(value);
      if (mode !== "decode") return undefined;
      try {
        return typeof value === "string" ? JSON.parse(value) : value;
      } catch {
        return value;
      }
    };
  },
  "@merge": (direction, ...plans) => {
    const side = compile(direction);
    const runs = plans.map(compile);
    return (event) => {
      const left = side(event) === "left";
      const objects = runs.map((run) => run(event));
      return own(Object.assign({}, ...(left ? objects.reverse() : objects)));
    };
  },
  "@transform": (apply, mapping) => {
    const [first, second] = [["clean", apply], mapping].map(compile);
    return (event = {}) => {
      if (!isObject(event)) throw new Problem("@transform: expected an object to work on");
      return second(first(event));
    };
  },
  "@excludeWhenNull": (plan) => {
    const run = compile(plan);
    return (event) => withoutNulls(run(event) ?? undefined);
  },
};

/**
 * What the mapping that runs now has built itself. Keys that resolve to undefined count until it is
 * done, since @merge lets them win, and go then; values of the event are never touched.
 *
 * @type {any[]}
 */
let built = [];

/** @param {any} object */
function own(object) {
  built.push(object);
  return object;
}

/** @param {any[][]} entries */
function build(entries) {
  /** @type {Record<string, unknown>} */
  const object = {};
  for (const [key, value] of entries) if (key !== "__proto__") object[key] = value;
  return own(object);
}

/** @param {unknown} value */
const isObject = (value) => Object.prototype.toString.call(value) === "[object Object]";

/** @param {string} directive @param {unknown} value @returns {string} */
function expectText(directive, value) {
  if (typeof value === "string") return value;
  throw new Problem(`${directive}: expected a text, got ${Object.prototype.toString.call(value).slice(8, -1)}`);
}

/** @param {any} value @returns {any} */
function withoutNulls(value) {
  if (!isObject(value)) return value;
  return build(Object.entries(value).map(([key, inner]) => [key, withoutNulls(inner ?? undefined)]));
}

/** @param {string[]} keys @returns {Run} what is falsy on the way is the result, as in the original */
function take(keys) {
  const [first, second] = keys;
  if (keys.length === 1) return (event) => event && event[first];
  if (keys.length === 2)
    return (event) => {
      const inner = event && event[first];
      return inner && inner[second];
    };
  return (event) => follow(event, keys);
}

/**
 * @param {Plan} plan
 * @returns {Run}
 */
export function compile([operator, ...operands]) {
  return OPERATORS[operator](...operands);
}
