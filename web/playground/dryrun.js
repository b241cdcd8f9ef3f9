// Tries subscriptions on an event with the real destination, in a hidden frame where nothing else is.

import { show } from "./dom.js";

const SCRIPT = new URL("../../dist/segment-jimo.js", import.meta.url).href;
const SDK = new URL("simulator.js?boot=0&identify=0", import.meta.url).href;
const PATIENCE_MS = 20_000;

/**
 * @typedef {object} Outcome
 * @property {any[]} errors of `segmentJimo.status()`
 * @property {{ name: string, action: string, wanted: boolean, payload: string }[]} subscriptions those that can be used
 * @property {string[]} pushed what went to `window.jimo.push`
 * @property {string} outcome "delivered", "dropped" or "unmatched"; "" where no event was tried
 */

/**
 * @param {unknown} subscriptions
 * @param {any} event
 * @returns {Promise<Outcome>}
 */
export async function dryRun(subscriptions, event) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Dry run";
  document.body.append(frame);
  try {
    const page = /** @type {any} */ (frame.contentWindow);
    await new Promise((resolve, reject) => {
      const script = page.document.createElement("script");
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${SCRIPT} could not be loaded.`));
      script.src = SCRIPT;
      page.document.head.append(script);
    });
    /** @type {any[]} */
    const told = [];
    page.addEventListener("segment-jimo", (/** @type {CustomEvent} */ { detail }) => told.push(detail));
    const given = { projectId: "dry-run", subscriptions, sdkUrl: SDK, debug: true };
    const plugin = page.jimoDestination(page.JSON.parse(JSON.stringify(given)));
    await plugin.load({}, { on() {}, off() {} });
    const theirs = page.JSON.parse(JSON.stringify(event));
    // Segment's event has a date there, which JSON has no form for.
    if (typeof theirs.timestamp === "string") theirs.timestamp = new page.Date(theirs.timestamp);
    plugin[theirs.type]?.({ event: theirs, log() {} });
    const end = Date.now() + PATIENCE_MS;
    const settled = () => {
      const { state, events } = page.segmentJimo.status();
      return state === "failed" || (state === "running" && events.held === 0);
    };
    while (!settled() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    const { errors, events } = page.segmentJimo.status();
    const matched = told.find(({ what }) => what === "matched");
    return {
      errors,
      subscriptions: (matched?.subscriptions ?? []).map(
        (/** @type {any} */ { name, action }, /** @type {number} */ index) => {
          const mapped = told.find(({ what, subscription }) => what === "mapped" && subscription === index);
          const wanted = matched.matched.split(",").includes(String(index));
          return { name, action, wanted, payload: mapped ? show(mapped.payload, "  ") : "" };
        },
      ),
      pushed: told.filter(({ what }) => what === "command").map(({ command }) => show(command, "  ")),
      outcome: ["delivered", "dropped", "unmatched"].find((name) => events[name]) ?? "",
    };
  } finally {
    frame.remove();
  }
}
