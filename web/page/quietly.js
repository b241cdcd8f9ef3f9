// Keeps us working on a page that has broken something.

/**
 * Runs what a page may have made impossible.
 *
 * @template T @param {() => T} work @returns {T | undefined} undefined where it threw
 */
export function quietly(work) {
  try {
    return work();
  } catch {
    return undefined;
  }
}

/** @param {any} error @returns {string} the name of its class only: its text may quote the page */
export const nameOf = (error) => quietly(() => /^\w*Error$/.exec(error.name)?.[0]) ?? typeof error;

/** @param {unknown} value @returns {string} the value as part of an error message; it may be anything */
export const show = (value) => quietly(() => String(value).slice(0, 200)) ?? typeof value;
