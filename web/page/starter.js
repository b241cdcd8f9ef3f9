// Fetches the rest of the page side and has Python run. A try that fails is made again, with the
// events held meanwhile.

import { quietly, show } from "./quietly.js";

const BOOT_MS = 60_000;
/** How long after a failed try the next one begins. */
const PAUSES_MS = [1_000, 5_000, 25_000];

/**
 * @param {Host} host
 * @param {(dispatcher: Dispatcher) => void} started
 */
export function createStarter(host, started) {
  /** Where the page may be seen, and nothing has ended. */
  let allowed = false;
  let tries = 0;
  /** The try that goes on, or the Python that runs. @type {AbortController | undefined} */
  let attempt;

  async function start() {
    if (attempt || !allowed || (host.given.runtime === "page" && !host.connect)) return;
    const current = new AbortController();
    attempt = current;
    host.shown.state = "booting";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    try {
      // In the same round trip what it is going to need.
      if (!tries && !host.given.runtime && !host.given.python)
        host.image = quietly(() => fetch(new URL(FILES.micropythonImage, host.base)).catch(() => undefined));
      // Browsers remember a module that failed to load; another fragment makes it another module.
      const url = new URL(FILES.start + (tries++ ? `#${tries}` : ""), host.base);
      const dispatcher = await new Promise((resolve, reject) => {
        timer = setTimeout(
          () => reject({ code: "boot-timeout", message: `No Python ran within ${BOOT_MS / 1000} s.` }),
          BOOT_MS,
        );
        import(/* webpackIgnore: true */ /* @vite-ignore */ url.href)
          .then((module) => module.start(host, current.signal))
          .then(resolve, reject);
      });
      if (current.signal.aborted) return;
      host.shown.state = "running";
      started(dispatcher);
    } catch (error) {
      if (current.signal.aborted) return;
      current.abort();
      attempt = undefined;
      // A reason of our own has a code, what the browser throws has none.
      const { code, message } = {
        code: "boot-failed",
        message: `${show(error)} Is dist/ complete beside the script? If not, set assets.`,
        .../** @type {any} */ (error),
      };
      host.shown.state = "failed";
      const pause = PAUSES_MS[tries - 1];
      if (!pause) return host.stop(code, message);
      host.report(code, message);
      setTimeout(start, pause);
    } finally {
      clearTimeout(timer);
    }
  }

  return {
    start: () => quietly(start),
    /** From now on Python may be started. */
    allow() {
      allowed = true;
    },
    stop() {
      allowed = false;
      tries = 0;
      attempt?.abort();
      attempt = undefined;
    },
  };
}
