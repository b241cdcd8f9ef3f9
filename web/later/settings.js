// What is wrong with the settings of a page. It is part of the start file, which a page also fetches only
// to say this. Python checks what it uses once more.

import { quietly, show } from "../page/quietly.js";
import { folder, RUNTIMES, TYPES, typeOf, URLS } from "../page/settings.js";

/** @typedef {{ code: ErrorCode, message: string, field: string }} Fault */

/** Those that a page may give; the other one is Segment's own. */
export const NAMES = Object.values(TYPES)
  .flat()
  .filter((name) => name !== "versionSettings");

/** What is expected of a setting; of all others, true or false. @type {Record<string, string>} */
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
 * @returns {{ faults: Fault[], warnings: Fault[] }} with a fault, nothing may begin
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
 * The setting that a name was meant to be: it differs in two letters at most, or one of the two is
 * the beginning of the other, and the setting itself is missing.
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
      // An attribute whose `data-` is misspelt.
      differ(letters, `data${known}`, 2) ||
      (letters[3] && (known.startsWith(letters) || letters.startsWith(known)) && asked?.[setting] === undefined)
    );
  });
}

/**
 * Whether so few edits make one text the other. An edit adds, removes or changes a character.
 *
 * @param {string} a @param {string} b @param {number} edits
 * @returns {boolean}
 */
const differ = (a, b, edits) =>
  a[0] === b[0]
    ? !a || differ(a.slice(1), b.slice(1), edits)
    : edits > 0 && EDITS.some(([ofA, ofB]) => differ(a.slice(ofA), b.slice(ofB), edits - 1));
/** How many characters an edit uses up of either text. */
const EDITS = [
  [1, 0],
  [0, 1],
  [1, 1],
];
