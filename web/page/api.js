// `window.segmentJimo`: what the page may read of the destination.

import { quietly, show } from "./quietly.js";

/**
 * Puts `window.segmentJimo` there. Of two destinations on a page, the one that has begun stays; else
 * the later one takes over.
 *
 * @param {Host} host
 * @returns {(() => void) | undefined} takes it away again; nothing where this destination has to end
 */
export function publish(host) {
  const there = quietly(() => Object.hasOwn(window, "segmentJimo") && window.segmentJimo);
  if (there) {
    /** @type {Host | undefined} */
    const other = /** @type {any} */ (there).host;
    const isLate = !other || other.shown.timings.registered !== null;
    (isLate ? host : other).stop("already-on-page", "Registered twice on this page. Remove one.");
    if (isLate) return undefined;
  }
  /** What is for developers is in a file of its own. @param {"explain" | "debug" | "inspect"} name */
  const tool =
    (name) =>
    async (/** @type {any[]} */ ...args) =>
      (await host.load(FILES.tools))[name](host, ...args);
  const api = {
    // For segment_jimo.attach(), with data-runtime="page".
    __proto__: { host },
    get initialized() {
      return host.shown.initialized;
    },
    client: () => window.jimo,
    status: host.status,
    explain: tool("explain"),
    debug(on = true) {
      host.given.debug = !!on;
      host.watching = tool("debug")().catch(() => {});
    },
    inspect() {
      const opening = tool("inspect")();
      const close = () => opening.then((panel) => panel.close());
      opening.catch((error) => host.report("tools-failed", show(error)));
      return Object.assign(opening, { close });
    },
  };
  if (host.given.debug) api.debug();
  if (host.given.inspector && /[?#&]segment-jimo=inspect\b/.test(location.href)) api.inspect();
  quietly(() => (window.segmentJimo = api));
  return () => quietly(() => window.segmentJimo === api && delete window.segmentJimo);
}
