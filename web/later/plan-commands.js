// Operators of commands, which build a command from the payload of an action.

import { nothing } from "./values.js";

/** @type {import("./plan.js").Operators} */
export const COMMANDS = {
  field: (_scope, name) => (_event, payload) => payload?.[name],
  callback: () => (_event, _payload, callback) => callback,
  or: ({ compile }, ...plans) => {
    const runs = plans.map(compile);
    return (event, payload, callback) => {
      for (const run of runs) {
        const value = run(event, payload, callback);
        if (!nothing(value)) return value;
      }
    };
  },
  /** A list with one more value at its end, unless that is missing or "". */
  optional: ({ compile }, list, plan) => {
    const [values, last] = [list, plan].map(compile);
    return (event, payload, callback) => {
      const value = last(event, payload, callback);
      const all = values(event, payload, callback);
      return nothing(value) || value === "" ? all : [...all, value];
    };
  },
  /** Keys that resolve to undefined are left out. */
  object: ({ compile }, ...entries) => {
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
};
