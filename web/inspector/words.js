// The words of the inspector, debug mode and the playground.

/** Why an event waits. @type {Record<string, string>} */
export const HELD = {
  "next-page": "It was left for the next page.",
  "not-there": "The destination has not loaded yet.",
  "not-started": "It waits for analytics.js.",
  booting: "Python is booting.",
  "boot-failed": "Python did not load. The destination tries again.",
  "no-user": "It waits for a user. “Only for identified users” is on, and there is no user yet.",
  "sdk-loading": "Jimo is starting.",
  "sdk-failed": "Jimo’s script did not load. The destination tries again.",
  "own-identify": "It waits for Jimo’s answer to this identify.",
  "identify-open": "It waits for Jimo’s answer to the identify before it.",
  "next-identify": "It waits for the next identify.",
  turn: "It waits for its turn.",
};

/** What a delivered event waited for, by the same keys. @type {Record<string, string>} */
export const WAITED = {
  "next-page": "for the next page",
  "not-there": "for the destination",
  "not-started": "for analytics.js",
  booting: "for Python",
  "boot-failed": "for Python, which did not load at first",
  "no-user": "for a user",
  "sdk-loading": "for Jimo",
  "sdk-failed": "for Jimo’s script, which did not load at first",
  "own-identify": "for Jimo’s answer to this identify",
  "identify-open": "for Jimo’s answer to the identify before it",
  "next-identify": "for the next identify",
  turn: "for its turn",
};

/** @param {{ name: string, action: string, reason: string | null, trigger: string }[]} subscriptions @param {any} event */
export function whyUnmatched(subscriptions, { type }) {
  if (!subscriptions.length) return "There is no subscription.";
  // A wrong type says little, unless all subscriptions fail on it.
  const others = subscriptions.filter(({ reason }) => !reason?.startsWith("type = "));
  if (!others.length) return `No subscription wants a ${type}.`;
  return `No subscription wants it. ${others.map(({ name, reason }) => `“${name}”: ${reason}`).join(" ")}`;
}

/** Why analytics.js did not deliver an event. @param {any} event */
export function whyKeptBack({ integrations }) {
  const own = integrations?.["Jimo (Actions)"];
  if (own === false) return "Its integrations switch “Jimo (Actions)” off, so analytics.js did not deliver it.";
  if (own === undefined && integrations?.All === false)
    return "Its integrations switch all destinations off, so analytics.js did not deliver it.";
  return "analytics.js did not deliver it. A middleware or a consent tool may have dropped it.";
}

/** Whether the event's integrations switch this destination off. @param {any} event */
export function isSwitchedOff({ integrations }) {
  const own = integrations?.["Jimo (Actions)"];
  return own === false || (own === undefined && integrations?.All === false);
}

/** @param {any} event @returns {string} its name for people */
export function nameOf(event) {
  const { type, userId, groupId, name, traits } = event;
  const words = {
    track: event.event,
    identify: userId ?? Object.keys(traits ?? {}).join(", "),
    group: groupId,
    alias: userId,
  };
  return String(words[/** @type {"track"} */ (type)] ?? name ?? "");
}

/** @param {any} event @returns {any} the event with its most useful fields first */
export function inOrder({ type, event, name, userId, groupId, traits, properties, ...rest }) {
  const front = { type, event, name, userId, groupId, traits, properties };
  return { ...Object.fromEntries(Object.entries(front).filter(([, value]) => value !== undefined)), ...rest };
}

/** @param {number} ms */
export const time = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);

/** @param {number} count @param {string} noun */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/** Shorter values fit on one line. */
const SHORT = 64;

/**
 * Writes a value as in JavaScript. JSON would hide that a date is a date.
 *
 * @param {any} value
 * @param {string} [indent] "" for one line
 * @param {string} [margin]
 * @param {number} [depth]
 * @returns {string}
 */
export function write(value, indent = "", margin = "", depth = 0) {
  if (typeof value === "function") return "callback";
  if ({}.toString.call(value) === "[object Date]")
    return `Date ${Number.isNaN(+value) ? "invalid" : value.toISOString()}`;
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? String(value);
  // A value may contain itself.
  if (depth > 20) return "…";
  if (indent) {
    const line = write(value, "", "", depth);
    if (line.length + margin.length < SHORT) return line;
  }
  const list = Array.isArray(value);
  const inner = margin + indent;
  const parts = list
    ? value.map((one) => write(one, indent, inner, depth + 1))
    : Object.entries(value).map(([key, one]) => `${JSON.stringify(key)}: ${write(one, indent, inner, depth + 1)}`);
  const [open, close] = list ? "[]" : "{}";
  if (!indent || !parts.length) return open + parts.join(", ") + close;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${margin}${close}`;
}
