// Finds faults in the settings of a page. It is part of the start file, which the page also fetches only for this.
// Python checks its own settings again.

import { quietly, show } from "../page/quietly.js";
import { folder, RUNTIMES, TYPES, typeOf, URLS } from "../page/settings.js";

/** @typedef {{ code: ErrorCode, message: string, field: string }} Fault */

/** The settings of a page. The other one is Segment's own. */
export const NAMES = Object.values(TYPES)
  .flat()
  .filter((name) => name !== "versionSettings");

/** The expected value of a setting; all others expect true or false. @type {Record<string, string>} */
const EXPECTED = {
  projectId: "the ID of your Jimo project",
  runtime: `one of ${RUNTIMES.join(", ")}`,
  subscriptions: "a list",
  analytics: "the name of a global",
};

/** @param {string} field @param {any} value */
function isRight(field, value) {
  if (typeof value !== typeOf(field)) return false;
  if (field === "runtime") return RUNTIMES.includes(value);
  if (field === "subscriptions") return Array.isArray(value);
  if (URLS.includes(field)) return !!folder(value);
  return typeof value !== "string" || !!value.trim();
}

/**
 * @param {any} asked
 * @returns {{ faults: Fault[], warnings: Fault[] }} with a fault, the destination must not start
 */
export function checkSettings(asked) {
  /** @type {Fault[]} */
  const faults = [];
  /** @type {Fault[]} */
  const warnings = [];
  const refuse = (/** @type {string} */ field, /** @type {string} */ problem) =>
    faults.push({ code: "invalid-settings", message: `${field}: ${problem}`, field });
  const expect = (/** @type {string} */ field, /** @type {unknown} */ came) =>
    refuse(field, `expected ${EXPECTED[field] ?? (URLS.includes(field) ? "a URL" : "true or false")}, got ${came}.`);
  for (const field of quietly(() => typeof asked === "object" && Object.keys(asked)) || []) {
    if (typeOf(field)) {
      try {
        const value = asked[field] ?? undefined;
        if (value === undefined || isRight(field, value)) continue;
        expect(field, typeof value === "string" ? `"${show(value)}"` : show(value));
      } catch (error) {
        expect(field, show(error));
      }
      continue;
    }
    const meant = nearest(field, asked);
    if (meant) refuse(field, `unknown setting. Did you mean ${meant}?`);
    else warnings.push({ code: "settings-warning", message: `${field}: unknown setting, ignored. Remove it.`, field });
  }
  if (
    !faults.length &&
    quietly(() => asked.runtime !== "page" && !asked.python && (asked.projectId ?? undefined) === undefined) !== false
  ) {
    expect("projectId", "nothing");
  }
  return { faults, warnings };
}

/**
 * Returns the setting that a name probably means: they differ in at most two letters; or one is the beginning of the
 * other, and the setting itself is missing.
 *
 * @param {string} name
 * @param {any} [asked]
 * @returns {string | undefined}
 */
export function nearest(name, asked) {
  const letters = name.replace(/[^a-z]/gi, "").toLowerCase();
  return NAMES.find((setting) => {
    const known = setting.toLowerCase();
    return (
      differ(letters, known, 2) ||
      // An attribute with a misspelt `data-`.
      differ(letters, `data${known}`, 2) ||
      (letters[3] &&
        (known.startsWith(letters) || letters.startsWith(known)) &&
        quietly(() => asked?.[setting]) === undefined)
    );
  });
}

/**
 * Whether at most so many edits turn a into b. An edit adds, removes or changes a character.
 *
 * @param {string} a @param {string} b @param {number} edits
 * @returns {boolean}
 */
const differ = (a, b, edits) =>
  a[0] === b[0]
    ? !a || differ(a.slice(1), b.slice(1), edits)
    : edits > 0 && EDITS.some(([ofA, ofB]) => differ(a.slice(ofA), b.slice(ofB), edits - 1));
/** How many characters of a and of b an edit consumes. */
const EDITS = [
  [1, 0],
  [0, 1],
  [1, 1],
];
