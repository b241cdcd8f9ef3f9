// Masks signatures: a message, debug output or panel may show only that there is one, because with a signature anyone
// could act as that user of Jimo. The originals do not change.

import { NAME } from "../page/name.js";

const MASKED = "(signature)";

/** @param {unknown} value */
const isThere = (value) => value !== undefined && value !== null && value !== "";

/**
 * @param {any} command as it goes to `jimo.push`
 * @returns {any}
 */
export function maskCommand(command) {
  const [verb, method, args] = command;
  if (verb !== "do" || method !== "identify" || !isThere(args?.[2])) return command;
  return [verb, method, [args[0], args[1], MASKED, ...args.slice(3)]];
}

/**
 * @template {Record<string, unknown>} T
 * @param {T} fields of an action, as its mapping has filled them
 * @returns {T}
 */
export const maskFields = (fields) => (isThere(fields.signature) ? { ...fields, signature: MASKED } : fields);

/**
 * @template {{ integrations?: Record<string, unknown> } | undefined} T
 * @param {T} event
 * @returns {T}
 */
export function maskEvent(event) {
  const own = /** @type {Record<string, unknown> | undefined} */ (event?.integrations?.[NAME]);
  if (!event || !isThere(own?.signature)) return event;
  return { ...event, integrations: { ...event.integrations, [NAME]: { ...own, signature: MASKED } } };
}
