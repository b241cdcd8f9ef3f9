// Finds attributes that Jimo will not accept. By its documentation it accepts text, numbers, booleans and arrays, each
// of at most 700 characters, and never forgets a name. This file changes no command; docs/attributes.md shows how to.

import { plural } from "./words.js";

/** The most characters of one attribute. */
const LONGEST = 700;
/** The most names that Jimo calls healthy. */
const HEALTHY = 15;

/** Remembers the names of attributes so far. */
export function createGuard() {
  /** @type {Set<string>} */
  const names = new Set();
  /** @type {Set<string>} */
  const problems = new Set();
  const tooMany = () =>
    `${plural(names.size, "different attribute")} so far on this page. Jimo keeps each name for good, and ` +
    `advises 10 to ${HEALTHY}.`;
  return {
    /**
     * @param {any} command as it goes to `jimo.push`
     * @returns {string[]} a sentence for each attribute that Jimo will not take, and one if there are too many names
     * since this command; none contains a value
     */
    look([verb, method, args]) {
      const attributes = args?.[0];
      if (verb !== "set" || method !== "user:attributes" || typeof attributes !== "object") return [];
      const before = names.size;
      /** @type {string[]} */
      const found = [];
      for (const [name, value] of Object.entries(attributes ?? {})) {
        names.add(name);
        const problem = problemOf(value);
        if (problem) found.push(`Jimo does not take the attribute “${name}”: ${problem}.`);
      }
      for (const problem of found) problems.add(problem);
      if (names.size > Math.max(before, HEALTHY)) found.push(tooMany());
      return found;
    },

    /** @returns {string} all names so far, in order of arrival, and their problems */
    summary() {
      if (!names.size) return "none";
      const list = `${plural(names.size, "name")}: ${[...names].join(", ")}.`;
      return [list, ...problems, ...(names.size > HEALTHY ? [tooMany()] : [])].join(" ");
    },
  };
}

/** @param {any} value @returns {string} "" if Jimo takes it */
export function problemOf(value) {
  if (value === null) return "it is null";
  if ({}.toString.call(value) === "[object Date]") return "it is a date";
  if (Array.isArray(value)) return tooLong(JSON.stringify(value) ?? "");
  if (typeof value === "string") return tooLong(value);
  return typeof value === "object" ? "it is an object" : "";
}

/** @param {string} text */
const tooLong = (text) => (text.length > LONGEST ? `it has ${text.length} characters, and ${LONGEST} are allowed` : "");
