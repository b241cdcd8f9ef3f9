// Reads and checks the files that the command line names.

import { readFileSync } from "node:fs";

const NAME = "Jimo (Actions)";

/** The command line, or a file that it names, cannot be used. */
export class UsageError extends Error {}

/** @param {string} file */
export function readText(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `${file}: cannot be read (${/** @type {NodeJS.ErrnoException} */ (error).code}). Check the path.`,
    );
  }
}

/** @param {string} file @returns {any} */
export function readJson(file) {
  try {
    // Some editors begin a file with a mark of its encoding.
    return JSON.parse(readText(file).replace(/^\uFEFF/, ""));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file}: expected JSON. ${/** @type {Error} */ (error).message}.`);
  }
}

/**
 * Reads the destination's settings: an object of settings, a list of subscriptions, or the settings that analytics.js
 * fetches for a source.
 *
 * @param {string} file
 */
export function readSettings(file) {
  const found = readJson(file);
  if (Array.isArray(found)) return { projectId: "check", subscriptions: found };
  if (typeof found !== "object" || found === null)
    throw new UsageError(`${file}: expected an object or a list, got ${found}.`);
  if (!found.integrations && !found.remotePlugins) return found;
  const plugin = found.remotePlugins?.find((/** @type {any} */ { name }) => name === NAME);
  const own = found.integrations?.[NAME];
  if (!plugin && !own)
    throw new UsageError(`${file}: the settings of this source have no "${NAME}". Enable it in Segment.`);
  return { ...plugin?.settings, ...own };
}

/** @param {string} file @returns {any[]} */
export function readEvents(file) {
  const found = readJson(file);
  const events = Array.isArray(found) ? found : [found];
  for (const [index, event] of events.entries())
    if (typeof event?.type !== "string")
      throw new UsageError(`${file}: event ${index + 1}: expected an object with a type, such as "track".`);
  return events;
}
