// Elements that show an event. The inspector and the playground use them, each with its own style.

import { write } from "./words.js";

/** @typedef {import("../segment-jimo.d.ts").JimoExplainedSubscription} ExplainedSubscription */

/**
 * @param {string} tag
 * @param {Record<string, string | undefined>} attributes undefined ones are left out
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** The key that each element shows. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draws the content of an element again if its key has changed.
 *
 * @param {Element} target
 * @param {unknown} key identifies the content; must be JSON
 * @param {() => (Node | string)[]} draw
 */
export function fill(target, key, draw) {
  const text = JSON.stringify(key) ?? "";
  if (drawn.get(target) === text) return;
  drawn.set(target, text);
  target.replaceChildren(...draw());
}

/** A block of code that can be scrolled, by keyboard too. @param {string} label @param {string} text */
export const code = (label, text) => element("pre", { tabindex: "0", role: "region", "aria-label": label }, text);

/**
 * @param {ExplainedSubscription[]} subscriptions @returns {HTMLElement} which subscriptions want an event, and why the
 * others do not
 */
export function triggers(subscriptions) {
  return element(
    "ul",
    { class: "triggers" },
    ...subscriptions.map(({ name, matched, trigger, reason }) =>
      element(
        "li",
        { "data-wanted": String(matched) },
        element("b", {}, name),
        " ",
        element("small", {}, matched ? "wants it" : "does not want it"),
        " ",
        element("code", {}, trigger),
        ...(reason ? [" ", element("p", {}, reason)] : []),
      ),
    ),
  );
}

/**
 * @param {ExplainedSubscription} subscription that wants an event @returns {HTMLElement} a table of its fields and
 * their paths
 */
export function fields({ name, action, fields, missing, error }) {
  return element(
    "table",
    { class: "mapped" },
    element("caption", {}, element("b", {}, name), " ", element("small", {}, action)),
    element(
      "tbody",
      {},
      ...fields.map(({ name: field, path, type, value }) =>
        element(
          "tr",
          { "data-type": missing.includes(field) || error?.field === field ? "missing" : type },
          element("th", { scope: "row" }, field),
          element("td", {}, element("code", {}, path ?? "–")),
          element(
            "td",
            {},
            type === "nothing"
              ? element("small", {}, missing.includes(field) ? "nothing, and it is required" : "nothing")
              : element("code", {}, write(value)),
            ...(["nothing", "text"].includes(type) ? [] : [" ", element("small", {}, type)]),
          ),
        ),
      ),
    ),
  );
}

/** @param {unknown[]} commands @returns {string} the calls */
export const calls = (commands) => commands.map((command) => `jimo.push(${write(command, "  ")})`).join("\n");
