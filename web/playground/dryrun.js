// Tries subscriptions on an event with the real destination, in an empty hidden frame.

const SCRIPT = new URL("../../dist/segment-jimo.js", import.meta.url).href;
const SDK = new URL("simulator.js?boot=0&identify=0", import.meta.url).href;
const PATIENCE_MS = 20_000;

/**
 * @typedef {object} Outcome
 * @property {any[]} errors of `segmentJimo.status()`, about the subscriptions
 * @property {import("../segment-jimo.d.ts").JimoExplanation | undefined} explanation what would happen to the event
 */

/** @typedef {{ subscriptions?: unknown, python?: string }} Rules JSON, or a program */

/**
 * @param {Rules} rules
 * @param {any} event without one, only the subscriptions are checked
 * @returns {Promise<Outcome>}
 */
export async function dryRun({ subscriptions, python }, event) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.title = "Dry run";
  document.body.append(frame);
  try {
    const page = /** @type {any} */ (frame.contentWindow);
    await new Promise((resolve, reject) => {
      const script = page.document.createElement("script");
      script.onload = resolve;
      script.onerror = () => reject(new Error(`${SCRIPT} did not load.`));
      script.src = SCRIPT;
      page.document.head.append(script);
    });
    if (python !== undefined) {
      const program = page.document.createElement("script");
      program.type = "text/x-python";
      program.dataset.segmentJimo = "";
      program.textContent = python;
      page.document.head.append(program);
    }
    const given = { projectId: "dry-run", subscriptions, sdkUrl: SDK };
    const plugin = page.jimoDestination(page.JSON.parse(JSON.stringify(given)));
    await plugin.load({}, { on() {}, off() {} });
    const { explain, status } = page.segmentJimo;
    const end = Date.now() + PATIENCE_MS;
    const isReady = () => status().state === "failed" || /live|failed/.test(status().sdk);
    while (!isReady() && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, 20));
    if (!event) return { errors: status().errors, explanation: undefined };
    const theirs = page.JSON.parse(JSON.stringify(event));
    // An event of Segment has a Date here, which JSON cannot represent.
    if (typeof theirs.timestamp === "string") theirs.timestamp = new page.Date(theirs.timestamp);
    const explanation = await explain(theirs);
    return { errors: status().errors, explanation };
  } finally {
    frame.remove();
  }
}
