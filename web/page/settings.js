// The settings as a page gives them. Where one is not as it should be, web/later/settings.js is
// fetched to say what is wrong, and nothing begins before that.

import { quietly } from "./quietly.js";

export const RUNTIMES = ["micropython", "pyodide", "page"];
/** Settings that are true or false. */
export const FLAGS = ["manualInit", "refetchExperiencesOnTraitsUpdate", "debug", "killOnReset", "inspector"];

/** @param {unknown} assets @returns {string | undefined} nothing for what is no URL */
export const folder = (assets) =>
  quietly(() => new URL(/** @type {string} */ (assets), document.baseURI).href.replace(/\/*$/, "/"));

export const URLS = ["assets", "sdkUrl", "python"];

/** What the settings are, by their type in JavaScript. @type {Record<string, string>} */
export const TYPES = {
  // @ts-expect-error nothing is inherited
  __proto__: null,
  projectId: "string",
  runtime: "string",
  assets: "string",
  sdkUrl: "string",
  python: "string",
  analytics: "string",
  subscriptions: "object",
  // Segment adds it to the settings of every destination.
  versionSettings: "object",
};
for (const flag of FLAGS) TYPES[flag] = "boolean";

/**
 * @param {any} asked
 * @returns {{ given: Given, isRight: boolean }} the settings among it, and whether nothing in it looks wrong
 */
export function readSettings(asked) {
  /** @type {any} */
  const given = {};
  let isRight = true;
  for (const name of quietly(() => Object.keys(asked)) ?? []) {
    try {
      const value = asked[name] ?? undefined;
      if (name in TYPES) given[name] = value;
      isRight &&= value === undefined || (typeof value === TYPES[name] && (!URLS.includes(name) || !!folder(value)));
    } catch {
      isRight = false;
    }
  }
  const { runtime = RUNTIMES[0], projectId, python } = given;
  return { given, isRight: isRight && RUNTIMES.includes(runtime) && !!(projectId || python || runtime === "page") };
}
