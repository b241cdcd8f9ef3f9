// The classic script of a page: reads its own tag, registers the destination that the tag
// describes, and offers `window.jimoDestination` to Segment's remote plugins.

import { createDestination, NAME } from "./destination.js";

const tag = /** @type {HTMLScriptElement | null} */ (
  // Past what PyScript, while it runs, has put in the place of document.currentScript.
  Reflect.get(Document.prototype, "currentScript", document) ?? document.querySelector('script[src*="segment-jimo"]')
);

/** @param {string} name */
const attribute = (name) => tag?.getAttribute(`data-${name}`) ?? undefined;
/** @param {string} name */
const flag = (name) => (attribute(name) ?? "false") !== "false";

const shared = { url: tag?.src ?? location.href, nonce: tag?.nonce };

/** @type {((given: Given) => JimoPlugin) & { pluginName?: string }} */
const factory = (given) => createDestination({ ...given }, { ...shared, tag: false });
factory.pluginName = NAME;
window.jimoDestination ??= factory;

const runtime = attribute("runtime");
const registers = attribute("project-id") !== undefined;
if ((registers || runtime === "page") && !window.segmentJimo) {
  const name = attribute("analytics") ?? "analytics";
  const register = () => whenThere(name, () => registerOn(/** @type {any} */ (window)[name], plugin));
  const plugin = createDestination(
    {
      projectId: attribute("project-id"),
      manualInit: flag("manual-init"),
      refetchExperiencesOnTraitsUpdate: flag("refetch-experiences-on-traits-update"),
      runtime,
      assets: attribute("assets"),
      sdkUrl: attribute("sdk-url"),
      debug: flag("debug"),
    },
    { ...shared, tag: true, register: registers ? undefined : register },
  );
  if (registers) register();
}

/**
 * @param {any} analytics analytics.js itself, or the array in which the snippet collects calls
 * @param {JimoPlugin} plugin
 */
function registerOn(analytics, plugin) {
  if (Array.isArray(analytics)) analytics.push(["register", plugin]);
  else analytics.register(plugin)?.catch?.(() => {});
}

/**
 * Calls back once the global is set. Watching the assignment, instead of looking now and then,
 * leaves no time in which analytics.js could deliver an event before we are registered.
 *
 * @param {string} name
 * @param {() => void} then
 */
function whenThere(name, then) {
  const globals = /** @type {any} */ (window);
  if (globals[name]) return then();
  Object.defineProperty(globals, name, {
    configurable: true,
    enumerable: true,
    get: () => undefined,
    set(value) {
      Object.defineProperty(globals, name, { configurable: true, enumerable: true, writable: true, value });
      if (value) then();
      else whenThere(name, then);
    },
  });
}
