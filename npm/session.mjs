// One run: events, one after the other, through a page, and what came of it as plain data.

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

/** @param {import("./page.mjs").PageOptions} options */
export async function startSession(options) {
  const page = await openPage(options);
  /** @type {{ id: unknown, text: string }[]} */
  const sent = [];
  /** Errors that were there before any event are about the settings. */
  const before = page.status().errors.length;

  /** @param {any} error @param {number} index @returns {Problem} */
  function problem({ code, message, subscription, field }, index) {
    const works = page.status().state === "running" && (!subscription || page.usable()?.includes(subscription));
    const kind = index < before && code === "invalid-settings" && works && subscription ? "warning" : "fault";
    return { kind, code, message, ...(subscription && { subscription }), ...(field && { field }) };
  }

  return {
    /** @param {any} event as Segment has it, or `{ type: "reset" }` */
    async send(event) {
      if (!TYPES.includes(event?.type)) throw new TypeError(`type: expected one of ${TYPES.join(", ")}`);
      const entry = { id: /** @type {unknown} */ (undefined), text: describe(event) };
      const first = page.pushed.length;
      sent.push(entry);
      if (event.type === "reset") await page.reset();
      else entry.id = (await page.send(event, sent.length)).messageId;
      // A command that no event has, such as the identify that ends the waiting for a user.
      for (const one of page.pushed.slice(first)) one.messageId ??= entry.id;
    },
    /** @returns {Report} */
    report: () => ({
      running: page.status().state === "running",
      problems: page.status().errors.map(problem),
      events: sent.map(({ id, text }) => ({
        event: text,
        outcome: id === undefined ? "done" : page.outcomeOf(id),
        commands: page.pushed
          .filter(({ messageId }) => id !== undefined && messageId === id)
          .map((one) => plain(one.command)),
      })),
      commands: page.pushed.map(({ command }) => plain(command)),
      profiles: plain(page.profiles()),
      printed: [...page.printed],
    }),
  };
}
