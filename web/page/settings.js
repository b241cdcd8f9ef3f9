// Reads the settings that a page gives. If one looks wrong, the page fetches web/later/settings.js,
// which says what is wrong; nothing starts before that.

import { quietly } from "./quietly.js";

/** Python of the page's own, in the page. */
export const INLINE_PYTHON = 'script[type="text/x-python"][data-segment-jimo]';
/** @type {import("../segment-jimo.d.ts").JimoRuntime[]} */
export const RUNTIMES = ["micropython", "pyodide", "page"];
/** Settings that are true or false. */
export const FLAGS = ["manualInit", "refetchExperiencesOnTraitsUpdate", "debug", "killOnReset", "inspector"];

/** @param {unknown} assets @returns {string | undefined} the URL of a folder; undefined if it is no URL */
export const folder = (assets) =>
  quietly(() => new URL(/** @type {string} */ (assets), document.baseURI).href.replace(/\/*$/, "/"));

export const URLS = ["assets", "sdkUrl", "python"];

/** The settings by their type in JavaScript. @type {Record<string, string[]>} */
export const TYPES = {
  string: ["projectId", "runtime", "analytics", ...URLS],
  // Segment adds versionSettings to the settings of every destination.
  object: ["subscriptions", "versionSettings"],
  boolean: FLAGS,
};

/** @param {string} name @returns {string | undefined} the type of the setting; undefined if no setting has that name */
export const typeOf = (name) => Object.keys(TYPES).find((type) => TYPES[type].includes(name));

/**
 * @param {any} asked
 * @returns the known settings, the runtime among them, if there is such a one, and whether nothing looks wrong
 */
export function readSettings(asked) {
  /** @type {any} */
  const given = {};
  let isRight = true;
  for (const name of quietly(() => Object.keys(asked)) ?? []) {
    const value = quietly(() => asked[name]) ?? undefined;
    const type = typeOf(name);
    if (type) given[name] = value;
    isRight &&= value === undefined || (typeof value === type && (!URLS.includes(name) || !!folder(value)));
  }
  const runtime = RUNTIMES.find((name) => name === (given.runtime ?? RUNTIMES[0])) ?? null;
  isRight &&= runtime !== null && !!(given.projectId || given.python || runtime === "page");
  return { given: /** @type {Given} */ (given), runtime, isRight };
}
