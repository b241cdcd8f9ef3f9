// The part of the playground that a customer's site would have: Segment's snippet, our script tag,
// and calls to analytics.js. It also keeps the list of those calls.

/**
 * @typedef {object} Call
 * @property {number} at ms since navigation
 * @property {string} method
 * @property {unknown[]} args
 * @property {boolean} [elsewhere] not made by a control of this page, but in the console
 */

const EVENTS = ["identify", "track", "group", "page", "screen", "alias"];
const STUBBED = [
  ...EVENTS,
  ...["reset", "ready", "once", "on", "off", "debug", "register", "deregister", "setAnonymousId"],
  ...["addSourceMiddleware", "addIntegrationMiddleware", "addDestinationMiddleware"],
];

/** @type {Call[]} */
export const calls = [];

const globals = /** @type {any} */ (window);
// Calls of our own that analytics.js has yet to tell us about; it tells of those in the console too.
/** @type {Record<string, number>} */
const expected = {};
let changed = () => {};

/**
 * Puts analytics.js on the page as Segment's snippet does: a queue that answers until the library
 * is there, the load options beside it, and the script.
 *
 * @param {() => void} onChange called after each call to analytics.js
 * @param {(what: string) => void} onMissing
 */
export function loadAnalytics(onChange, onMissing) {
  changed = onChange;
  /** @type {any} */
  const queue = [];
  globals.analytics = queue;
  queue.invoked = true;
  queue.methods = STUBBED;
  for (const method of STUBBED) {
    queue[method] = (/** @type {unknown[]} */ ...args) => {
      // Somebody may have kept the queue from before the library replaced it.
      if (globals.analytics.initialized) return globals.analytics[method](...args);
      queue.push([method, ...args, ...(EVENTS.includes(method) ? [pageNow()] : [])]);
      return queue;
    };
  }
  const { protocol, host } = location;
  queue.SNIPPET_VERSION = "5.2.0";
  queue._writeKey = "playground";
  queue._cdn = new URL("cdn", document.baseURI).href;
  // Segment's own delivery would go to Segment; here it ends at the server of the playground.
  queue._loadOptions = {
    integrations: { "Segment.io": { apiHost: `${host}/api`, protocol: protocol.slice(0, -1) } },
  };

  queue.on("dispatch_start", (/** @type {any} */ { event }) => note(event.type, argumentsOf(event)));
  queue.on("reset", () => note("reset", []));
  queue.ready(onChange);

  const script = document.createElement("script");
  script.async = true;
  script.dataset.globalSegmentAnalyticsKey = "analytics";
  script.src = `${queue._cdn}/analytics.js/v1/playground/analytics.min.js`;
  script.onerror = () => onMissing("analytics.js");
  document.head.append(script);
}

/** @param {any} event what the call was, as far as the event still tells */
function argumentsOf({ type, event, userId, previousId, groupId, name, properties, traits }) {
  const first = { track: event, identify: userId, group: groupId, alias: userId, page: name, screen: name };
  const second = { identify: traits, group: traits, alias: previousId, page: undefined };
  return [
    first[/** @type {"track"} */ (type)],
    type in second ? second[/** @type {"page"} */ (type)] : properties,
  ].filter((value) => value !== undefined && value !== null);
}

/** @param {string} method @param {unknown[]} args */
function note(method, args) {
  if (expected[method] > 0) expected[method]--;
  else calls.push({ at: performance.now(), method, args, elsewhere: true });
  changed();
}

/** The page as it is at the time of the call, in the form in which the library takes it. */
function pageNow() {
  const canonical = document.querySelector("link[rel='canonical']")?.getAttribute("href") ?? undefined;
  const { pathname, href, search } = location;
  return { __t: "bpc", c: canonical, p: pathname, u: href, s: search, t: document.title, r: document.referrer };
}

/** @param {string} method @param {unknown[]} args */
export function call(method, ...args) {
  calls.push({ at: performance.now(), method, args });
  expected[method] = (expected[method] ?? 0) + 1;
  try {
    // A rejection tells that the call was refused; the list shows that it was made.
    globals.analytics[method](...args)?.catch?.(() => {});
  } finally {
    changed();
  }
}

/** @returns {string | null | undefined} undefined as long as analytics.js is not there */
export const knownUser = () => (globals.analytics?.initialized ? globals.analytics.user().id() : undefined);

/**
 * @param {Record<string, string | true>} attributes
 * @param {(what: string) => void} onMissing
 */
export function loadDestination(attributes, onMissing) {
  const script = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value === true ? "" : value);
  // As if it stood in the page: in order, not whenever it arrives.
  script.async = false;
  script.src = "dist/segment-jimo.js";
  script.onerror = () => onMissing("dist/segment-jimo.js");
  document.head.append(script);
}
