// A customer's site, in a frame of the playground. It has Segment's snippet, our script tag and three buttons. The
// property `visit` of the frame says what to load; see visit.js.

/** @typedef {import("./visit.js").Visit} Visit */

const EVENTS = ["identify", "track", "group", "page", "screen", "alias"];
const STUBBED = [
  ...EVENTS,
  ...["reset", "ready", "once", "on", "off", "debug", "register", "deregister", "setAnonymousId"],
  ...["addSourceMiddleware", "addIntegrationMiddleware", "addDestinationMiddleware"],
];
const globals = /** @type {any} */ (window);
const root = new URL("../../", import.meta.url).href;

/**
 * Puts analytics.js on the page as Segment's snippet does: it makes a queue that collects calls until the library is
 * there, sets the load options, and adds the script.
 */
function snippet() {
  /** @type {any} */
  const queue = [];
  globals.analytics = queue;
  queue.invoked = true;
  queue.methods = STUBBED;
  for (const method of STUBBED) {
    queue[method] = (/** @type {unknown[]} */ ...args) => {
      // A caller may still have the queue that the library has replaced.
      if (globals.analytics.initialized) return globals.analytics[method](...args);
      queue.push([method, ...args, ...(EVENTS.includes(method) ? [pageNow()] : [])]);
      return queue;
    };
  }
  queue.SNIPPET_VERSION = "5.2.0";
  queue._writeKey = "playground";
  queue._cdn = `${root}cdn`;
  // Segment itself gets no data, so this works without a network and no data leave the page.
  queue._loadOptions = { integrations: { "Segment.io": false } };
}

/** Returns the page at the time of the call, in the form of the snippet. */
function pageNow() {
  const { pathname, href, search } = location;
  return { __t: "bpc", c: undefined, p: pathname, u: href, s: search, t: document.title, r: document.referrer };
}

/**
 * @param {string} src
 * @param {Record<string, string | true>} [attributes]
 * @returns {Promise<void>}
 */
function load(src, attributes = {}) {
  const script = document.createElement("script");
  for (const [name, value] of Object.entries(attributes)) script.setAttribute(name, value === true ? "" : value);
  // The scripts run in order, as if they were in the HTML.
  script.async = false;
  script.src = src;
  document.head.append(script);
  return new Promise((resolve) => {
    script.onload = () => resolve();
    script.onerror = () => visit.missing(src);
  });
}

/** While the visitor is offline, Jimo's script does not load. */
function mayBeOffline() {
  const append = document.head.appendChild.bind(document.head);
  Object.defineProperty(navigator, "onLine", { get: () => visit.online, configurable: true });
  document.head.appendChild = (/** @type {any} */ node) => {
    for (const name of ["src", "href"]) if (!visit.online && node[name] === visit.sdk) node[name] = visit.nowhere;
    return append(node);
  };
}

function show() {
  const { analytics } = globals;
  const user = analytics.initialized ? analytics.user().id() : undefined;
  /** @param {string} id */
  const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  at("who").textContent = user === undefined ? "Loading" : user ? `Hello, ${user}` : "Hello, visitor";
  at("login").hidden = !!user;
  at("logout").hidden = !user;
}

/** @param {string} id @param {() => void} work */
function onPress(id, work) {
  document.getElementById(id)?.addEventListener("click", work);
}

/** @type {Visit} */
const visit = /** @type {any} */ (window.frameElement)?.visit;
if (visit) {
  visit.clear();
  mayBeOffline();
  snippet();
  if (visit.jimo) {
    // Jimo's own snippet, which a page may already have.
    Object.assign(window, { jimo: [], JIMO_PROJECT_ID: visit.given.projectId });
    load(visit.jimo);
  }
  visit.begin(window);
  if (visit.python) {
    const program = document.createElement("script");
    program.type = "text/x-python";
    program.dataset.segmentJimo = "";
    program.textContent = visit.python;
    document.head.append(program);
  }
  // Before analytics.js, which may deliver its queue as soon as it runs.
  if (visit.tag) load(`${root}dist/segment-jimo.js`, visit.tag);
  else {
    load(`${root}dist/segment-jimo.js`).then(() =>
      globals.analytics.register(globals.jimoDestination({ ...visit.given }))?.catch?.(() => {}),
    );
  }
  load(`${root}cdn/analytics.js/v1/playground/analytics.min.js`, { "data-global-segment-analytics-key": "analytics" });
  for (const [method, ...args] of visit.calls) globals.analytics[method](...args);

  onPress("order", () => globals.analytics.track("Order Completed", { total: 42.5, currency: "EUR" }));
  onPress("login", () => globals.analytics.identify("ada", { email: "ada@example.com", plan: "pro" }));
  onPress("logout", () => globals.analytics.reset());
  for (const name of ["dispatch_start", "reset"]) globals.analytics.on(name, () => setTimeout(show));
  globals.analytics.ready(show);
} else {
  location.replace(root);
}
