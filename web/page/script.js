// The classic script of a page: reads its own tag, registers the destination that the tag
// describes, and offers `window.jimoDestination` to Segment's remote plugins.

import { NAME } from "./name.js";
import { createDestination } from "./plugin.js";
import { quietly } from "./quietly.js";
import { FLAGS, typeOf } from "./settings.js";

const tag = /** @type {HTMLScriptElement | null} */ (
  // PyScript replaces document.currentScript while it runs, so ask the prototype.
  Reflect.get(Document.prototype, "currentScript", document) ?? document.querySelector('script[src*="segment-jimo"]')
);

const shared = { url: tag?.src ?? location.href, nonce: tag?.nonce };

/** @type {JimoDestination} */
const factory = (/** @type {Given} */ given) => createDestination(given, { ...shared, tag: false });
factory.pluginName = NAME;
quietly(() => (window.jimoDestination ??= factory));

const given = { ...besideTag(), ...ofTag(tag) };
const names = Object.keys(given);
if (names.some(typeOf)) create();
else if (names.length) {
  // These attributes may be somebody else's, or ours with a typo.
  import(new URL(FILES.start, shared.url).href).then(
    ({ nearest }) => names.some(nearest) && create(),
    () => {},
  );
}

function create() {
  const name = given.analytics || "analytics";
  createDestination(given, {
    ...shared,
    tag: true,
    register: (plugin, report) =>
      whenThere(
        name,
        (analytics) => {
          if (Array.isArray(analytics)) analytics.push(["register", plugin]);
          else analytics.register(plugin)?.catch?.(() => {});
        },
        () => report("no-analytics", `data-analytics: window.${name} is not analytics.js. Set its name.`),
      ),
  });
}

/** @param {HTMLScriptElement | null} tag @returns {any} the settings in its attributes */
function ofTag(tag) {
  /** @type {any} */
  const found = { ...tag?.dataset };
  for (const name of FLAGS) if (name in found) found[name] = found[name] !== "false";
  // Attributes that may be meant as ours, such as manual-init without data-.
  for (const name of tag?.getAttributeNames() ?? []) {
    if (/^(?!data-).*(-|projectid|runtime|debug|python)/.test(name)) found[name] = "";
  }
  return found;
}

/** @returns {any} the settings in `<script type="application/json" data-segment-jimo>` */
function besideTag() {
  const text = document.querySelector('[type="application/json"][data-segment-jimo]')?.textContent;
  if (!text) return {};
  try {
    const read = JSON.parse(text);
    return Array.isArray(read) ? { subscriptions: read } : read;
  } catch (subscriptions) {
    // An error is no list, so the check of the settings refuses and names it.
    return { subscriptions };
  }
}

/**
 * Calls back once the page has analytics.js, or the array in which the snippet collects calls. It
 * watches the assignment. Looking at intervals would give analytics.js time to deliver an event before
 * we are registered.
 *
 * @param {string} name of the global
 * @param {(analytics: any) => void} then
 * @param {() => void} odd is called where the global is something else
 */
function whenThere(name, then, odd) {
  const globals = /** @type {any} */ (window);
  /** @type {any} */
  let value;
  const found = () => {
    const there = Array.isArray(value) || value?.register;
    if (there) quietly(() => then(value));
    else if (value) odd();
    return there;
  };
  try {
    value = globals[name];
    if (found()) return;
    Object.defineProperty(globals, name, {
      configurable: true,
      get: () => value,
      set(next) {
        value = next;
        if (!found()) return;
        delete globals[name];
        globals[name] = value;
      },
    });
  } catch {
    // The page has declared it with var, so look often: we must register soon after it is set.
    setTimeout(() => whenThere(name, then, value ? () => {} : odd), 4);
  }
}
