// One run: sends events through a page, one after the other, and reports the outcome as plain data.

import { openPage } from "./page.mjs";

/**
 * @typedef {import("./testing.d.ts").RecordedProblem} Problem
 * @typedef {import("./testing.d.ts").RecordedEvent} Outcome
 *
 * @typedef {object} Report
 * @property {boolean} running
 * @property {Problem[]} problems
 * @property {Outcome[]} events
 * @property {import("./testing.d.ts").Command[]} commands all of them, in the order in which they reached Jimo
 * @property {Record<string, any>} profiles of the simulator, by user
 * @property {string[]} printed by Python
 */

const TYPES = ["identify", "track", "page", "screen", "group", "alias", "reset"];

/** @param {any} value @returns {any} it without functions */
function plain(value) {
  if (typeof value === "function") return "callback";
  if (Array.isArray(value)) return value.map(plain);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

/** @param {any} event */
function describe({ type, event, name, userId, groupId }) {
  const what = { track: event, page: name, screen: name, identify: userId, alias: userId, group: groupId };
  return [type, what[/** @type {keyof typeof what} */ (type)]].filter((word) => word != null).join(" ");
}

/** Codes that are no fault: everything works as configured. */
const WARNINGS = ["settings-warning", "unmatched-while-refused", "dropped-by-middleware", "reset"];

/** @param {any} error of `status()` @returns {Problem} */
const problem = ({ code, message, subscription, field }) => ({
  kind: WARNINGS.includes(code) ? "warning" : "fault",
  code,
  message,
  ...(subscription && { subscription }),
  ...(field && { field }),
});

/** @param {import("./page.mjs").PageOptions} options */
export async function startSession(options) {
  const page = await openPage(options);
  /** @type {{ text: string, row?: import("./page.mjs").Became, own: any[] }[]} */
  const sent = [];

  /** @param {(typeof sent)[number]} one @returns {Outcome} */
  function outcomeOf({ text, row, own }) {
    const commands = page.pushed.filter((pushed) => row && pushed.row === row).map(({ command }) => command);
    return {
      event: text,
      outcome: row ? row.outcome : "done",
      ...(row?.reason && { reason: row.reason }),
      commands: [...commands, ...own].map(plain),
    };
  }

  return {
    /** @param {any} event as Segment has it, or `{ type: "reset" }` */
    async send(event) {
      if (!TYPES.includes(event?.type))
        throw new TypeError(`type: expected one of ${TYPES.join(", ")}, got ${event?.type}.`);
      const first = page.pushed.length;
      const row = event.type === "reset" ? await page.reset() : await page.send(event, sent.length + 1);
      // Commands of the user's program belong to the event during which they went out.
      const own = page.pushed.slice(first).filter((pushed) => !pushed.row);
      sent.push({ text: describe(event), row: row ?? undefined, own: own.map(({ command }) => command) });
    },
    /** @returns {Report} */
    report: () => ({
      running: page.status().state === "running",
      problems: page.status().errors.map(problem),
      events: sent.map(outcomeOf),
      commands: page.pushed.map(({ command }) => plain(command)),
      profiles: plain(page.profiles()),
      printed: [...page.printed],
    }),
  };
}
