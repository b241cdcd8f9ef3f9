// Tries a changed event with `segmentJimo.explain()`, without any effect.

import { explain } from "./explain.js";
import { maskCommand } from "./mask.js";
import { calls, code, element, fields, triggers } from "./parts.js";
import { HELD, inOrder, plural, whyKeptBack } from "./words.js";

/** @param {Host} host */
export function createTrial(host) {
  /** @param {any} event @param {HTMLElement} result */
  async function run(event, result) {
    const { outcome, reason, subscriptions, commands } = await explain(host, event);
    const held = outcome === "held" ? HELD[reason ?? ""] : undefined;
    const why = ` ${held ?? (reason === "switched-off" ? whyKeptBack(event) : (reason ?? ""))}`;
    const words = outcome === "delivered" ? `delivered with ${plural(commands.length, "command")}` : outcome;
    result.replaceChildren(
      element("p", { class: "verdict", "data-outcome": outcome }, element("strong", {}, words), why),
      triggers(subscriptions),
      ...subscriptions.flatMap(({ error }) => (error ? [element("p", {}, error.message)] : [])),
      ...subscriptions.filter(({ matched }) => matched).map(fields),
      ...(commands.length ? [code("What would be pushed", calls(commands.map(maskCommand)))] : []),
    );
  }

  return {
    /**
     * Puts a form for it below an event, once.
     *
     * @param {any} event
     * @param {HTMLElement} place
     */
    open(event, place) {
      const there = /** @type {HTMLElement | null} */ (place.querySelector("textarea"));
      if (there) return there.focus();
      const area = /** @type {HTMLTextAreaElement} */ (
        element("textarea", { "aria-label": "Event to try, as JSON", spellcheck: "false", rows: "10" })
      );
      area.value = JSON.stringify(inOrder(event), null, 2);
      const result = element("div", { class: "result", role: "status" });
      const form = element(
        "form",
        { class: "trial" },
        area,
        element("button", { type: "submit" }, "Try it"),
        element("small", {}, "Nothing is sent."),
        result,
      );
      form.addEventListener("submit", (submitted) => {
        submitted.preventDefault();
        try {
          const changed = JSON.parse(area.value);
          // analytics.js has a date there, which JSON cannot represent.
          if (typeof changed.timestamp === "string") changed.timestamp = new Date(changed.timestamp);
          void run(changed, result);
        } catch (error) {
          result.replaceChildren(`This is not JSON. ${/** @type {Error} */ (error).message}`);
        }
      });
      place.append(form);
      area.focus();
    },
  };
}
