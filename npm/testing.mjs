// `segment-jimo/testing`, for Node: shows a test which commands reach Jimo.

import { fileURLToPath } from "node:url";
import { startWorker } from "./host.mjs";

const NAME = "Jimo (Actions)";

/** The file of Jimo's simulator, for a server or a browser that a test drives. */
export const simulatorFile = fileURLToPath(new URL("./simulator.js", import.meta.url));

/**
 * Starts the destination in its own thread, with Jimo's simulator instead of Jimo.
 *
 * @param {import("./testing.d.ts").RecorderOptions} options
 * @returns {Promise<import("./testing.d.ts").Recorder>}
 */
export async function recorder({ settings, python, simulator }) {
  const program = python === undefined ? undefined : { name: "python", text: python };
  const worker = startWorker({ settings, program, simulator });
  let report = await worker.ask().catch(async (error) => {
    await worker.close();
    throw error;
  });
  /** The events without an answer yet. @type {Promise<unknown>} */
  let pending = Promise.resolve();
  /** @type {Error | undefined} */
  let failure;

  /** @param {any} event */
  function send(event) {
    // An event of analytics.js may contain anything, but only data can go to another thread.
    const data = JSON.parse(JSON.stringify(event));
    const answer = worker.ask(data).then(
      (next) => (report = next),
      (error) => (failure ??= error),
    );
    pending = pending.then(() => answer);
  }

  const plugin = /** @type {any} */ ({
    name: NAME,
    type: "destination",
    version: "test",
    isLoaded: () => true,
    load: async (/** @type {any} */ _ctx, /** @type {any} */ analytics) =>
      void analytics.on("reset", () => send({ type: "reset" })),
  });
  for (const type of ["identify", "track", "page", "screen", "group", "alias"])
    plugin[type] = (/** @type {any} */ ctx) => {
      send(ctx.event);
      return ctx;
    };

  return {
    plugin,
    send,
    reset: () => send({ type: "reset" }),
    async settled() {
      await pending;
      if (failure) throw failure;
      return report.commands;
    },
    get commands() {
      return report.commands;
    },
    get events() {
      return report.events;
    },
    get problems() {
      return report.problems;
    },
    get profiles() {
      return report.profiles;
    },
    close: worker.close,
  };
}

/**
 * Makes a page of Playwright use the simulator for Jimo. Call it before the page is opened.
 *
 * @param {import("./testing.d.ts").PlaywrightPage} page
 * @param {Record<string, unknown>} [simulator] its options
 * @returns {Promise<import("./testing.d.ts").PageRecorder>}
 */
export async function recordPage(page, simulator) {
  await page.addInitScript(`window.JIMO_SIMULATOR = ${JSON.stringify({ boot: 0, identify: 0, ...simulator })}`);
  await page.route("**/jimo-invader.js", (route) =>
    route.fulfill({ path: simulatorFile, contentType: "text/javascript" }),
  );
  const look = () =>
    page.evaluate(() => {
      const { segmentJimo, jimoSimulator } = /** @type {any} */ (globalThis);
      const text = (/** @type {unknown} */ value) =>
        JSON.stringify(value, (_key, inner) => (typeof inner === "function" ? "callback" : inner));
      return JSON.parse(
        text({
          status: segmentJimo?.status(),
          commands: (jimoSimulator?.log ?? []).map((/** @type {any} */ { command }) => command),
          profiles: jimoSimulator?.profiles ?? {},
        }),
      );
    });
  return {
    commands: async () => (await look()).commands,
    profiles: async () => (await look()).profiles,
    async settled({ received, timeout = 10_000 }) {
      const end = Date.now() + timeout;
      for (;;) {
        const { status, commands } = await look();
        if (status?.events.received >= received && status.events.held === 0) return commands;
        if (Date.now() > end) throw new Error(tooLate(received, status));
        await page.waitForTimeout(20);
      }
    },
  };
}

/** @param {number} received @param {any} status */
function tooLate(received, status) {
  if (!status) return "No destination is on the page: window.segmentJimo does not exist.";
  const errors = status.errors.map((/** @type {any} */ { message }) => message).join(" ");
  return `Expected ${received} events and none held; got ${JSON.stringify(status.events)}. ${errors}`;
}
