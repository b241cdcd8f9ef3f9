// The check before Python runs: may this event name the user for whom an identified-only page
// waits? It is exact for a plain value and for @path. For any other directive it says yes: it may boot
// Python in vain, but must never overlook a user.

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
        // Where a directive stands for all fields at once, only Python can tell.
        (mapping) =>
          Object.keys(mapping).some((key) => /^@|_directive$/.test(key)) || isId(valueOf(mapping.userId, event)),
      );
    } catch {
      // A directive that is not known here, or subscriptions that Python is going to refuse.
      return true;
    }
  };
}

/** @param {unknown} value what a field of type STRING would take, unless it is empty */
const isId = (value) => (value ?? "") !== "" && typeof value !== "object";

/**
 * What the mapping of one field gives; throws where only Python can tell.
 *
 * @param {any} mapping
 * @param {SegmentEvent} event
 * @returns {any}
 */
const valueOf = (mapping, event) =>
  typeof mapping === "object" && mapping ? follow(event, keysOf(afterRoot(mapping["@path"]))) : mapping;
