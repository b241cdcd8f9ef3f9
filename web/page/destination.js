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
const COMING = 10_000;
/** Characters of what is kept for the next page. */
const KEPT = 200_000;
const BOOT_MS = 60_000;
/** How long after a failed boot the next one begins. */
const BOOT_PAUSES_MS = [1_000, 5_000, 25_000];
/** @type {Parameters<Page["report"]>} */
const UNLOADED = ["unloaded", "Unloaded."];
/** @type {[code: string, message: string]} */
const ENABLED = ["already-enabled-in-segment", `Segment has its own "${NAME}". Disable one.`];
const RUNTIMES = ["micropython", "pyodide", "page"];
/** Settings that are true or false. */
export const FLAGS = /** @type {const} */ (["manualInit", "refetchExperiencesOnTraitsUpdate", "debug"]);

/**
 * Makes the plugin for `analytics.register()`, and `window.segmentJimo` beside it.
 *
 * @param {Given} asked
 * @param {From} from
 * @returns {JimoPlugin}
 */
export function createDestination(asked, from) {
  /** @type {Given} */
  const given = {};
  const wrong = read(asked, given);
  /** @type {Page["events"]} */
  const events = {
    received: 0,
    unmatched: 0,
    // Whatever is not settled, so that the sum holds also for who asks in the middle of an event.
    get held() {
      return this.received - this.unmatched - this.delivered - this.dropped;
    },
    delivered: 0,
    dropped: 0,
  };
  /** @type {Map<string, StatusError>} */
  const errors = new Map();
  // Ids of events that were created and have not reached us, and whether a reset has made them the
  // previous user's (analytics.js says `dispatch_start` long before we see an event).
  /** @type {Map<unknown, boolean>} */
  const coming = new Map();
  /** @type {(() => void)[]} */
  const undo = [];
  /** @type {Item[]} */
  const queue = [];
  let key = "";
  let ids = 0;
  let tries = 0;
  // Whose the events are that name nobody, once that is known.
  /** @type {unknown} */
  let owner = null;
  /** The try to boot that goes on. @type {AbortController | undefined} */
  let attempt;
  /** Once set, events are dropped for this reason. @type {Parameters<Page["report"]> | undefined} */
  let closed;

  /** @type {Page} */
  const page = {
    given,
    from,
    base: (given.assets && folder(given.assets)) || from.url,
    events,
    queue,
    aside: new Map(),
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
        quietly(() => console.warn(`[segment-jimo] ${code}: ${message}`));
      }
    },
    mark(name) {
      page.timings[name] ??= Math.round(performance.now());
    },
    settle(outcome) {
      // Nothing is, if this event was given up with all others while it went out.
      if (!events.held) return;
      events[/** @type {const} */ (["unmatched", "delivered"])[outcome] ?? "dropped"]++;
    },
    // The page may change its objects after it has handed them over, so what stays here is copied.
    keep(item) {
      if (item.copied) return;
      item.event = copy(item.event);
      item.copied = true;
      item.payloads = undefined;
    },
    meet,
    close(...reason) {
      page.report(...reason);
      shut(reason);
    },
    settings: () => JSON.stringify(given),
    attach(json, python) {
      if (page.python) return false;
      if (given.projectId === undefined) from.register?.(plugin, page.report);
      Object.assign(given, JSON.parse(json));
      page.python = python;
      page.waiting = !!given.manualInit;
      page.initialized = !given.manualInit;
      // Before that it is not known yet whether this destination is to stand aside.
      if (page.timings.registered !== null) boot();
      return true;
    },
    status: () =>
      copy({
        version: VERSION,
        runtime: RUNTIMES.includes(/** @type {any} */ (runtime)) ? /** @type {any} */ (runtime) : null,
        state: page.state,
        sdk: page.sdk,
        events,
        errors: [...errors.values()],
        timings: page.timings,
      }),
  };
  const runtime = given.runtime ?? "micropython";

  /** @param {Parameters<Page["report"]>} reason */
  function shut(reason) {
    closed = reason;
    events.dropped += forget();
    page.link?.close();
    page.link = undefined;
    attempt?.abort();
    attempt = undefined;
    // Later, since Python may be at work in the frame that is removed here.
    const actions = undo.splice(0);
    setTimeout(() => actions.forEach((action) => quietly(action)));
  }

  /** @param {Parameters<Page["report"]>} reason */
  function fail(...reason) {
    page.state = "failed";
    page.close(...reason);
  }

  /** @param {Item} item which may name the user for whom an identified-only page waits */
  function meet(item) {
    const id = !item.stale && page.userOf(item.event);
    if (!id) return;
    page.waiting = false;
    owner = item.event.userId || owner;
    page.user = { id, item: item.id, owner, event: item.event };
    if (page.link) page.link.user(item.id);
    else boot();
  }

  /** @param {Context} ctx @param {boolean} [restored] */
  function take(ctx, restored) {
    let outcome = DROPPED;
    events.received++;
    try {
      const { event } = ctx;
      const stale = !!coming.get(event.messageId);
      coming.delete(event.messageId);
      /** @type {Item} */
      const item = { id: ++ids, event, ctx, stale, restored, kind: event.traits && event.type };
      if (closed) page.report(...closed);
      else {
        outcome = page.link ? page.link.take(item) : stale && page.waiting ? bury() : HELD;
        if (outcome === HELD) {
          page.keep(item);
          queue.push(item);
        }
        if (queue.length > BUFFER) evict();
        if (page.waiting && outcome !== DROPPED) meet(item);
      }
    } catch (error) {
      page.report("internal", show(error));
    }
    if (outcome !== HELD && outcome !== ASIDE) page.settle(outcome);
    return ctx;
  }

  function evict() {
    const [item] = byWorth(queue);
    queue.splice(queue.indexOf(item), 1);
    page.settle(DROPPED);
    page.report("buffer-full", `More than ${BUFFER} events waited.`);
  }

  async function boot() {
    if (attempt || page.link || closed || (runtime === "page" && !page.python)) return;
    const current = new AbortController();
    attempt = current;
    page.state = "booting";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    try {
      // Browsers remember a module that failed to load; another fragment makes it another module.
      const url = new URL(FILES.start + (tries++ ? `#${tries}` : ""), page.base);
      await new Promise((resolve, reject) => {
        timer = setTimeout(
          () => reject({ code: "boot-timeout", message: `No Python ran within ${BOOT_MS / 1000} s.` }),
          BOOT_MS,
        );
        import(/* webpackIgnore: true */ /* @vite-ignore */ url.href)
          .then((module) => module.start(page, current.signal, undo))
          .then(resolve, reject);
      });
    } catch (error) {
      if (current.signal.aborted) return;
      current.abort();
      // A reason of our own has a code, what the browser throws has none.
      const { code, message } = { code: "boot-failed", message: show(error), .../** @type {any} */ (error) };
      page.state = "failed";
      const pause = BOOT_PAUSES_MS[tries - 1];
      if (pause) {
        page.report(code, message);
        setTimeout(boot, pause);
      } else {
        page.close(code, message);
      }
    } finally {
      clearTimeout(timer);
      if (attempt === current) attempt = undefined;
    }
  }

  function reset() {
    // What came before it and only waits for its turn.
    page.link?.drain(true);
    for (const id of coming.keys()) coming.set(id, true);
    page.user = undefined;
    owner = null;
    page.waiting = !!given.manualInit;
    for (const item of queue.splice(0)) {
      item.stale = true;
      if (item.started || (!item.restored && (page.link || !page.waiting))) queue.push(item);
      else page.settle(bury());
    }
    page.ended = true;
    page.link?.reset();
  }

  /** What an identified-only page knew of a user who has ended before Jimo was started for them. */
  function bury() {
    page.report("reset", "The user was reset.");
    return DROPPED;
  }

  /** The page is being left: what Jimo has not got yet is kept for the next page of this tab. */
  function leave() {
    if (page.left || !events.held) return;
    let room = KEPT;
    // What is worth most comes first, and no more is turned into text than there is room for.
    for (const item of [...byWorth(queue)].reverse()) {
      const text = !item.stale && !item.sent && room > 0 && pack(item.event);
      item.text = text && (room -= text.length) > 0 && text;
    }
    const texts = queue.flatMap(({ text }) => text || []);
    const head = [performance.timeOrigin + performance.now(), events.held - texts.length, JSON.stringify(owner)];
    const text = `[${[...head, ...texts]}]`;
    // Where storage is blocked or full, they stay with this page.
    page.left = quietly(() => (sessionStorage[key] = text));
  }

  /** @param {Analytics} analytics */
  function comeBack(analytics) {
    if (!page.left) return;
    if (sessionStorage[key] === page.left) delete sessionStorage[key];
    else {
      // The page after this one has taken them over, and counts them.
      events.received -= forget();
      takeOver(analytics);
    }
    page.left = undefined;
    page.link?.drain();
  }

  /** @returns {number} how many events were held */
  function forget() {
    queue.length = 0;
    page.aside.clear();
    return events.held;
  }

  /**
   * Takes what the page before this one in the same tab has left: of this visitor, and written
   * while this page was on its way, which is not so in a copy of the tab.
   *
   * @param {Analytics} analytics
   */
  function takeOver(analytics) {
    let [at, lost, of, ...kept] = quietly(() => [...JSON.parse(sessionStorage[key], unpack)]) ?? [];
    quietly(() => delete sessionStorage[key]);
    if (!(at >= performance.timeOrigin)) return;
    // What names nobody is that user's, once there is one.
    if (of) for (const event of kept) event.userId ||= of;
    const user = analytics.user?.();
    // What an anonymous visitor did before another user came is that user's, too.
    const others = kept.findLastIndex(
      ({ anonymousId, userId }) => anonymousId !== user?.anonymousId() || (userId && userId !== user?.id()),
    );
    lost += others + 1;
    for (const event of kept.slice(others + 1)) take({ event }, true);
    if (!lost) return;
    events.received += lost;
    events.dropped += lost;
    page.report("not-kept", "The last page's events are lost.");
  }

  /** @param {Analytics} analytics */
  function load(analytics) {
    page.mark("registered");
    const own = analytics.settings?.cdnSettings?.remotePlugins?.find(({ name }) => name === NAME);
    if (own && from.tag && new URL(own.url, location.href).href !== from.url) {
      return fail(...ENABLED);
    }
    /** @param {string} name @param {(...args: any[]) => void} listener */
    const on = (name, listener) => {
      const heard = guard(listener);
      analytics.on(name, heard);
      undo.push(() => analytics.off?.(name, heard));
    };
    on("dispatch_start", (ctx) => {
      coming.set(ctx.event.messageId, false);
      // Some never reach us, being switched off for us.
      if (coming.size > COMING) coming.delete(coming.keys().next().value);
    });
    on("reset", reset);
    const listening = new AbortController();
    undo.push(() => listening.abort());
    addEventListener("pagehide", guard(leave), listening);
    addEventListener(
      "pageshow",
      guard(() => comeBack(analytics)),
      listening,
    );
    key = `segment-jimo:${given.projectId}`;
    takeOver(analytics);
    if (!page.waiting) boot();
    if (runtime === "page") {
      setTimeout(() => {
        if (page.python || closed) return;
        page.state = "failed";
        page.report("boot-timeout", `No Python called attach() within ${BOOT_MS / 1000} s.`);
      }, BOOT_MS);
    }
  }

  let withdraw = publish(page);
  if (wrong) fail(...wrong);
  else if (!withdraw) fail("already-on-page", "Another is there.");

  const plugin = /** @type {JimoPlugin} */ ({
    name: NAME,
    type: "destination",
    version: VERSION,
    isLoaded: () => true,
    async ready() {},
    async load(_ctx, analytics) {
      try {
        if (closed === UNLOADED) {
          closed = undefined;
          tries = 0;
          withdraw = publish(page);
        }
        if (!closed) load(analytics);
      } catch (error) {
        fail("internal", show(error));
      }
    },
    unload() {
      withdraw?.();
      if (closed) return;
      if (events.held) page.report(...UNLOADED);
      page.link?.end();
      shut(UNLOADED);
      page.state = "waiting";
      page.waiting = !!given.manualInit;
      page.user = page.python = undefined;
    },
  });
  for (const type of "identify track page screen group alias".split(" "))
    plugin[type] = (/** @type {Context} */ ctx) => take(ctx);
  if (withdraw && given.projectId !== undefined) from.register?.(plugin, page.report);
  return plugin;
}

/** @param {unknown} assets @returns {string | undefined} nothing for what is no URL */
const folder = (assets) =>
  quietly(() => new URL(/** @type {string} */ (assets), document.baseURI).href.replace(/\/*$/, "/"));

/**
 * Reads the settings. Python checks those that it uses once more.
 *
 * @param {any} asked
 * @param {any} given where they go
 * @returns {Parameters<Page["report"]> | undefined} the first that is wrong
 */
function read(asked, given) {
  /** @type {Parameters<Page["report"]> | undefined} */
  let wrong;
  /** @type {[isRight: (value: any) => unknown, expected: string, ...names: string[]][]} */
  const rules = [
    [(value = RUNTIMES[0]) => RUNTIMES.includes(value), RUNTIMES.join(", "), "runtime"],
    [
      (value) => given.runtime === "page" || (typeof value === "string" && value.trim()),
      "the id of your Jimo project",
      "projectId",
    ],
    [(value = true) => typeof value === "boolean", "true or false", ...FLAGS],
    [(value = []) => Array.isArray(value), "a list", "subscriptions"],
    [(value = "") => value === "" || (typeof value === "string" && folder(value)), "a URL", "assets", "sdkUrl"],
  ];
  for (const [isRight, expected, ...names] of rules) {
    for (const name of names) {
      let value;
      try {
        value = asked?.[name] ?? undefined;
      } catch (error) {
        value = error;
      }
      given[name] = value;
      if (quietly(() => isRight(value))) continue;
      const came = typeof value === "string" ? `"${show(value)}"` : show(value);
      wrong ??= ["invalid-settings", `${name}: expected ${expected}, got ${came}.`, undefined, name];
    }
  }
  return wrong;
}

/**
 * Tells whether an event may name a user, before Python has compiled the mappings: anything in the
 * mapping of Send User Data's id that may be a path leads to something.
 *
 * @param {any} subscriptions
 * @returns {Page["userOf"]}
 */
function guessUser(subscriptions) {
  let paths = ["userId"];
  try {
    // An exception here would cost milliseconds on each page without subscriptions.
    const mappings = subscriptions
      ?.filter((/** @type {any} */ one) => one.partnerAction === "sendUserData" && one.enabled !== false)
      .map((/** @type {any} */ { mapping = { userId: paths } }) => {
        const whole = JSON.stringify(mapping);
        if (/^{"@|"__seg/.test(whole)) return whole;
        const id = mapping.userId;
        // A value of the mapping's own is there with each event, as its type is.
        return id && typeof id !== "object" ? '"type"' : JSON.stringify(id);
      });
    if (mappings?.length) paths = mappings.join().match(/[\w.[\]-]+/g) ?? [];
  } catch {
    // Python says what is wrong.
  }
  return (event) =>
    paths
      .map((path) => path.match(/[^.[\]]+/g)?.reduce((/** @type {any} */ value, key) => value?.[key], event))
      .some((value) => (value ?? "") !== "");
}

/**
 * In the order in which they are given up: first what only tells what happened, then what says who
 * the visitor is and is not the latest to say so.
 *
 * @param {Item[]} items from the oldest
 */
function* byWorth(items) {
  /** @param {Item} item */
  const worth = (item) =>
    item.started ? 3 : item.kind ? (items.findLast(({ kind }) => kind === item.kind) === item ? 2 : 1) : 0;
  for (const wanted of [0, 1, 2, 3]) for (const item of items) if (worth(item) === wanted) yield item;
}

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

/** @param {(...args: any[]) => void} listener @returns {typeof listener} that never throws into the page */
const guard =
  (listener) =>
  (...args) =>
    quietly(() => listener(...args));

/** @param {unknown} value @returns {string} it in an error message: anything may have come, or been thrown */
export const show = (value) => quietly(() => String(value).slice(0, 200)) ?? typeof value;

/**
 * JSON in which a date is text that begins with NUL; nothing where there is no form for a value.
 *
 * @param {SegmentEvent} event
 */
function pack(event) {
  try {
    return JSON.stringify(event, function (key) {
      const value = this[key];
      if (value instanceof Date) return `\0${+value}`;
      if ((typeof value === "object" && value && !isPlain(value)) || value?.[0] === "\0") throw 0;
      return value;
    });
  } catch {
    return "";
  }
}

/** @param {string} _key @param {any} value */
const unpack = (_key, value) => (value?.[0] === "\0" ? new Date(+value.slice(1)) : value);

/** @param {unknown} value an object or a list with no ways of its own, of whatever frame */
const isPlain = (value) => /t (Object|Array)]/.test({}.toString.call(value));

/** @param {any} value */
const copy = (value) => quietly(() => structuredClone(value)) ?? copyAround(value, new Map());

/**
 * Copies around what cannot be copied, such as a function or a DOM node.
 *
 * @param {any} value
 * @param {Map<object, any>} seen copies of what may be met again
 * @returns {any}
 */
function copyAround(value, seen) {
  if (typeof value !== "object") return value;
  if (!seen.has(value)) {
    seen.set(value, value);
    quietly(() => {
      const own = !isPlain(value) ? structuredClone(value) : Array.isArray(value) ? value.slice() : { ...value };
      seen.set(value, own);
      if (isPlain(own)) for (const key of Object.keys(own)) own[key] = copyAround(own[key], seen);
    });
  }
  return seen.get(value);
}

/**
 * Puts `window.segmentJimo` there, unless it is taken.
 *
 * @param {Page} page
 * @returns {(() => void) | undefined} takes it away again
 */
function publish(page) {
  const there = quietly(() => Object.hasOwn(window, "segmentJimo") && window.segmentJimo);
  if (there) {
    const other = /** @type {any} */ (there).python;
    // One that Segment brings takes the place of a tag's that has not begun.
    if (page.from.tag || !other?.from?.tag || other.timings.registered) return undefined;
    other.close(...ENABLED);
    page.report(...ENABLED);
  }
  const api = {
    // For segment_jimo.attach(), with data-runtime="page".
    __proto__: { python: page },
    get initialized() {
      return page.initialized;
    },
    client: () => window.jimo,
    status: page.status,
  };
  quietly(() => (window.segmentJimo = api));
  return () => quietly(() => window.segmentJimo === api && delete window.segmentJimo);
}
