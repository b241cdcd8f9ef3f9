// Starts worker.mjs in a thread and talks to it.

import { Worker } from "node:worker_threads";

/**
 * @typedef {object} RunOptions
 * @property {any} settings
 * @property {{ name: string, text: string }} [program]
 * @property {object} [simulator]
 */

/** @param {RunOptions} options */
export function startWorker(options) {
  const worker = new Worker(new URL("./worker.mjs", import.meta.url), { workerData: options });
  // It must not keep the process alive.
  worker.unref();
  /** @type {Map<number, { resolve: (report: any) => void, reject: (error: Error) => void }>} */
  const waiting = new Map();
  let last = 0;
  worker.on("message", ({ id, report, error }) => {
    const { resolve, reject } = /** @type {any} */ (waiting.get(id));
    waiting.delete(id);
    if (!waiting.size) worker.unref();
    if (error) reject(Object.assign(new Error(error.message), { name: error.name }));
    else resolve(report);
  });
  worker.on("error", (error) => {
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  });

  return {
    /**
     * Sends an event. Without one, only returns the report.
     *
     * @param {any} [event]
     * @returns {Promise<import("./session.mjs").Report>}
     */
    ask: (event) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        worker.ref();
        worker.postMessage({ id, event });
      }),
    close: async () => void (await worker.terminate()),
  };
}
