// The list `status().errors`: each kind of fault once, with its count and times.

import { quietly } from "./quietly.js";

/** @typedef {import("../segment-jimo.d.ts").JimoError} JimoError */

export function createErrors() {
  /** @type {Map<string, JimoError>} */
  const kinds = new Map();
  return {
    /**
     * Adds a fault, or counts it once more.
     *
     * @param {ErrorCode} code
     * @param {string} message contains nothing of an event
     * @param {string} [subscription]
     * @param {string} [field]
     */
    report(code, message, subscription, field) {
      // One field of a subscription may have several mistakes. Elsewhere the code is enough, so that
      // the settings bound how many kinds there are.
      const key = [code, subscription, field, code.includes("settings") && message].join("\n");
      const last = Math.round(performance.now());
      let kind = kinds.get(key);
      if (!kind) {
        kind = { code, message, count: 0, first: last, last };
        if (subscription) kind.subscription = subscription;
        if (field) kind.field = field;
        kinds.set(key, kind);
        quietly(() => console.warn(`[segment-jimo] ${code}: ${message}`));
      }
      kind.count++;
      kind.last = last;
      delete kind.healed;
    },
    kinds,
  };
}
