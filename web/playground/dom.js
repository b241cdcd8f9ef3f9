// Small helpers for drawing.

/** @param {string} id @returns {any} the element, of whatever kind it is */
export const byId = (id) => document.getElementById(id);

/**
 * @param {string} tag
 * @param {Record<string, string | undefined>} attributes those that are undefined are left out
 * @param {(Node | string)[]} children
 */
export function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== undefined) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @param {Element} target @param {string} text written only when new, so that nothing is announced twice */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** Last drawn, by the element. @type {WeakMap<Element, string>} */
const drawn = new WeakMap();

/**
 * Draws the inside of an element anew where what it shows has changed.
 *
 * @param {Element} target
 * @param {unknown} key what it shows, as JSON can tell it
 * @param {() => (Node | string)[]} draw
 */
export function fill(target, key, draw) {
  const text = JSON.stringify(key) ?? "";
  if (drawn.get(target) === text) return;
  drawn.set(target, text);
  target.replaceChildren(...draw());
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
export const time = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`);
/** @param {number} bytes */
export const weight = (bytes) =>
  bytes < 1e6 ? `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
/** @param {number} count @param {string} noun */
export const plural = (count, noun) => `${count} ${noun}${count === 1 ? "" : "s"}`;

/**
 * Calls something at most once in a while, soon after it was asked for. Not an animation frame: those
 * stop in a tab that nobody looks at.
 *
 * @param {() => void} work
 */
export function soon(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    setTimeout(() => {
      asked = false;
      work();
    }, 16);
  };
}
