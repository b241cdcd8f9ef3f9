// Draws what there is to see: the status, the two logs, the profiles.

/** More rows than anyone reads would only make the page slow. */
const MOST_ROWS = 300;
const LONGEST_LINE = 220;

const RUNTIMES = { micropython: "MicroPython", pyodide: "Pyodide", page: "The page’s Python" };

/** @param {string} id */
export const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {(Node | string)[]} children
 */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {Element | null} target @param {string} text written only when new, so that nothing is announced twice */
function write(target, text) {
  if (target && target.textContent !== text) target.textContent = text;
}

/**
 * A value as one would write it in JavaScript. JSON would hide that a date is a date.
 *
 * @param {any} value
 * @param {string} [indent] "" for one line
 * @param {string} [margin]
 * @returns {string}
 */
export function show(value, indent = "", margin = "") {
  if (typeof value === "function") return "callback";
  if (Object.prototype.toString.call(value) === "[object Date]")
    return `Date ${Number.isNaN(+value) ? "invalid" : value.toISOString()}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  const list = Array.isArray(value);
  const inner = margin + indent;
  const parts = list
    ? value.map((one) => show(one, indent, inner))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${show(one, indent, inner)}`);
  const [open, close] = list ? "[]" : "{}";
  if (!indent || !parts.length) return open + parts.join(", ") + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}

/** @param {number} ms */
const seconds = (ms) => `${(ms / 1000).toFixed(2)} s`;
/** @param {number} ms */
const since = (ms) => `${Math.round(ms)} ms`;
/** @param {number} count @param {string} noun */
const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * @param {number} at
 * @param {string} name
 * @param {unknown} value
 * @param {Node[]} after
 */
function row(at, name, value, ...after) {
  let line = show(value);
  if (Array.isArray(value) && name.indexOf(" ") < 0) line = line.slice(1, -1);
  const long = line.length > LONGEST_LINE;
  const body = element("code", {}, element("b", {}, name), ` ${long ? `${line.slice(0, LONGEST_LINE)}…` : line}`);
  const time = element("time", {}, seconds(at));
  const full = element("pre", {}, show(value, "  "));
  return element("li", {}, element("details", {}, element("summary", {}, time, body, ...after), full));
}

/**
 * Returns what appends to a list whatever is new, and keeps its end in view unless the reader has
 * scrolled away from it.
 *
 * @template T
 * @param {HTMLElement} box what scrolls; the list is in it
 * @param {(entry: T) => HTMLElement} draw
 */
function growing(box, draw) {
  const list = /** @type {HTMLElement} */ (box.firstElementChild);
  let drawn = 0;
  /** @param {T[]} entries */
  return (entries) => {
    if (entries.length === drawn) return;
    const following = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
    const fresh = entries.slice(Math.max(drawn, entries.length - MOST_ROWS)).map(draw);
    drawn = entries.length;
    list.append(...fresh);
    while (list.childElementCount > MOST_ROWS) list.firstElementChild?.remove();
    if (following) box.scrollTop = box.scrollHeight;
  };
}

export const drawCalls = growing(byId("told"), (/** @type {import("./site.js").Call} */ call) =>
  row(call.at, call.method, call.args, ...(call.elsewhere ? [element("span", { class: "to" }, "console")] : [])),
);

export const drawCommands = growing(byId("log"), (/** @type {JimoLogEntry} */ { at, command, profile, unknown }) => {
  const [verb, method, ...args] = Array.isArray(command) ? command : ["?", "?", command];
  const to = element("span", { class: "to", "data-profile": profile }, unknown ? "unknown command" : profile);
  to.title = "The profile that was active when the command arrived";
  return row(at, `${verb} ${method}`, args.length === 1 ? args[0] : args, to);
});

let profilesDrawn = "";

/** @param {any} simulator */
export function drawProfiles(simulator) {
  /** @type {JimoProfile[]} */
  const profiles = Object.values(simulator?.profiles ?? {});
  const key = show([profiles, simulator?.active]);
  if (key === profilesDrawn) return;
  profilesDrawn = key;
  byId("profiles").replaceChildren(
    ...profiles.map((profile) => {
      const active = profile.key === simulator.active;
      /** @type {[string, unknown][]} */
      const facts = [
        ["Email", profile.email],
        ["Attributes", Object.keys(profile.attributes).length ? profile.attributes : null],
        ["Group", profile.group],
        ["Tracks", profile.tracks.length],
        ["Refetches", profile.refetched],
      ];
      const list = element("dl", {});
      for (const [name, value] of facts) {
        const text = value === null ? "none" : typeof value === "string" ? value : show(value);
        list.append(element("div", {}, element("dt", {}, name), element("dd", value ? {} : { class: "none" }, text)));
      }
      const head = element("h3", {}, profile.anonymous ? "Anonymous visitor" : profile.key);
      const mark = active ? "active" : "left";
      return element(
        "li",
        { class: "profile", "data-kind": profile.anonymous ? "anonymous" : "identified", "data-active": `${active}` },
        element("header", {}, head, element("span", { class: "mark" }, mark)),
        list,
      );
    }),
  );
}

/** @param {string | null | undefined} user */
export function drawUser(user) {
  write(
    byId("who"),
    user === undefined
      ? "analytics.js is loading; calls wait in its queue."
      : user
        ? `It knows the user as “${user}”, and will after a reload.`
        : "Nobody is identified.",
  );
}

/** @param {string} id @param {string} state @param {string} now @param {string} fact */
function station(id, state, now, fact) {
  const place = byId(id);
  place.dataset.state = state;
  write(place.querySelector(".now"), now);
  write(place.querySelector(".fact"), fact);
}

let statusDrawn = "";
let delivered = 0;

/**
 * @param {any} status of `segmentJimo.status()`, or undefined while there is none
 * @param {{ manual: boolean, sdk: string, ready: boolean, missing: string[] }} context
 */
export function drawStatus(status, context) {
  const key = JSON.stringify([status, context]);
  if (key === statusDrawn) return;
  statusDrawn = key;
  const { missing, manual, ready } = context;
  const { runtime, state, sdk, events, errors = [], timings } = status ?? {};
  /** @type {string} */
  const python = /** @type {any} */ (RUNTIMES)[runtime] ?? "Python";

  station(
    "station-host",
    missing.includes("analytics.js") ? "bad" : ready ? "good" : "busy",
    missing.includes("analytics.js") ? "Not found" : ready ? "Hands events over" : "Loading",
    timings?.registered ? `Destination registered at ${since(timings.registered)}` : "",
  );
  const waits = manual ? "waits for a user" : "waits for analytics.js";
  const pythonNow = { waiting: waits, booting: "boots", running: "runs", failed: "failed" };
  station(
    "station-python",
    { waiting: "idle", booting: "busy", running: "good", failed: "bad" }[/** @type {"waiting"} */ (state)] ?? "idle",
    state ? `${python} ${pythonNow[/** @type {"waiting"} */ (state)]}` : "Not there yet",
    timings?.booted
      ? `Booted at ${since(timings.booted)}`
      : state === "waiting" && manual
        ? "Nothing of it has been fetched"
        : "",
  );
  const jimoNow = {
    none: "Not fetched",
    loading: "Starts",
    live: "Live",
    failed: "Not to be had",
    quota: "Over its monthly users",
  };
  station(
    "station-jimo",
    { none: "idle", loading: "busy", live: "good", failed: "bad", quota: "bad" }[/** @type {"none"} */ (sdk)] ?? "idle",
    jimoNow[/** @type {"none"} */ (sdk)] ?? "Not fetched",
    [
      timings?.sdkLive && `Live at ${since(timings.sdkLive)}`,
      timings?.firstCommand && `${timings.sdkLive ? "first" : "First"} command at ${since(timings.firstCommand)}`,
    ]
      .filter(Boolean)
      .join(", "),
  );

  for (const place of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-count]"))) {
    const count = events?.[place.dataset.count ?? ""] ?? 0;
    write(place, String(count));
    place.classList.toggle("some", count > 0);
  }
  byId("route").dataset.flow = events?.held ? "held" : events?.delivered ? "free" : "none";
  if (events?.delivered > delivered) pulse();
  delivered = events?.delivered ?? 0;

  const { received = 0, held = 0, dropped = 0 } = events ?? {};
  const rest = `${held ? `, ${held} held` : ""}${dropped ? `, ${dropped} dropped` : ""}`;
  write(byId("ticker"), received ? `${received} received, ${delivered} delivered${rest}` : "");
  write(byId("sentence"), sentence(status, context, python));
  byId("errors").replaceChildren(
    ...missing.map((what) =>
      element(
        "li",
        {},
        element("code", {}, "not-found"),
        ` ${what} could not be loaded. Start the page with make demo.`,
      ),
    ),
    ...errors.map((/** @type {any} */ { code, message, count }) =>
      element("li", {}, element("code", {}, code), ` ${message}`, ...(count > 1 ? [` (${count} times)`] : [])),
    ),
  );
  write(byId("raw"), JSON.stringify(status ?? null, null, 2));
}

/**
 * The status in one sentence, also for those who only hear it.
 *
 * @param {any} status
 * @param {{ missing: string[], manual: boolean }} context
 * @param {string} python
 */
function sentence(status, { missing, manual }, python) {
  if (missing.length) return `Something is missing: ${missing.join(" and ")}.`;
  if (!status) return "The page is loading.";
  const { state, sdk, events } = status;
  const { received, delivered, held, dropped } = events;
  if (state === "waiting" && manual)
    return `Waiting for a user: neither Python nor Jimo has been fetched.${held ? ` ${plural(held, "event")} held.` : ""}`;
  const parts = [];
  if (state === "failed") parts.push("Python does not run here.");
  else if (state !== "running") parts.push(`${python} is on its way.`);
  else if (sdk === "live") parts.push(`${python} is running and Jimo is live.`);
  else if (sdk === "failed") parts.push(`${python} is running, but Jimo’s script cannot be had; it is tried again.`);
  else if (sdk === "quota") parts.push(`${python} is running, but the Jimo project is over its quota.`);
  else parts.push(`${python} is running, Jimo is starting.`);
  if (held) parts.push(`${plural(held, "event")} held.`);
  if (dropped) parts.push(`${plural(dropped, "event")} dropped, see why below.`);
  if (received && !held && !dropped) parts.push(delivered ? "Nothing is held, nothing is lost." : "Nothing is held.");
  return parts.join(" ");
}

/** A dot that runs along the line, for those who like things to move. */
function pulse() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  const dot = element("li", { class: "pulse", "aria-hidden": "true" });
  byId("route").append(dot);
  dot.addEventListener("animationend", () => dot.remove());
}
