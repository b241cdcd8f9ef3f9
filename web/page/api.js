// `window.segmentJimo`: what the page may read of the destination.

import { quietly, show } from "./quietly.js";

/**
 * Puts `window.segmentJimo` there, unless it is taken.
 *
 * @param {Host} host
 * @param {[code: ErrorCode, message: string]} twice why a tag stands aside for what Segment brings
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
  /** What is for developers is in a file of its own. @param {"explain" | "debug" | "inspect"} name */
  const tool =
    (name) =>
    async (/** @type {any[]} */ ...args) =>
      (await import(/* webpackIgnore: true */ /* @vite-ignore */ new URL(FILES.tools, host.base).href))[name](
        host,
        ...args,
      );
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
