// Plans: what Python compiles triggers, mappings and commands into, as nested arrays
// [operator, ...operands]. Turned into closures once, then run on the JS values themselves, so that
// no value crosses into Python and none is converted.

/**
 * @typedef {(event: any, payload?: any, callback?: () => void) => any} Run
 * @type {Record<string, (...operands: any[]) => Run>}
 */
const OPERATORS = {
  value: (value) => () => value,
  nothing: () => () => undefined,
  /** @param {string[]} keys */
  path:
    (...keys) =>
    (event) => {
      let value = event;
      for (const key of keys) {
        if (value === undefined || value === null) return undefined;
        value = value[key];
      }
      return value;
    },
  field: (name) => (_event, payload) => payload[name],
  callback: () => (_event, _payload, callback) => callback,
  or: (...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => {
      for (const run of runs) {
        const value = run(event, payload, callback);
        if (value !== undefined && value !== null) return value;
      }
    };
  },
  list: (...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => runs.map((run) => run(event, payload, callback));
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
  equal: (left, right) => {
    const [a, b] = [compile(left), compile(right)];
    return (event) => a(event) === b(event);
  },
};

/**
 * @param {[string, ...any[]]} plan
 * @returns {Run}
 */
export function compile([operator, ...operands]) {
  return OPERATORS[operator](...operands);
}
