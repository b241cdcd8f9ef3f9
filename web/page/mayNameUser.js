// The check before Python runs: may this event name the user that an identified-only page waits for?
// It is exact for a plain value and for @path. For any other directive it says yes: it may start Python
// in vain, but must never overlook a user.

import { afterRoot, follow, keysOf } from "./paths.js";

/** The mapping of the preset. */
const PRESET = { userId: { "@path": "userId" } };

/**
 * @param {unknown} subscriptions as the page gave them, not checked yet
 * @returns {(event: SegmentEvent) => boolean}
 */
export function mayNameUser(subscriptions) {
  return (event) => {
    try {
      const mappings = /** @type {any[]} */ (subscriptions ?? [])
        .filter(({ partnerAction, enabled }) => partnerAction === "sendUserData" && enabled !== false)
        .map(({ mapping }) => mapping ?? PRESET);
      return (mappings.length ? mappings : [PRESET]).some(
        // If one directive fills all fields, only Python can tell.
        (mapping) =>
          Object.keys(mapping).some((key) => /^@|_directive$/.test(key)) || isId(valueOf(mapping.userId, event)),
      );
    } catch {
      // A directive that is unknown here, or subscriptions that Python will refuse.
      return true;
    }
  };
}

/** @param {unknown} value @returns {boolean} whether a field of type STRING takes it, and it is not empty */
const isId = (value) => (value ?? "") !== "" && typeof value !== "object";

/**
 * Returns what the mapping of one field gives; throws if only Python can tell.
 *
 * @param {any} mapping
 * @param {SegmentEvent} event
 * @returns {any}
 */
const valueOf = (mapping, event) =>
  typeof mapping === "object" && mapping ? follow(event, keysOf(afterRoot(mapping["@path"]))) : mapping;
