// The destination as analytics.js sees it: a plain plugin object. It answers every event at once,
// keeps what cannot be delivered yet, and has the rest of the page side fetched when there is a reason
// to. What becomes of an event is decided in Python; nothing here knows triggers, mappings, commands.

import { publish } from "./api.js";
import { copy } from "./copy.js";
import { createErrors } from "./errors.js";
import { createHandover } from "./handover.js";
import { mayNameUser } from "./mayNameUser.js";
import { createMemory } from "./memory.js";
import { NAME } from "./name.js";
import { createQueue } from "./queue.js";
import { quietly } from "./quietly.js";
import { readSettings, RUNTIMES, folder } from "./settings.js";
import { createStamps } from "./stamps.js";
import { createStarter } from "./starter.js";

/** @typedef {Parameters<ReportFault>} Reason */
/** @type {Reason} */
const UNLOADED = ["unloaded", "The destination was deregistered."];
const ENABLED = "already-enabled-in-segment";
const TWICE = "Registered twice on this page. Remove one.";
/** Identified-only, and there is no user; the number is that of jimo.py. */
const NO_USER = -11;
/** @type {[code: ErrorCode, message: string]} */
const RESET = ["reset", "The user was reset before this could reach Jimo."];
/** How long the page's own Python may take to attach itself. */
const ATTACH_MS = 60_000;

/**
 * Makes the plugin for `analytics.register()`, and `window.segmentJimo` beside it.
 *
 * @param {unknown} asked the settings
 * @param {From} from
 * @returns {JimoPlugin}
 */
export function createDestination(asked, from) {
  const { given, faults, warnings } = readSettings(asked);
  const runtime = given.runtime ?? "micropython";
  const errors = createErrors();
  const { report } = errors;
  const queue = createQueue(report);
  let stamps = createStamps(onEra);
  /** @type {ReturnType<typeof createHandover> | undefined} */
  let handover;
  /** @type {Dispatcher | undefined} */
  let dispatcher;
  /** Once set, events are dropped for this reason. @type {Reason | undefined} */
  let stopped;
  /** What takes back whatever was done to the page. @type {(() => void)[]} */
  let undo = [];
  let maySend = mayNameUser(given.subscriptions);

  /** @type {Host} */
  const host = {
    given,
    from,
    base: (given.assets && folder(given.assets)) || from.url,
    queue,
    get stamps() {
      return stamps;
    },
    /** What the page reads in `segmentJimo`. */
    shown: {
      state: "waiting",
      sdk: "none",
      initialized: !given.manualInit,
      timings: { registered: null, booted: null, sdkLive: null, firstCommand: null },
    },
    memory: /** @type {any} */ (undefined),
    report,
    heal: errors.heal,
    mark: (name) => (host.shown.timings[name] ??= Math.round(performance.now())),
    undo: (work) => undo.push(work),
    get isLeft() {
      return !!handover?.isLeft;
    },
    stop(...reason) {
      report(...reason);
      stop(reason);
    },
    early: [],
    middlewares: [],
    watchers: new Set(),
    get stopped() {
      return stopped;
    },
    start: () => starter.start(),
    /**
     * Stamps a command of the page's own Python at the time when it is given.
     *
     * @returns {number} its number in `early`; 0 where the visitor is not known yet
     */
    stampCommand: (/** @type {string} */ identifies) =>
      !stamps.listening
        ? 0
        : given.manualInit && !stamps.visitor().user && !stamps.visitor().ids?.userId
          ? NO_USER
          : host.early.push(stamps.command(identifies || undefined)),
    settings: () => JSON.stringify(given),
    attach(settings, connect) {
      if (host.connect) return false;
      if (given.projectId === undefined && !given.python) from.register?.(plugin, report);
      Object.assign(given, JSON.parse(settings));
      host.connect = connect;
      host.shown.initialized = !given.manualInit;
      maySend = () => true;
      // Before that it is not known yet whether this destination is to stand aside.
      if (host.shown.timings.registered !== null) starter.start();
      return true;
    },
    status: () =>
      copy({
        version: VERSION,
        runtime: RUNTIMES.includes(/** @type {any} */ (runtime)) ? /** @type {any} */ (runtime) : null,
        state: host.shown.state,
        sdk: host.shown.sdk,
        events: queue.events,
        errors: errors.list(),
        timings: host.shown.timings,
        recent: queue.recent,
      }),
  };
  const starter = createStarter(host, (made) => {
    dispatcher = made;
    dispatcher.begin();
  });

  /** @param {Reason} reason */
  function stop(reason) {
    stopped = reason;
    // Not told one by one: the reason is.
    for (const item of [...queue.line, ...queue.aside]) queue.settle(item, "dropped", reason[0]);
    queue.line.length = queue.aside.length = 0;
    queue.dropRest(reason[0]);
    dispatcher?.stop();
    dispatcher = undefined;
    starter.stop();
    const works = undo;
    undo = [];
    // Later, since Python may be at work in the frame that is removed here.
    setTimeout(() => works.forEach(quietly));
  }

  /** @param {Parameters<Host["stop"]>} reason */
  function fail(...reason) {
    host.shown.state = "failed";
    host.stop(...reason);
  }

  /** @param {SegmentEvent} event @param {import("./stamps.js").Stamp} stamp @param {Context} ctx @param {unknown} [answers] */
  function take(event, stamp, ctx, answers) {
    const item = queue.receive(event, stamp, ctx);
    item.answers = answers;
    if (stopped) {
      report(...stopped);
      queue.settle(item, "dropped", stopped[0]);
    } else if (dispatcher) {
      dispatcher.take(item);
      host.arrived?.();
    } else if (isOver(item)) {
      report(...RESET);
      queue.settle(item, "dropped", RESET[0]);
    } else {
      queue.hold(item);
      if (given.manualInit && stamp.era === stamps.era && maySend(item.event)) starter.start();
    }
  }

  /** Before Jimo was started for a user, nothing that they did is kept for the next one. @param {Item} item */
  const isOver = (item) => given.manualInit && item.stamp.era < stamps.era;

  /** A new era has begun. */
  function onEra() {
    if (dispatcher) dispatcher.reset(stamps.era);
    else queue.drop(isOver, ...RESET);
  }

  /** @param {Analytics} analytics */
  function load(analytics) {
    host.mark("registered");
    const own = analytics.settings?.cdnSettings?.remotePlugins?.find(({ name }) => name === NAME);
    if (own && from.tag && new URL(own.url, location.href).href !== from.url) {
      return fail(ENABLED, `Segment has its own "${NAME}". Disable one.`);
    }
    const key = `segment-jimo:${given.projectId}`;
    const memory = createMemory(key);
    host.memory = memory;
    host.analytics = analytics;
    stamps.listen(analytics, memory);
    handover = createHandover(`${key}:`, queue, stamps);
    /** @param {string} name @param {(...args: any[]) => void} listener */
    const on = (name, listener) => {
      const heard = (/** @type {any[]} */ ...args) => quietly(() => listener(...args));
      analytics.on(name, heard);
      undo.push(() => analytics.off?.(name, heard));
    };
    on("dispatch_start", stamps.dispatched);
    on("reset", stamps.reset);
    const { leave, comeBack } = handover;
    const resume = () => {
      comeBack();
      dispatcher?.resume();
    };
    listen("pagehide", ({ isTrusted }) => {
      leave();
      // A script may only have said so. A page that is left may have a next turn, too.
      if (!isTrusted) setTimeout(() => quietly(resume));
    });
    listen("pageshow", resume);
    listen("storage", (event) => memory.tellsReset(/** @type {any} */ (event)) && stamps.resetElsewhere());
    whenShown(begin);
  }

  /** @param {string} name @param {(event: Event) => void} listener */
  function listen(name, listener) {
    const heard = (/** @type {Event} */ event) => quietly(() => listener(event));
    addEventListener(name, heard);
    undo.push(() => removeEventListener(name, heard));
  }

  /** A page that is only prepared may never be shown. @param {() => void} work */
  function whenShown(work) {
    if (!(/** @type {any} */ (document).prerendering)) return work();
    const shown = () => quietly(work);
    document.addEventListener("prerenderingchange", shown, { once: true });
    undo.push(() => document.removeEventListener("prerenderingchange", shown));
  }

  /** The page is there to be seen: takes over what was left for it, and starts Python if it may. */
  function begin() {
    stamps.begin();
    const lost = handover?.takeOver(({ event, answers }, user) =>
      take(event, stamps.restored(user, { anonymousId: event.anonymousId, userId: event.userId }), { event }, answers),
    );
    if (lost) {
      queue.lose(lost);
      report("not-kept", "Events that an earlier page held are lost.");
    }
    starter.allow();
    if (!given.manualInit || queue.line.some(({ event }) => maySend(event))) starter.start();
    if (runtime !== "page") return;
    const timer = setTimeout(() => {
      if (host.connect) return;
      host.shown.state = "failed";
      report("boot-timeout", `No Python called attach() within ${ATTACH_MS / 1000} s.`);
    }, ATTACH_MS);
    undo.push(() => clearTimeout(timer));
  }

  const plugin = /** @type {JimoPlugin} */ ({
    name: NAME,
    type: "destination",
    version: VERSION,
    isLoaded: () => true,
    async ready() {},
    async load(_ctx, analytics) {
      try {
        if (stopped === UNLOADED) {
          stopped = undefined;
          stamps = createStamps(onEra);
          withdraw = publish(host, [ENABLED, TWICE]);
        }
        if (!stopped) load(analytics);
      } catch (error) {
        fail("internal", nameOf(error));
      }
    },
    unload() {
      withdraw?.();
      host.endJimo?.();
      if (stopped) return;
      if (queue.events.held) report(...UNLOADED);
      stop(UNLOADED);
      Object.assign(host.shown, { state: "waiting", sdk: "none", initialized: !given.manualInit });
      host.connect = undefined;
    },
  });
  plugin.addMiddleware = (/** @type {any[]} */ ...functions) => host.middlewares.push(...functions);
  for (const type of "identify track page screen group alias".split(" ")) {
    plugin[type] = (/** @type {Context} */ ctx) => {
      try {
        take(ctx.event, stamps.arrived(ctx), ctx);
      } catch (error) {
        report("internal", nameOf(error));
      }
      return ctx;
    };
  }

  let withdraw = publish(host, [ENABLED, TWICE]);
  for (const { code, message, subscription, field } of warnings) report(code, message, subscription, field);
  for (const { code, message, subscription, field } of faults) fail(code, message, subscription, field);
  if (!withdraw) fail("already-on-page", TWICE);
  else if ((given.projectId ?? given.python) && !stopped) from.register?.(plugin, report);
  return plugin;
}

/** @param {any} error @returns {string} what it is; its text may quote the page */
const nameOf = (error) => quietly(() => String(error.name)) ?? typeof error;
