// The list of events in the inspector, newest on top. A row opens to show the event's way.

import { now, waited } from "./journal.js";
import { calls, code, element, fields, fill, triggers } from "./parts.js";
import { createTrial } from "./trial.js";
import { inOrder, nameOf, plural, time, write } from "./words.js";

/** @typedef {import("./journal.js").Row} Row */

const OUTCOMES = ["held", "delivered", "unmatched", "dropped", "kept back"];

/**
 * @param {Host} host
 * @param {ReturnType<typeof import("./journal.js").createJournal>} journal
 * @param {ReturnType<typeof import("./actions.js").createActions>} actions
 */
export function createRows(host, journal, actions) {
  /** @type {Map<Row, HTMLElement>} */
  const shown = new Map();
  const filter = /** @type {HTMLInputElement} */ (element("input", { type: "search", id: "filter" }));
  const outcome = /** @type {HTMLSelectElement} */ (
    element(
      "select",
      { id: "outcome" },
      element("option", { value: "" }, "all"),
      ...OUTCOMES.map((name) => element("option", {}, name)),
    )
  );
  const list = element("ol", { class: "events" });
  const empty = element("p", { class: "empty" });
  const trial = createTrial(host);
  for (const control of [filter, outcome]) control.addEventListener("input", draw);

  /** @param {Row} row @param {HTMLElement} details @returns {HTMLElement} */
  function buttonsOf(row, details) {
    return element(
      "p",
      { class: "buttons" },
      button("Copy as a test case", () => actions.copyTestCase(row)),
      button("Try it with changes", () => trial.open(row.event, details)),
    );
  }

  /** @param {Row} row */
  function draft(row) {
    const id = `row-${row.id.replace(/\W/g, "")}`;
    const details = element("div", { class: "way", id, hidden: "" });
    const content = element("div", { class: "parts" });
    const line = element("button", { type: "button", class: "line", "aria-expanded": "false", "aria-controls": id });
    line.addEventListener("click", () => {
      details.hidden = !details.hidden;
      line.setAttribute("aria-expanded", String(!details.hidden));
      if (!details.childElementCount) details.append(content, buttonsOf(row, details));
      drawRow(row);
    });
    const made = element("li", { class: "event", "data-type": row.event.type }, line, details);
    shown.set(row, made);
    list.prepend(made);
    return made;
  }

  /** @param {Row} row */
  function drawRow(row) {
    const made = shown.get(row) ?? draft(row);
    const [line, details] = /** @type {any} */ (made.children);
    const { event, outcome, at, why } = row;
    const age = ageOf(now(window) - row.born);
    made.dataset.outcome = outcome.replace(/ /g, "-");
    const said = [howLong(row), why].filter(Boolean).join(" ");
    const user = event.userId ? String(event.userId) : row.bare ? "" : "anonymous";
    fill(line, [event.type, nameOf(event), outcome, said, user, age], () => [
      element("b", {}, event.type),
      element("span", { class: "name" }, nameOf(event) || "–"),
      element("span", { class: "user" }, user),
      element("small", { title: `${Math.round(at)} ms since navigation` }, age),
      element("span", { class: "end" }, element("strong", {}, outcome), ...(said ? [" ", said] : [])),
    ]);
    if (details.hidden) return;
    const { subscriptions, commands, payloads } = row;
    fill(details.firstChild, [write(event), subscriptions, commands.length, [...payloads.keys()]], () => content(row));
  }

  function draw() {
    const wanted = filter.value.trim().toLowerCase();
    for (const [row, made] of shown) {
      if (journal.rows.get(row.id) === row) continue;
      made.remove();
      shown.delete(row);
    }
    let visible = 0;
    for (const row of journal.rows.values()) {
      drawRow(row);
      const { event } = row;
      const text = `${event.type} ${nameOf(event)} ${event.userId ?? ""} ${row.outcome}`.toLowerCase();
      const fits = text.includes(wanted) && (!outcome.value || outcome.value === row.outcome);
      const made = /** @type {HTMLElement} */ (shown.get(row));
      made.hidden = !fits;
      if (fits) visible++;
    }
    empty.hidden = visible > 0;
    empty.textContent = journal.rows.size
      ? "No event fits the filter."
      : "No event yet. New events of analytics.js appear here.";
  }

  return {
    element: element(
      "div",
      { class: "board" },
      element(
        "div",
        { class: "tools", role: "group", "aria-label": "Events" },
        element("label", { for: "filter" }, "Filter"),
        filter,
        element("label", { for: "outcome" }, "Outcome"),
        outcome,
        button("Clear", () => {
          actions.clear();
          draw();
        }),
        button("Copy a report", actions.copyReport),
      ),
      element(
        "div",
        { class: "scroller", tabindex: "0", role: "region", "aria-label": "Events, newest first" },
        list,
        empty,
      ),
    ),
    draw,
  };
}

/** @param {string} label @param {() => unknown} work */
export function button(label, work) {
  const made = element("button", { type: "button" }, label);
  made.addEventListener("click", () => void work());
  return made;
}

/** @param {Row} row @returns {string} how long it waits or waited, and for what */
function howLong(row) {
  if (row.outcome === "held") return `For ${time(now(window) - row.born)}.`.replace(/\d+ ms/, "less than 1 s");
  return waited(row);
}

/** @param {number} ms */
function ageOf(ms) {
  if (ms < 1_000) return "now";
  if (ms < 60_000) return `${Math.floor(ms / 1_000)} s ago`;
  return `${Math.floor(ms / 60_000)} min ago`;
}

/** The details of a row. @param {Row} row */
function content(row) {
  const { event, subscriptions, commands } = row;
  const wanting = subscriptions.filter(({ matched }) => matched);
  /** @type {[string, Node | false | undefined][]} */
  const parts = [
    ["Triggers", subscriptions.length > 0 && triggers(subscriptions)],
    ["Fields", wanting.length > 0 && element("div", {}, ...wanting.map(fields))],
    [
      plural(commands.length, "command"),
      commands.length > 0 && code("Commands", calls(commands.map(({ command }) => command))),
    ],
    ["Event", row.bare ? undefined : code(`Event: ${event.type}`, write(inOrder(event), "  "))],
  ];
  if (row.bare) {
    return [
      element(
        "p",
        {},
        "This event came before the inspector was open, so the inspector knows only what segmentJimo.status() has.",
      ),
    ];
  }
  return parts.flatMap(([title, part]) => (part ? [element("section", {}, element("h2", {}, title), part)] : []));
}
