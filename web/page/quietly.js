// What keeps a page that has broken something from breaking us.

/**
 * For what a page may have made impossible.
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

/** @param {unknown} value @returns {string} it in an error message: anything may have come, or been thrown */
export const show = (value) => quietly(() => String(value).slice(0, 200)) ?? typeof value;
