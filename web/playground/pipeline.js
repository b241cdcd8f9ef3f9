// The way of each event: analytics.js, trigger, mapping, commands, Jimo. What it knows comes from
// analytics.js ("dispatch_start"), from the destination's window event "segment-jimo" (told in debug
// mode), from segmentJimo, and from the simulator's log.

import { byId, element, fill, plural, show, time } from "./dom.js";

/**
 * @typedef {object} Row
 * @property {string} id of the message
 * @property {any} event
 * @property {number} at ms since navigation of the page on which it was made
 * @property {number} born ms since 1970
 * @property {any} [page] where it is now; nothing between two pages
 * @property {any[]} subscriptions as the bridge has them
 * @property {{ name: string, action: string }[]} [matched] those that want it
 * @property {Map<string, unknown>} payloads by the subscription's name
 * @property {{ command: any, at: number }[]} commands
 * @property {string[]} notes what else is to be said of it
 * @property {boolean} [open] Jimo has not called back yet
 * @property {"on its way" | "held" | "delivered" | "unmatched" | "dropped"} outcome
 * @property {string} why
 * @property {number} [heldAt] ms since 1970
 * @property {string} [heldWhy] the first reason for which it was held
 * @property {number} [done] ms since 1970
 * @property {boolean} [seen] the destination had it in its queue
 * @property {HTMLElement} [element]
 */

/** More rows than anyone reads would only make the page slow. */
const MOST_ROWS = 250;
/** The numbers of web/page/destination.js. @type {Row["outcome"][]} */
const OUTCOMES = ["unmatched", "delivered", "held", "held", "dropped"];
const STATIONS = ["analytics.js", "Trigger", "Mapping", "Commands", "Jimo"];

/** @type {Map<string, Row>} */
const rows = new Map();
/** What errors there were when it was last looked, to know the newest. @type {Map<string, number>} */
let counts = new Map();
let latest = "";

const list = () => byId("events");
/** @param {any} page */
const now = (page) => page.performance.timeOrigin + page.performance.now();

/** @param {HTMLElement} made */
function append(made) {
  const box = byId("events-box");
  const following = box.scrollHeight - box.scrollTop - box.clientHeight < 60;
  list().append(made);
  while (list().childElementCount > MOST_ROWS) list().firstElementChild.remove();
  if (following) box.scrollTop = box.scrollHeight;
}

/** A line between the events. @param {string} kind @param {string} words */
export function mark(kind, words) {
  append(element("li", { class: "mark", "data-kind": kind }, words));
}

/** Forgets all. */
export function clear() {
  rows.clear();
  counts = new Map();
  latest = "";
  list().replaceChildren();
}

/** The page is left: what it held may come back on the next. */
export function left() {
  for (const row of rows.values()) row.page = undefined;
}

/** @param {any} page @param {any} event */
export function created(page, event) {
  const row = rowOf(page, event.messageId, event);
  row.event = event;
}

/** @param {any} page @param {string} id @param {any} event @returns {Row} */
function rowOf(page, id, event) {
  let row = rows.get(id);
  if (!row) {
    row = {
      id,
      event,
      at: page.performance.now(),
      born: now(page),
      subscriptions: [],
      payloads: new Map(),
      commands: [],
      notes: [],
      outcome: "on its way",
      why: "",
    };
    rows.set(id, row);
    row.element = draft(row);
    append(row.element);
  }
  row.page = page;
  return row;
}

/** What the destination tells; see trace() in web/later/bridge.js. @param {any} page @param {any} detail */
export function traced(page, detail) {
  const { what, messageId, event } = detail;
  if (!messageId) return;
  const row = rowOf(page, messageId, event);
  row.event = event;
  row.seen = true;
  if (what === "matched") {
    row.subscriptions = detail.subscriptions;
    row.matched = detail.matched ? detail.matched.split(",").map((/** @type {any} */ at) => row.subscriptions[at]) : [];
    if (!detail.matched) finish(row, "unmatched", "No subscription wants it.");
  } else if (what === "mapped") {
    row.payloads.set(row.subscriptions[detail.subscription].name, detail.payload);
  } else if (what === "command") {
    row.commands.push({ command: detail.command, at: now(page) });
    row.open ||= detail.command[1] === "identify";
  } else if (what === "identified") {
    row.open = false;
  } else if (what === "skipped") {
    row.notes.push(`No ${detail.when}, so its command was left out.`);
  } else if (what === "problem") {
    row.notes.push(detail.message);
  } else if (what === "outcome") {
    const outcome = OUTCOMES[detail.outcome];
    if (outcome === "held") hold(row);
    else finish(row, outcome, outcome === "dropped" ? (row.notes.at(-1) ?? latest) : "");
  }
}

/** @param {Row} row */
function hold(row) {
  if (row.outcome === "on its way") row.heldAt = now(row.page);
  row.outcome = "held";
}

/** @param {Row} row @param {Row["outcome"]} outcome @param {string} why */
function finish(row, outcome, why) {
  row.outcome = outcome;
  row.why = why;
  row.done = row.page ? now(row.page) : Date.now();
}

/**
 * Why an event waits.
 *
 * @param {Row} row
 * @param {any} status
 * @param {any} inside what the destination shares with Python
 */
function reason(row, status, inside) {
  if (!row.page) return "It was left for the next page.";
  if (!status) return "The destination is not there yet.";
  const user = "no user yet, so neither Python nor Jimo is fetched";
  if (status.state === "waiting") return inside.waiting ? `Waits: ${user}.` : "Waits for analytics.js.";
  if (status.state === "booting") return "Python is booting.";
  if (status.state === "failed") return "Python could not be loaded; it is tried again.";
  if (inside.waiting) return "Waits for the next user.";
  if (row.open) return "Waits until Jimo has finished this identify.";
  if (status.sdk === "failed") return "Jimo’s script cannot be had; it is tried again.";
  if (status.sdk !== "live") return "Jimo is starting.";
  if ([...rows.values()].some((other) => other !== row && other.open && other.page === row.page))
    return "Waits until Jimo has finished the identify before it.";
  if ([...inside.aside.values()].some((item) => item.event.messageId === row.id))
    return "Put aside for the next identify.";
  return "Waits for its turn.";
}

/** The newest of what the destination reported. @param {any} status */
function watchErrors(status) {
  for (const { code, field, subscription, message, count } of status?.errors ?? []) {
    const key = [code, field, subscription].join();
    if (count > (counts.get(key) ?? 0)) latest = message;
    counts.set(key, count);
  }
}

/**
 * Draws what has changed.
 *
 * @param {any} page the window of the site, or undefined
 * @param {any} status of `segmentJimo.status()`
 */
export function draw(page, status) {
  watchErrors(status);
  const inside = page?.segmentJimo?.python;
  const queued = new Set();
  for (const item of [...(inside?.queue ?? []), ...(inside?.aside.values() ?? [])]) queued.add(item.event.messageId);
  /** @type {Map<any, any>} */
  const arrived = new Map((page?.jimoSimulator?.log ?? []).map((/** @type {any} */ entry) => [entry.command, entry]));
  for (const row of rows.values()) {
    if (row.page === page && row.page && !row.done) {
      if (queued.has(row.id)) {
        row.seen = true;
        hold(row);
      } else if (row.seen && row.outcome === "held") {
        // Neither waiting nor told of: the page side itself has given it up.
        finish(row, "dropped", latest);
      } else if (inside && status.state !== "waiting" && closedFor(row, status)) {
        finish(row, "dropped", latest);
      }
    }
    if (row.outcome === "held") {
      row.why = reason(row, status, inside);
      if (row.page) row.heldWhy ??= row.why;
    }
    for (const sent of row.commands)
      Object.assign(sent, { entry: arrived.get(sent.command) ?? /** @type {any} */ (sent).entry });
    drawRow(row);
  }
}

/** Whether an event came when the destination had ended, and was dropped at once. @param {Row} row @param {any} status */
function closedFor(row, { events, sdk, state }) {
  const ended = sdk === "quota" || (state === "failed" && !events.held);
  return ended && now(row.page) - row.born > 500;
}

/** @param {Row} row */
export function nameFor({ event }) {
  const { type, userId, groupId, name, traits } = event;
  const words = {
    track: event.event,
    identify: userId ?? Object.keys(traits ?? {}).join(", "),
    group: groupId,
    alias: userId,
  };
  return String(words[/** @type {"track"} */ (type)] ?? name ?? "");
}

/** @param {Row} row */
function draft(row) {
  const id = `way-${row.id.replace(/\W/g, "")}`;
  const details = element("div", { class: "way", id, hidden: "" });
  const line = element("button", { type: "button", class: "line", "aria-expanded": "false", "aria-controls": id });
  line.addEventListener("click", () => {
    details.hidden = !details.hidden;
    line.setAttribute("aria-expanded", String(!details.hidden));
    drawRow(row);
  });
  return element("li", { class: "event", "data-type": row.event.type }, line, details);
}

/** How far it has come: the number of the station. @param {Row} row */
function reached(row) {
  if (row.outcome === "delivered") return 4;
  if (row.commands.length) return 3;
  if (row.payloads.size) return 2;
  return row.matched ? 1 : 0;
}

/** What stands at each station, one line and a smaller one. @param {Row} row @returns {[string, string][]} */
function stops(row) {
  const { matched, payloads, commands, at } = row;
  const fields = [...payloads.values()].reduce(
    (/** @type {number} */ sum, one) => sum + Object.keys(one ?? {}).length,
    0,
  );
  const to = /** @type {any[]} */ (commands).findLast(({ entry }) => entry)?.entry;
  const last = commands.at(-1);
  return [
    [nameFor(row) || "–", time(at)],
    matched ? [matched.map(({ name }) => name).join(", ") || "none", ""] : ["", ""],
    fields ? [plural(fields, "field"), ""] : ["", ""],
    commands.length
      ? [commands.map(({ command }) => command[1].replace("segmentio:", "").replace("user:", "")).join(" · "), ""]
      : ["", ""],
    [
      to ? to.profile : row.outcome === "delivered" ? "taken" : "",
      last && row.done ? `+${time(row.done - row.born)}` : "",
    ],
  ];
}

/** @param {Row} row @returns {[mark: string, words: string]} */
function ending(row) {
  const took = row.done ? row.done - row.born : 0;
  const held = row.heldAt && row.done && row.done - row.heldAt > 4 ? row.done - row.heldAt : 0;
  if (row.outcome === "delivered")
    return [
      "delivered",
      [held ? `Held ${time(held)}: ${row.heldWhy ?? ""}` : "", ...row.notes].filter(Boolean).join(" "),
    ];
  if (row.outcome === "dropped") return ["dropped", row.why || "Given up."];
  if (row.outcome === "unmatched") return ["skipped", row.why];
  if (row.outcome === "held") return ["held", row.why];
  return ["on its way", took ? "" : ""];
}

/** @param {Row} row */
function drawRow(row) {
  const made = row.element;
  if (!made) return;
  const [line, details] = /** @type {any} */ (made.children);
  const far = reached(row);
  const [mark, words] = ending(row);
  made.dataset.outcome = mark.replace(/ /g, "-");
  const places = stops(row);
  fill(line, [far, mark, words, places], () => [
    ...places.map(([words, small], index) =>
      element(
        "span",
        {
          class: "stop",
          "data-state": index < far || mark === "delivered" ? "passed" : index === far ? mark : "ahead",
        },
        element("span", { class: "visually-hidden" }, `${STATIONS[index]}: `),
        ...(index === 0 ? [element("b", {}, row.event.type)] : []),
        element("span", { class: "words" }, words),
        element("small", {}, small),
      ),
    ),
    element("span", { class: "end" }, element("strong", {}, mark), ...(words ? [element("span", {}, words)] : [])),
  ]);
  if (details.hidden) return;
  const all = content(row);
  fill(details, all, () =>
    all.map(([title, text], index) =>
      element(
        "section",
        {},
        element("h3", {}, title),
        text
          ? element(
              "pre",
              { tabindex: "0", role: "region", "aria-label": `${STATIONS[index]}: ${row.event.type}` },
              text,
            )
          : element("p", {}, "Nothing yet."),
      ),
    ),
  );
}

/** The JSON at each station. @param {Row} row @returns {[string, string][]} */
function content(row) {
  const commands = /** @type {any[]} */ (row.commands);
  const text = [
    show(row.event, "  "),
    row.matched
      ? show(
          row.matched.map(({ name, action }) => ({ subscription: name, action })),
          "  ",
        )
      : "",
    [...row.payloads].map(([name, payload]) => `${name}\n${show(payload, "  ")}`).join("\n"),
    commands.map(({ command }) => `jimo.push(${show(command, "  ")})`).join("\n"),
    commands
      .filter(({ entry }) => entry)
      .map(({ entry }) => `${time(entry.at)}  ${entry.command[1]}  → profile ${entry.profile}`)
      .join("\n"),
  ];
  return STATIONS.map((name, index) => [name, text[index]]);
}

/** Rows, in their order, for scenarios to look at. */
export const all = () => [...rows.values()];
