// Shows the way of each event: analytics.js, trigger, mapping, commands, Jimo. The commands at Jimo are from the log of
// the simulator. All other data are from the journal, as in the inspector.

import { createJournal, waited } from "../inspector/journal.js";
import { calls, code, fields, triggers } from "../inspector/parts.js";
import { inOrder, nameOf } from "../inspector/words.js";
import { byId, element, fill, plural, show, time } from "./dom.js";

/** @typedef {import("../inspector/journal.js").Row} Row */

const STATIONS = ["analytics.js", "Trigger", "Mapping", "Commands", "Jimo"];

export const journal = createJournal();
/** The element of each row, and its commands at Jimo. @type {Map<Row, { element: HTMLElement, entries: any[] }>} */
const shown = new Map();

const list = () => byId("events");

/** @param {HTMLElement} made */
function append(made) {
  const box = byId("events-box");
  const following = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  list().append(made);
  if (following) box.scrollTop = box.scrollHeight;
}

/** Draws a line between the events. @param {string} kind @param {string} words */
export function mark(kind, words) {
  append(element("li", { class: "mark", "data-kind": kind }, words));
}

/** Removes all events. */
export function clear() {
  journal.clear();
  shown.clear();
  list().replaceChildren();
}

/**
 * Draws the changes.
 *
 * @param {any} page the window of the site, or undefined
 * @param {any} status of `segmentJimo.status()`
 */
export function draw(page, status) {
  journal.update(page, status);
  const rows = new Set(journal.rows.values());
  for (const [row, { element }] of shown) {
    if (rows.has(row)) continue;
    element.remove();
    shown.delete(row);
  }
  const log = new Map((page?.jimoSimulator?.log ?? []).map((/** @type {any} */ entry) => [entry.command, entry]));
  for (const row of rows) {
    let one = shown.get(row);
    if (!one) {
      one = { element: draft(row), entries: [] };
      shown.set(row, one);
      append(one.element);
    }
    row.commands.forEach(({ command }, index) => (one.entries[index] ??= log.get(command)));
    drawRow(row, one);
  }
}

/** @param {Row} row */
function draft(row) {
  const id = `way-${row.id.replace(/\W/g, "")}`;
  const details = element("div", { class: "way", id, hidden: "" });
  const line = element("button", { type: "button", class: "line", "aria-expanded": "false", "aria-controls": id });
  line.addEventListener("click", () => {
    details.hidden = !details.hidden;
    line.setAttribute("aria-expanded", String(!details.hidden));
    drawRow(row, /** @type {any} */ (shown.get(row)));
  });
  return element("li", { class: "event", "data-type": row.event.type }, line, details);
}

/** Returns the number of the last station that an event has reached. @param {Row} row */
function reached(row) {
  if (row.outcome === "delivered") return 4;
  if (row.commands.length) return 3;
  if (row.payloads.size) return 2;
  return row.matched ? 1 : 0;
}

/** @param {Row} row */
const wanting = ({ subscriptions }) => subscriptions.filter(({ matched }) => matched);

/** Returns two lines of text for each station, a large and a small one. @param {Row} row @param {any[]} entries @returns {[string, string][]} */
function stops(row, entries) {
  const { matched, payloads, commands, at } = row;
  const fields = [...payloads.values()].reduce((sum, one) => sum + Object.keys(one ?? {}).length, 0);
  const to = entries.findLast(Boolean);
  return [
    [nameOf(row.event) || "–", time(at)],
    [
      matched
        ? wanting(row)
            .map(({ name }) => name)
            .join(", ") || "none"
        : "",
      "",
    ],
    [fields ? plural(fields, "field") : "", ""],
    [commands.map(({ command }) => command[1].replace("segmentio:", "").replace("user:", "")).join(" · "), ""],
    [
      to ? to.profile : row.outcome === "delivered" ? "taken" : "",
      commands.length && row.done ? `+${time(row.done - row.born)}` : "",
    ],
  ];
}

/** @param {Row} row @returns {string} the sentences about its outcome */
function words(row) {
  return [waited(row), row.why].filter(Boolean).join(" ");
}

/** @param {Row} row @param {{ element: HTMLElement, entries: any[] }} shown */
function drawRow(row, { element: made, entries }) {
  const [line, details] = /** @type {any} */ (made.children);
  const far = reached(row);
  const said = words(row);
  const places = stops(row, entries);
  made.dataset.outcome = row.outcome.replace(/ /g, "-");
  fill(line, [far, row.outcome, said, places], () => [
    ...places.map(([words, small], index) =>
      element(
        "span",
        {
          class: "stop",
          "data-state": index < far || row.outcome === "delivered" ? "passed" : index === far ? row.outcome : "ahead",
        },
        element("span", { class: "visually-hidden" }, `${STATIONS[index]}: `),
        ...(index === 0 ? [element("b", {}, row.event.type)] : []),
        element("span", { class: "words" }, words),
        element("small", {}, small),
      ),
    ),
    element(
      "span",
      { class: "names", "aria-hidden": "true" },
      places
        .slice(1, 4)
        .flatMap(([words]) => words || [])
        .join(" → "),
    ),
    element("span", { class: "end" }, element("strong", {}, row.outcome), ...(said ? [element("span", {}, said)] : [])),
  ]);
  if (details.hidden) return;
  const { event, subscriptions, commands } = row;
  fill(details, [event, subscriptions, commands, entries], () => content(row, entries));
}

/** Draws the details of each station. @param {Row} row @param {any[]} entries */
function content(row, entries) {
  /** @param {number} station @param {string} text */
  const text = (station, text) => text && code(`${STATIONS[station]}: ${row.event.type}`, text);
  const parts = [
    text(0, show(inOrder(row.event), "  ")),
    row.subscriptions.length > 0 && triggers(row.subscriptions),
    wanting(row).length > 0 && element("div", {}, ...wanting(row).map(fields)),
    text(3, calls(row.commands.map(({ command }) => command))),
    text(
      4,
      entries
        .filter(Boolean)
        .map(({ at, command, profile }) => `${time(at)}  ${command[1]}  → profile ${profile}`)
        .join("\n"),
    ),
  ];
  return parts.map((part, index) =>
    element("section", {}, element("h3", {}, STATIONS[index]), part || element("p", {}, "Nothing yet.")),
  );
}

/** Returns all rows in their order. The checks of scenarios read them. */
export const all = () => [...journal.rows.values()];
