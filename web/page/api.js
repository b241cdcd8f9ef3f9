// `window.segmentJimo`: what the page may read of the destination.

import { nameOf, quietly } from "./quietly.js";

/**
 * Sets `window.segmentJimo`. If a page makes two destinations, the first one stays if analytics.js has
 * loaded it; else the second one takes over.
 *
 * @param {Host} host
 */
export function publish(host) {
  const there = quietly(() => Object.hasOwn(window, "segmentJimo") && window.segmentJimo);
  if (there) {
    /** @type {Host | undefined} */
    const other = /** @type {any} */ (there).host;
    /** @type {Parameters<Host["stop"]>} */
    const twice = ["already-on-page", "Registered twice. Remove one."];
    if (other?.shown.timings.registered !== null) return host.stop(...twice);
    other.stop(...twice);
    if (other.given.projectId) host.report(...twice);
  }
  /** @type {any} */
  const api = {
    // segment_jimo.attach() finds the host here, with data-runtime="page".
    __proto__: { host },
    get initialized() {
      return host.shown.initialized;
    },
    client: () => window.jimo,
    status: host.status,
  };
  // The developers' tools are in a file of their own. If it does not load, that is reported.
  for (const name of ["explain", "debug", "inspect"]) {
    api[name] = (/** @type {unknown[]} */ ...given) => {
      const coming = host
        .load(FILES.tools)
        .then((tools) => tools[name](host, ...given))
        .catch((error) =>
          host.report(
            "tools-failed",
            `The tools failed (${nameOf(error)}). Check that dist/ is complete, or set assets.`,
          ),
        );
      return Object.assign(coming, { close: () => coming.then((panel) => panel?.close()) });
    };
  }
  if (host.given.debug) host.watching = api.debug();
  if (host.given.inspector && /[?#&]segment-jimo=inspect\b/.test(location.href)) api.inspect();
  quietly(() => (window.segmentJimo = api));
}

/** Removes it again. @param {Host} host */
export const withdraw = (host) =>
  quietly(() => /** @type {any} */ (window.segmentJimo).host === host && delete window.segmentJimo);
