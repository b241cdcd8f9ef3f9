// The settings as a page gives them: read, and refused where they cannot be meant as they are
// written. Python checks those that it uses once more.

import { quietly, show } from "./quietly.js";

/** @typedef {{ code: ErrorCode, message: string, field?: string, subscription?: string }} Fault */

export const RUNTIMES = ["micropython", "pyodide", "page"];
/** Settings that are true or false. */
export const FLAGS = /** @type {const} */ ([
  "manualInit",
  "refetchExperiencesOnTraitsUpdate",
  "debug",
  "killOnReset",
  "inspector",
]);

/** @param {unknown} assets @returns {string | undefined} nothing for what is no URL */
export const folder = (assets) =>
  quietly(() => new URL(/** @type {string} */ (assets), document.baseURI).href.replace(/\/*$/, "/"));

/** @type {(value: any) => unknown} */
const isUrl = (value = "") => value === "" || (typeof value === "string" && folder(value));
/** What Segment adds to the settings of every destination. */
const SEGMENTS = "versionSettings";

/** @type {[isRight: (value: any, given: any) => unknown, expected: string, ...names: string[]][]} */
const RULES = [
  [(value = RUNTIMES[0]) => RUNTIMES.includes(value), RUNTIMES.join(", "), "runtime"],
  [isUrl, "a URL", "assets", "sdkUrl", "python"],
  [
    (value, { runtime, python }) => runtime === "page" || python || (typeof value === "string" && value.trim()),
    "the id of your Jimo project",
    "projectId",
  ],
  [(value = true) => typeof value === "boolean", "true or false", ...FLAGS],
  [(value = []) => Array.isArray(value), "a list", "subscriptions"],
  [() => true, "", "analytics"],
];
/** All settings there are. */
export const NAMES = /* @__PURE__ */ RULES.flatMap(([, , ...names]) => names);

/**
 * @param {any} asked
 * @returns {{ given: Given, faults: Fault[], warnings: Fault[] }} with a fault, nothing may begin
 */
export function readSettings(asked) {
  /** @type {any} */
  const given = {};
  /** @type {Fault[]} */
  const faults = [];
  /** @type {Fault[]} */
  const warnings = [];
  const refuse = (/** @type {string} */ field, /** @type {string} */ problem) =>
    faults.push({ code: "invalid-settings", message: `${field}: ${problem}`, field });
  for (const [isRight, expected, ...names] of RULES) {
    for (const field of names) {
      let value;
      try {
        value = asked?.[field] ?? undefined;
      } catch (error) {
        value = error;
      }
      given[field] = value;
      if (quietly(() => isRight(value, given))) continue;
      const came = typeof value === "string" ? `"${show(value)}"` : show(value);
      refuse(field, `expected ${expected}, got ${came}.`);
    }
  }
  for (const field of quietly(() => typeof asked === "object" && Object.keys(asked)) || []) {
    if (NAMES.includes(field) || field === SEGMENTS) continue;
    const meant = nearest(field, asked);
    if (meant) refuse(field, `did you mean ${meant}?`);
    else warnings.push({ code: "settings-warning", message: `${field}: there is no such setting.`, field });
  }
  return { given, faults, warnings };
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
