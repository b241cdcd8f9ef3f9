// Fetches the rest of the page side and starts Python. If that fails, it tries again; events are held
// meanwhile.

import { quietly, show } from "./quietly.js";
import { INLINE_PYTHON } from "./settings.js";

const BOOT_MS = 60_000;
/** How long after a failed try the next one begins. */
const PAUSES_MS = [1_000, 5_000, 25_000];

/**
 * @param {Host} host
 * @param {(dispatcher: Dispatcher) => void} started
 */
export function createStarter(host, started) {
  /** Python may start: the page is shown, not only prerendered, and the destination has not ended. */
  let allowed = false;
  let tries = 0;
  /** Begins the next try. @type {ReturnType<typeof setTimeout> | undefined} */
  let pause;
  /** Ends the current try, or the Python that runs. @type {AbortController | undefined} */
  let attempt;

  function end() {
    attempt?.abort();
    attempt = undefined;
  }

  async function start() {
    if (attempt || pause || !allowed) return;
    attempt = new AbortController();
    const { signal } = attempt;
    /** @param {unknown} error */
    function fail(error) {
      if (signal.aborted) return;
      end();
      // Our own reasons have a code; what the browser throws has none.
      const { code, message } = {
        code: "boot-failed",
        message: `Python failed (${show(error)}). Check that dist/ is complete, or set assets.`,
        .../** @type {any} */ (error),
      };
      const wait = PAUSES_MS[tries - 1];
      if (!wait) return host.stop(code, message);
      host.shown.state = "failed";
      host.report(code, message);
      pause = setTimeout(() => {
        pause = undefined;
        start();
      }, wait);
    }
    const message = `No Python ran within ${BOOT_MS / 1000} s. See the console.`;
    const timer = setTimeout(fail, BOOT_MS, { code: "boot-timeout", message });
    host.shown.state = "booting";
    // The start file needs this image next, so fetch both in one round trip.
    const { runtime, python } = host.given;
    if (!tries && (runtime ?? "micropython") === "micropython" && !python && !document.querySelector(INLINE_PYTHON))
      host.image = quietly(() => fetch(new URL(FILES.micropythonImage, host.base)).catch(() => undefined));
    const loading = host.load(FILES.start);
    tries++;
    try {
      const dispatcher = await (await loading).start(host, signal, timer);
      if (!signal.aborted) started(dispatcher);
    } catch (error) {
      fail(error);
    }
    clearTimeout(timer);
  }

  return {
    start,
    /** Has the settings checked, and reports what is wrong. */
    check: () => host.load(FILES.start).then((module) => module.check(host), show),
    /** Allows Python to start from now on. */
    allow() {
      allowed = true;
    },
    stop() {
      allowed = false;
      tries = 0;
      clearTimeout(pause);
      pause = undefined;
      end();
    },
  };
}
