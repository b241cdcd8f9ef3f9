// Operators of mappings: Segment's directives.

import { afterRoot, keysOf } from "../page/paths.js";
import { liquid } from "./liquid.js";
import { isObject, nothing, Problem, take } from "./values.js";

/** @typedef {import("./plan.js").Scope} Scope */

/** @type {import("./plan.js").Operators} */
export const MAPPINGS = {
  /**
   * Removes undefined keys from the objects that the mapping built, once it is done: until then they count, because
   * they win in @merge. Values of the event are never changed.
   */
  clean: (scope, plan) => {
    const run = scope.compile(plan);
    return (event) => {
      const outer = scope.built;
      /** @type {any[]} */
      const built = (scope.built = []);
      try {
        const value = run(event);
        for (const object of built) {
          for (const key of Object.keys(object)) if (object[key] === undefined) delete object[key];
        }
        return value;
      } finally {
        scope.built = outer;
      }
    };
  },
  record: (scope, ...entries) => {
    const runs = entries.map(([key, plan]) => /** @type {const} */ ([key, scope.compile(plan)]));
    return (event) =>
      build(
        scope,
        runs.map(([key, run]) => [key, run(event)]),
      );
  },
  "@path": ({ compile }, plan) => {
    const run = compile(plan);
    const known = plan[0] === "value" || plan[0] === "constant" ? run(undefined) : undefined;
    if (typeof known === "string") return take(keysOf(afterRoot(known)));
    return (event) => take(keysOf(afterRoot(expectText("@path", run(event)))))(event);
  },
  "@template": ({ compile }, plan) => {
    const run = compile(plan);
    return (event = {}) =>
      // Twice, as in the original: the value of {{{a}}} may contain {{b}}.
      [/\{\{\{([^}]+)\}\}\}/g, /\{\{([^}]+)\}\}/g].reduce(
        (template, place) => template.replace(place, (_, name) => take(keysOf(name.trim()))(event) ?? ""),
        expectText("@template", run(event)),
      );
  },
  "@liquid": (_scope, template) => liquid(template),
  "@if": ({ compile }, what, condition, then, otherwise) => {
    const [asks, yes, no] = [condition, then, otherwise].map(compile);
    return (event) => {
      const value = asks(event);
      // Loosely, as in the original: 0, false and [] are blank too.
      return !nothing(value) && (what === "exists" || value != "") ? yes(event) : no(event);
    };
  },
  "@case": ({ compile }, operator, plan) => {
    const run = compile(plan);
    return (event) => {
      const value = run(event);
      if (typeof value !== "string") return value;
      if (operator === "lower") return value.toLowerCase();
      if (operator === "upper") return value.toUpperCase();
      throw new Problem('@case: expected the operator "lower" or "upper"');
    };
  },
  "@replace": ({ compile }, plan, flags, ...pairs) => {
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
  "@arrayPath": ({ compile }, plan, shape) => {
    const [root, item] = [plan, shape].map(compile);
    return (event) => {
      const value = root(event);
      if (!Array.isArray(value) && !isObject(value)) return value;
      return (Array.isArray(value) ? value : [value]).map((one) => item(one));
    };
  },
  "@flatten": (scope, plan, separator, omitArrays) => {
    const [run, between] = [plan, separator].map(scope.compile);
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
      return build(scope, entries);
    };
  },
  "@json": ({ compile }, mode, plan) => {
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
  "@merge": (scope, direction, ...plans) => {
    const side = scope.compile(direction);
    const runs = plans.map(scope.compile);
    return (event) => {
      const left = side(event) === "left";
      const objects = runs.map((run) => run(event));
      return remember(scope, Object.assign({}, ...(left ? objects.reverse() : objects)));
    };
  },
  "@transform": ({ compile }, apply, mapping) => {
    const [first, second] = [["clean", apply], mapping].map(compile);
    return (event = {}) => {
      if (!isObject(event)) throw new Problem("@transform: expected an object to work on");
      return second(first(event));
    };
  },
  "@excludeWhenNull": (scope, plan) => {
    const run = scope.compile(plan);
    return (event) => withoutNulls(scope, run(event) ?? undefined);
  },
};

/**
 * @template T
 * @param {Scope} scope
 * @param {T} object that was built here, and may have keys that are undefined
 */
function remember(scope, object) {
  scope.built?.push(object);
  return object;
}

/** @param {Scope} scope @param {any[][]} entries */
function build(scope, entries) {
  /** @type {Record<string, unknown>} */
  const object = {};
  for (const [key, value] of entries) if (key !== "__proto__") object[key] = value;
  return remember(scope, object);
}

/** @param {string} directive @param {unknown} value @returns {string} */
function expectText(directive, value) {
  if (typeof value === "string") return value;
  throw new Problem(`${directive}: expected a text, got ${Object.prototype.toString.call(value).slice(8, -1)}`);
}

/** @param {Scope} scope @param {any} value @returns {any} */
function withoutNulls(scope, value) {
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, withoutNulls(scope, inner ?? undefined)]);
  return build(scope, entries);
}
