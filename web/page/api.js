// `window.segmentJimo`: what the page may read of the destination.

import { quietly } from "./quietly.js";

/**
 * Puts `window.segmentJimo` there, unless it is taken.
 *
 * @param {Host} host
 * @param {[code: string, message: string]} twice why a tag stands aside for what Segment brings
 * @returns {(() => void) | undefined} takes it away again; nothing where it was taken
 */
export function publish(host, twice) {
  const there = quietly(() => Object.hasOwn(window, "segmentJimo") && window.segmentJimo);
  if (there) {
    const other = /** @type {any} */ (there).host;
    // One that Segment brings takes the place of a tag's that has not begun.
    if (host.from.tag || !other?.from?.tag || other.shown.timings.registered) return undefined;
    if (other.given.projectId) host.report(...twice);
    other.stop(...twice);
  }
  const api = {
    // For segment_jimo.attach(), with data-runtime="page".
    __proto__: { host },
    get initialized() {
      return host.shown.initialized;
    },
    client: () => window.jimo,
    status: host.status,
  };
  quietly(() => (window.segmentJimo = api));
  return () => quietly(() => window.segmentJimo === api && delete window.segmentJimo);
}
