// Small helpers for drawing, beside those of the inspector.

export { element, fill } from "../inspector/parts.js";
export { plural, time, write as show } from "../inspector/words.js";

/** @param {string} id @returns {any} the element with this ID */
export const byId = (id) => document.getElementById(id);

/** Writes a text if it is new, so that a screen reader does not read it twice. @param {Element} target @param {string} text */
export function write(target, text) {
  if (target.textContent !== text) target.textContent = text;
}

/** @param {number} bytes */
export const weight = (bytes) =>
  bytes < 1e6 ? `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
/**
 * Limits how often a function runs. Does not use animation frames, because they stop in a hidden tab.
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
