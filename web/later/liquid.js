// @liquid in mappings: the engine is fetched before Python starts, if a mapping uses it.

import { show } from "../page/quietly.js";
import { Problem } from "./values.js";

/** @typedef {typeof import("./liquid-engine.js")} Engine */

/** It has no state, so all destinations of a page share it. @type {Engine | undefined} */
let engine;

/**
 * Whether an enabled subscription uses @liquid. One that cannot be read may do so.
 *
 * @param {Given} given
 */
function usesLiquid({ usesLiquid, subscriptions }) {
  if (usesLiquid || !Array.isArray(subscriptions)) return !!usesLiquid;
  return subscriptions.some((subscription) => {
    try {
      return subscription.enabled !== false && !!JSON.stringify(subscription.mapping)?.includes('"@liquid"');
    } catch {
      return true;
    }
  });
}

/**
 * Fetches the engine, if a mapping uses it.
 *
 * @param {Host} host
 * @returns {Promise<void>} rejected with `{code, message}`, like any other part of the boot
 */
export async function loadLiquid(host) {
  if (engine || !usesLiquid(host.given)) return;
  try {
    engine = await host.load(FILES.liquid);
  } catch (error) {
    const message = `${FILES.liquid}, which @liquid needs, did not load (${show(error)}). Check that dist/ is complete.`;
    throw { code: "boot-failed", message };
  }
}

/**
 * @param {string} template
 * @returns {(event: any) => string}
 */
export function liquid(template) {
  /** @param {unknown} error */
  const problem = (error) => {
    const why = engine ? engine.describe(error) : "it was not loaded";
    return new Problem(`@liquid: ${why || "the template failed"}`);
  };
  /** @type {ReturnType<Engine["parse"]>} */
  let render;
  return (event) => {
    try {
      render ??= /** @type {Engine} */ (engine).parse(template);
      return render(event);
    } catch (error) {
      throw problem(error);
    }
  };
}
