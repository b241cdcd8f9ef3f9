// The head of the inspector: the visitor, the state of Python and Jimo, and the errors.

import { quietly } from "../page/quietly.js";
import { element, fill } from "./parts.js";
import { plural, time } from "./words.js";

/** @typedef {import("../segment-jimo.d.ts").JimoStatus} Status */

/** @type {Record<string, string>} */
const PYTHON = { waiting: "not started", booting: "is booting", running: "runs", failed: "does not run" };
/** @type {Record<string, string>} */
const JIMO = {
  none: "not on the page",
  loading: "is loading",
  live: "is live",
  failed: "cannot be loaded",
  quota: "is over its monthly users",
};
/** @type {Record<string, string>} */
const RUNTIMES = { micropython: "MicroPython", pyodide: "Pyodide", page: "The page’s Python" };
/** @type {Record<string, string>} */
const TIMINGS = {
  registered: "registered",
  booted: "Python runs",
  sdkLive: "Jimo is live",
  firstCommand: "first command",
};

/** @param {Host} host @param {ReturnType<typeof import("./watch.js").watch>} watched */
export function createHead(host, { journal, guard }) {
  const states = element("ul", { class: "states", "aria-label": "State" });
  const facts = element("dl", {});
  const more = element("details", {}, element("summary", {}, "Visitor, settings, timings"), facts);
  const errors = element("ul", { class: "errors", "aria-label": "Errors" });

  /** @returns {[string, string][]} */
  function known() {
    const { version, timings } = host.status();
    const ids = host.stamps.seen();
    const told = host.inside?.told();
    return [
      ["User ID", String(ids?.userId ?? "none")],
      ["Anonymous ID", String(ids?.anonymousId ?? "not known yet")],
      ["Jimo knows", told ? String(told.userId ?? "nobody") : "nobody on this page"],
      ["Monthly users", quota(host)],
      ["Project", String(host.given.projectId)],
      ["Only identified users", host.given.manualInit ? "yes" : "no"],
      ["Version", version],
      ["analytics.js", String(quietly(() => /** @type {any} */ (host.analytics).VERSION) ?? "unknown")],
      ...Object.entries(timings).map(
        ([name, ms]) => /** @type {[string, string]} */ ([TIMINGS[name], ms === null ? "not yet" : `${ms} ms`]),
      ),
      ["Consent", consentOf(journal)],
      ["Attributes seen", guard.summary()],
    ];
  }

  return {
    element: element("div", { class: "head" }, states, more, errors),

    draw() {
      const status = host.status();
      const { runtime, state, sdk } = status;
      fill(states, [runtime, state, sdk], () => [
        element("li", { "data-state": state }, `${RUNTIMES[runtime ?? ""] ?? "Python"} ${PYTHON[state]}`),
        element("li", { "data-state": sdk }, `Jimo ${JIMO[sdk]}`),
      ]);
      const found = known();
      fill(facts, found, () =>
        found.map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
      );
      fill(errors, status.errors, () => status.errors.map(drawError));
    },
  };
}

/** @param {import("../segment-jimo.d.ts").JimoError} error */
function drawError({ code, message, count, last, healed }) {
  // The message of a trigger has a caret below the place.
  const [words, ...place] = message.split("\n");
  const often = `${count > 1 ? `${plural(count, "time")}, last ` : ""}at ${time(last)}${healed ? ", over now" : ""}`;
  return element(
    "li",
    { "data-healed": String(!!healed) },
    element("code", {}, code),
    ` ${words} `,
    element("small", {}, often),
    ...(place.length ? [element("pre", {}, place.join("\n"))] : []),
  );
}

/** @param {Host} host */
function quota(host) {
  if (host.shown.sdk === "quota" || window.JIMO_MAU_LIMIT_REACHED) return "reached";
  const reached = quietly(() => window.jimoIsMauLimitReached?.());
  return reached === undefined ? "unknown" : reached ? "reached" : "not reached";
}

/** @param {ReturnType<typeof import("./journal.js").createJournal>} journal */
function consentOf({ rows }) {
  const last = [...rows.values()].findLast(({ event }) => event.context?.consent);
  const categories = last?.event.context.consent.categoryPreferences;
  if (!categories) return "unknown; no event has consent data";
  return Object.entries(categories)
    .map(([name, given]) => `${name}: ${given ? "yes" : "no"}`)
    .join(", ");
}
