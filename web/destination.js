// The destination as analytics.js sees it: a plain plugin object over a bounded queue.
//
// It answers every event at once, keeps what cannot be delivered yet, and fetches the rest of the
// page side (start.js) when there is a reason to. What happens to an event is decided in Python;
// this file must work without it, and knows nothing of triggers, mappings or commands.

/** The name in Segment's catalog; also the key in `event.integrations`. */
export const NAME = "Jimo (Actions)";

/** What became of an event that was offered to Python; the numbers are those of delivery.py. */
export const UNMATCHED = 0;
export const DELIVERED = 1;
export const HELD = 2;
export const ASIDE = 3;
export const DROPPED = 4;

const BUFFER = 1000;
const BOOT_MS = 60_000;
/** After a failed boot the next one waits for an event, and for so long. */
const BOOT_PAUSES_MS = [1_000, 5_000, 25_000];
const RUNTIMES = ["micropython", "pyodide", "page"];

/**
 * Makes the plugin for `analytics.register()`, and `window.segmentJimo` beside it.
 *
 * @param {Given} given
 * @param {From} from
 * @returns {JimoPlugin}
 */
export function createDestination(given, from) {
  /** @type {Page["events"]} */
  const events = { received: 0, unmatched: 0, held: 0, delivered: 0, dropped: 0 };
  /** @type {Map<string, StatusError>} */
  const errors = new Map();
  // Ids of events that were created and have not reached us, and of those among them that a reset
  // has made the previous user's (analytics.js says `dispatch_start` long before we see an event).
  const coming = new Set();
  const bygone = new Set();
  /** @type {(() => void)[]} */
  const undo = [];
  /** @type {Item[]} */
  const queue = [];
  let ids = 0;
  let tries = 0;
  let pausing = false;
  let wanted = false;
  /** @type {{ over: boolean } | undefined} */
  let attempt;
  /** Once set, events are dropped for this reason. @type {[code: string, message: string, field?: string] | undefined} */
  let closed;

  /** @type {Page} */
  const page = {
    given,
    from,
    base: given.assets ? new URL(`${given.assets}/`, document.baseURI).href : from.url,
    events,
    queue,
    state: "waiting",
    sdk: "none",
    initialized: !given.manualInit,
    waiting: !!given.manualInit,
    timings: { registered: null, booted: null, sdkLive: null, firstCommand: null },
    userOf: guessUser(given.subscriptions),

    report(code, message, subscription, field) {
      const key = [code, subscription, field].join("\n");
      const known = errors.get(key);
      if (known) {
        known.count++;
      } else if (errors.size < 100) {
        errors.set(key, { code, message, count: 1, ...(subscription && { subscription }), ...(field && { field }) });
        console.warn(`[segment-jimo] ${code}: ${message}`);
      }
    },
    explain(...words) {
      if (given.debug) console.debug("[segment-jimo]", ...words);
    },
    mark(name) {
      page.timings[name] ??= Math.round(performance.now() * 10) / 10;
    },
    settle(outcome) {
      events[outcome === UNMATCHED ? "unmatched" : outcome === DELIVERED ? "delivered" : "dropped"]++;
    },
    // The page may change its objects after it has handed them over, so what stays here is copied.
    keep(item) {
      if (item.copied) return;
      item.event = copy(item.event);
      item.copied = true;
      item.payloads = undefined;
    },
    // Looks for the first held event that names the user.
    seek() {
      queue.some((item) => meet(item));
    },
    drain() {
      while (queue.length && page.link && (!page.waiting || queue[0].stale)) {
        const item = queue[0];
        const outcome = page.link.offer(item);
        if (outcome === HELD || queue[0] !== item) break;
        queue.shift();
        if (outcome !== ASIDE) {
          events.held--;
          page.settle(outcome);
        }
      }
    },
    close(code, message, field) {
      page.report(code, message, undefined, field);
      shut(code, message, field);
    },
    attach(more, python) {
      if (page.python) return false;
      Object.assign(given, more);
      page.python = python;
      page.waiting = !!given.manualInit;
      page.initialized = !given.manualInit;
      from.register?.();
      boot();
      return true;
    },
    status: () => ({
      version: VERSION,
      runtime: RUNTIMES.includes(/** @type {string} */ (runtime)) ? runtime : null,
      state: page.state,
      sdk: page.sdk,
      events: { ...events },
      errors: [...errors.values()].map((error) => ({ ...error })),
      timings: { ...page.timings },
    }),
  };
  const runtime = given.runtime ?? "micropython";

  /** @param {[code: string, message: string, field?: string]} reason */
  function shut(...reason) {
    closed = reason;
    events.dropped += queue.length;
    events.held -= queue.length;
    queue.length = 0;
    page.link?.close();
    page.link = undefined;
    if (attempt) attempt.over = true;
    // Later, since Python may be at work in the frame that is removed here.
    const actions = undo.splice(0);
    setTimeout(() => actions.forEach((action) => action()));
  }

  /** @param {string} code @param {string} message @param {string} [field] */
  function fail(code, message, field) {
    page.state = "failed";
    page.close(code, message, field);
  }

  /** @param {Item} item whether it names the user for whom an identified-only page waits */
  function meet(item) {
    const id = !item.stale && page.userOf(item.event);
    if (!id) return false;
    page.waiting = false;
    page.user = { id, item: item.id };
    if (page.link) page.link.user(item.id);
    else boot();
    return true;
  }

  /** @param {Context} ctx */
  function take(ctx) {
    events.received++;
    try {
      const { event } = ctx;
      coming.delete(event.messageId);
      const stale = bygone.delete(event.messageId);
      ids = (ids + 1) & 0xfffffff;
      /** @type {Item} */
      const item = { id: ids, event, ctx, stale };
      if (closed) {
        events.dropped++;
        page.report(closed[0], closed[1], undefined, closed[2]);
      } else {
        let outcome = HELD;
        if (page.link) {
          if (!page.link.match(item)) outcome = UNMATCHED;
          // Nothing is ahead of it, so Python may decide on it now.
          else if (!queue.length && (!page.waiting || stale)) outcome = page.link.offer(item);
        } else if (stale && page.waiting) {
          outcome = bury();
        }
        if (outcome === HELD) {
          page.keep(item);
          queue.push(item);
        }
        if (outcome === HELD || outcome === ASIDE) events.held++;
        else page.settle(outcome);
        if (queue.length > BUFFER) evict();
        if (page.waiting) meet(item);
        else if (page.state === "failed") boot();
      }
    } catch (error) {
      events.dropped = events.received - events.unmatched - events.held - events.delivered;
      page.report("internal", String(error));
    }
    return ctx;
  }

  // The oldest event that only tells what happened goes first; the latest identify and the latest
  // group say who the visitor is, and stay.
  function evict() {
    /** @param {Item} item */
    const kind = ({ event: { type } }) => (type === "identify" || type === "group" ? type : "");
    const last = { identify: -1, group: -1, "": -1 };
    queue.forEach((item, index) => {
      if (kind(item)) last[kind(item)] = index;
    });
    let victim = queue.findIndex((item) => !kind(item) && !item.started);
    if (victim < 0) victim = queue.findIndex((item, index) => index !== last[kind(item)] && !item.started);
    queue.splice(victim, 1);
    events.held--;
    events.dropped++;
    page.report("buffer-full", `More than ${BUFFER} events were waiting; the oldest was given up.`);
  }

  async function boot() {
    if (attempt || page.link || closed || (runtime === "page" && !page.python)) return;
    wanted = true;
    if (pausing) return;
    wanted = false;
    const current = { over: false };
    attempt = current;
    page.state = "booting";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    try {
      // Browsers remember a module that failed to load; another fragment makes it another module.
      const url = new URL(FILES.start + (tries++ ? `#${tries}` : ""), page.base);
      await Promise.race([
        import(url.href).then((module) => module.start(page, current, undo)),
        new Promise((_, reject) => {
          timer = setTimeout(reject, BOOT_MS, {
            code: "boot-timeout",
            message: `Python was not running after ${BOOT_MS / 1000} s.`,
          });
        }),
      ]);
    } catch (error) {
      current.over = true;
      const known = typeof (/** @type {any} */ (error)?.code) === "string";
      const { code, message } = known ? /** @type {any} */ (error) : { code: "boot-failed", message: String(error) };
      page.state = "failed";
      const pause = BOOT_PAUSES_MS[tries - 1];
      if (pause) {
        page.report(code, message);
        pausing = true;
        setTimeout(() => {
          pausing = false;
          if (wanted) boot();
        }, pause);
      } else {
        fail(code, message);
      }
    }
    clearTimeout(timer);
    attempt = undefined;
  }

  function reset() {
    for (const id of coming) remember(bygone, id);
    coming.clear();
    for (const item of queue) item.stale = true;
    page.user = undefined;
    page.waiting = !!given.manualInit;
    if (page.link) page.link.reset();
    else if (page.waiting) {
      events.held -= queue.length;
      for (const _ of queue.splice(0)) page.settle(bury());
    }
  }

  /** What an identified-only page knew of a user who has ended before Jimo was started for them. */
  function bury() {
    page.report("reset", "The user was reset before this could reach Jimo.");
    return DROPPED;
  }

  /** @param {Analytics} analytics */
  function load(analytics) {
    page.mark("registered");
    const own = analytics.settings?.cdnSettings?.remotePlugins?.find(({ name }) => name === NAME);
    if (own && from.tag && new URL(own.url, location.href).href !== from.url) {
      return fail(
        "already-enabled-in-segment",
        `The Segment workspace has its own "${NAME}" destination, so this one does nothing. Disable one of the two.`,
      );
    }
    /** @param {string} name @param {(...args: any[]) => void} listener */
    const on = (name, listener) => {
      analytics.on(name, listener);
      undo.push(() => analytics.off?.(name, listener));
    };
    on("dispatch_start", (ctx) => remember(coming, ctx.event.messageId));
    on("reset", reset);
    if (!page.waiting) boot();
    if (runtime === "page") {
      const timer = setTimeout(() => {
        if (page.python) return;
        page.state = "failed";
        page.report("boot-timeout", `No Python called segment_jimo.attach() within ${BOOT_MS / 1000} s.`);
      }, BOOT_MS);
      undo.push(() => clearTimeout(timer));
    }
  }

  let withdraw = publish(page);
  const [field, problem] = check(given);
  if (problem) fail("invalid-settings", problem, field);
  else if (!withdraw) fail("already-on-page", "Another copy of this destination is on the page; it goes on.");

  /** @type {JimoPlugin} */
  const plugin = {
    name: NAME,
    type: "destination",
    version: VERSION,
    isLoaded: () => true,
    ready: () => Promise.resolve(),
    async load(_ctx, analytics) {
      try {
        if (closed?.[0] === "unloaded") {
          closed = undefined;
          tries = 0;
          withdraw = publish(page);
        }
        if (!closed) load(analytics);
      } catch (error) {
        fail("internal", String(error));
      }
    },
    unload() {
      if (closed) return;
      shut("unloaded", "The destination was deregistered.");
      page.state = "waiting";
      page.waiting = !!given.manualInit;
      page.user = page.python = undefined;
      withdraw?.();
    },
  };
  for (const type of ["identify", "track", "page", "screen", "group", "alias"]) plugin[type] = take;
  return plugin;
}

/**
 * The settings that matter before Python runs. Python checks them all once more.
 *
 * @param {Given} given
 * @returns {[string, string] | []}
 */
function check({ projectId, manualInit = false, runtime = "micropython" }) {
  /** @param {string} name @param {string} expected @param {unknown} value @returns {[string, string]} */
  const wrong = (name, expected, value) => [name, `${name}: expected ${expected}, got ${JSON.stringify(value)}.`];
  if (!RUNTIMES.includes(/** @type {string} */ (runtime))) return wrong("runtime", RUNTIMES.join(", "), runtime);
  if (runtime !== "page" && (typeof projectId !== "string" || !projectId.trim()))
    return wrong("projectId", "the id of your Jimo project", projectId);
  if (manualInit !== null && typeof manualInit !== "boolean") return wrong("manualInit", "true or false", manualInit);
  return [];
}

/**
 * Tells whether an event may name a user, before Python has compiled the mappings: any path that
 * the id of Send User Data is mapped from leads to something.
 *
 * @param {unknown} subscriptions
 * @returns {Page["userOf"]}
 */
function guessUser(subscriptions) {
  const mappings = (Array.isArray(subscriptions) ? subscriptions : [])
    .filter((one) => one?.partnerAction === "sendUserData" && one.enabled !== false && one.mapping)
    .map(({ mapping }) => mapping.userId);
  const text = mappings.length ? JSON.stringify(mappings) : '"$.userId"';
  const paths = [...text.matchAll(/"\$\.([^"]+)"|\{\{\s*(?:\$\.)?([^}\s]+)/g)].map((found) => found[1] ?? found[2]);
  return (event) =>
    paths
      .map((path) => path.split(".").reduce((/** @type {any} */ value, key) => value?.[key], event))
      .find((value) => value !== undefined && value !== null && value !== "");
}

/**
 * Some events never reach us, being switched off for us; their ids must not pile up.
 *
 * @param {Set<unknown>} ids
 * @param {unknown} id
 */
function remember(ids, id) {
  ids.add(id);
  if (ids.size > BUFFER) ids.delete(ids.values().next().value);
}

/**
 * @param {any} value
 * @param {number} [depth]
 * @returns {any}
 */
function copy(value, depth = 3) {
  try {
    return structuredClone(value);
  } catch {
    // A function or a DOM node somewhere inside: copy around it.
    if (!depth || Object.prototype.toString.call(value) !== "[object Object]") return value;
    try {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner, depth - 1)]));
    } catch {
      return value;
    }
  }
}

/**
 * Puts `window.segmentJimo` there, unless it is taken.
 *
 * @param {Page} page
 * @returns {(() => void) | undefined} takes it away again
 */
function publish(page) {
  if (window.segmentJimo) return undefined;
  const api = {
    get initialized() {
      return page.initialized;
    },
    client: () => window.jimo,
    status: page.status,
  };
  // For segment_jimo.attach(), with data-runtime="page".
  Object.defineProperty(api, "python", {
    value: {
      settings: () => JSON.stringify(page.given),
      attach: (/** @type {string} */ json, /** @type {(bridge: object) => void} */ connect) =>
        page.attach(JSON.parse(json), connect),
    },
  });
  window.segmentJimo = api;
  return () => {
    if (window.segmentJimo === api) delete window.segmentJimo;
  };
}
