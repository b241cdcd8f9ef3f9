// A thread with a page in it: takes events one after the other, and answers each with a report.

import { parentPort, workerData } from "node:worker_threads";
import { ProgramError } from "./interpreter.mjs";
import { startSession } from "./session.mjs";

const port = /** @type {import("node:worker_threads").MessagePort} */ (parentPort);
const dist = new URL("../dist/", import.meta.url);
const session = startSession({ ...workerData, dist });
session.catch(() => {});

port.on("message", async ({ id, event }) => {
  try {
    const running = await session;
    if (event) await running.send(event);
    port.postMessage({ id, report: running.report() });
  } catch (error) {
    const { name, message } = /** @type {Error} */ (error);
    port.postMessage({ id, error: { name: error instanceof ProgramError ? "ProgramError" : name, message } });
  }
});
