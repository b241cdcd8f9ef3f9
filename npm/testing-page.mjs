// `segment-jimo/testing/page`, for a page: Storybook, Cypress, Vitest in a browser.

import { startSimulator } from "simulator";

/**
 * Prepares Jimo's simulator and returns the address for `sdkUrl`.
 *
 * @param {Record<string, unknown>} [options] of the simulator
 * @returns {string}
 */
export function simulate(options) {
  Object.assign(window, { JIMO_SIMULATOR: { boot: 0, identify: 0, ...options } });
  const text = `(${startSimulator})(Document)`;
  return URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
}

/** @returns {import("./testing-page.d.ts").Recorder} the commands that reached the simulator on this page */
export function recorder() {
  const simulator = () => /** @type {any} */ (window).jimoSimulator;
  const named = (/** @type {any} */ value) => (typeof value === "function" ? "callback" : value);
  const commands = () =>
    (simulator()?.log ?? []).map((/** @type {any} */ { command: [verb, method, args] }) => [
      verb,
      method,
      (args ?? []).map(named),
    ]);
  return {
    get commands() {
      return commands();
    },
    get profiles() {
      return simulator()?.profiles ?? {};
    },
    async settled({ received, timeout = 10_000 }) {
      const end = performance.now() + timeout;
      for (;;) {
        const status = window.segmentJimo?.status();
        if (status && status.events.received >= received && status.events.held === 0) return commands();
        if (performance.now() > end)
          throw new Error(`Expected ${received} events and none held; got ${JSON.stringify(status?.events)}.`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}
