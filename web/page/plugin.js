// The destination as analytics.js sees it: a plain plugin object. It answers every event at once, holds
// events that cannot be delivered yet, and has the rest of the page side fetched when it is needed.
// Python decides what happens to an event; nothing here knows triggers, mappings or commands.

import { publish, withdraw } from "./api.js";
import { createErrors } from "./errors.js";
import { createHandover } from "./handover.js";
import { mayNameUser } from "./mayNameUser.js";
import { createMemory, RESET } from "./memory.js";
import { NAME } from "./name.js";
import { copyOf, pack } from "./pack.js";
import { createQueue } from "./queue.js";
import { nameOf, quietly } from "./quietly.js";
import { folder, readSettings } from "./settings.js";
import { createStamps } from "./stamps.js";
import { createStarter } from "./starter.js";

/** @typedef {Parameters<ReportFault>} Reason */
/** @type {Reason} */
const UNLOADED = ["unloaded", "The destination was deregistered."];
/** After these reasons, registering again does not start it anew: it would fail again. @type {ErrorCode[]} */
const FOR_GOOD = ["invalid-settings", "quota-reached"];
const EVENTS = ["identify", "track", "page", "screen", "group", "alias"];

/**
 * Makes the plugin for `analytics.register()`, and `window.segmentJimo` beside it.
 *
 * @param {unknown} asked the settings
 * @param {From} from
 * @returns {JimoPlugin}
 */
export function createDestination(asked, from) {
  const { given, runtime, isRight } = readSettings(asked);
  const { report, kinds } = createErrors();
  const queue = createQueue(report);
  const makeStamps = () => createStamps((era) => (dispatcher ? dispatcher.reset(era) : dropEnded()));
  let stamps = makeStamps();
  /** @type {ReturnType<typeof createHandover> | undefined} */
  let handover;
  /** @type {Dispatcher | undefined} */
  let dispatcher;
  /** While set, events are dropped for this reason. @type {Reason | undefined} */
  let stopped;
  /** Functions that undo what was done to the page. @type {(() => void)[]} */
  let undo = [];
  /** The page has deregistered it, and has not registered it again. */
  let isAway = false;
  /** The page has registered this plugin twice, so each context comes twice in a row. */
  let twice = false;
  /** The context that came last. @type {Context | undefined} */
  let last;
  const maySend = mayNameUser(given.subscriptions);
  // From the page's own settings: attach() may add others before or after analytics.js comes.
  const key = `segment-jimo:${given.projectId ?? ""}`;
  /** How often a file did not come. @type {Record<string, string>} */
  const failures = {};

  /** @type {Host} */
  const host = {
    asked: asked ?? null,
    given,
    from,
    base: (given.assets && folder(given.assets)) || from.url,
    queue,
    get stamps() {
      return stamps;
    },
    shown: /** @type {any} */ (undefined),
    memory: /** @type {any} */ (undefined),
    prefix: `${key}:`,
    report,
    errors: kinds,
    mark: (name) => (host.shown.timings[name] ??= Math.round(performance.now())),
    undo: (work) => undo.push(work),
    stop(...reason) {
      host.shown.state = "failed";
      report(...reason);
      stop(reason);
    },
    middlewares: [],
    watchers: new Set(),
    get stopped() {
      return stopped ?? null;
    },
    // Browsers remember that a module failed to load. With another fragment it is another module.
    load: async (file) =>
      import(/* webpackIgnore: true */ /* @vite-ignore */ new URL(file + (failures[file] ?? ""), host.base).href).catch(
        (error) => {
          failures[file] = (failures[file] ?? "#") + 1;
          throw error;
        },
      ),
    start: () => starter.start(),
    now: () => ({ ...stamps.now(), turn: queue.turn() }),
    // Copies, since the page may keep and change them.
    status: () => ({
      version: VERSION,
      runtime,
      state: host.shown.state,
      sdk: host.shown.sdk,
      timings: copy(host.shown.timings),
      events: { ...queue.events },
      errors: [...kinds.values()].map(copy),
      recent: queue.recent.map(copy),
    }),
  };
  const starter = createStarter(host, (made) => {
    host.shown.state = "running";
    dispatcher = made;
    dispatcher.begin();
  });

  /** Sets what the page sees before anything has begun. */
  function beAsNew() {
    // Without what attach() has set.
    host.given = given;
    host.shown = {
      state: "waiting",
      sdk: "none",
      initialized: !given.manualInit,
      timings: { registered: null, booted: null, sdkLive: null, firstCommand: null },
    };
  }

  /** @param {Reason} reason */
  function stop(reason) {
    stopped = reason;
    queue.drop(() => true, reason[0]);
    dispatcher?.stop();
    dispatcher = undefined;
    starter.stop();
    const works = undo;
    undo = [];
    // Later: Python may be running in a frame that this removes.
    setTimeout(() => works.forEach(quietly));
  }

  /** If Jimo was not started for a user, the next user does not get what they did. */
  function dropEnded() {
    if (!host.given.manualInit) return;
    queue.drop(({ stamp }) => stamp.era < stamps.era, "reset", "The user was reset before this reached Jimo.");
  }

  /** @param {Context} ctx */
  function take(ctx) {
    const isAgain = twice && ctx === last;
    last = isAgain ? undefined : ctx;
    if (isAgain) return;
    const stamp = stamps.arrived(ctx);
    const item = queue.receive(ctx.event, stamp, ctx);
    if (stopped) {
      report(...stopped);
      queue.settle(item, "dropped", stopped[0]);
    } else if (dispatcher) {
      dispatcher.take(item);
      host.arrived?.(item);
    } else {
      item.text = quietly(() => pack(item.event, (item.shared = [])));
      if (!item.text) item.event = copyOf(item.event);
      queue.hold(item);
      dropEnded();
      if (stamp.era === stamps.era && maySend(item.event)) starter.start();
    }
  }

  /** @param {Analytics} analytics */
  function load(analytics) {
    host.mark("registered");
    const own = analytics.settings?.cdnSettings?.remotePlugins?.find(({ name }) => name === NAME);
    if (own && from.tag && new URL(own.url, location.href).href !== from.url) {
      return host.stop("already-enabled-in-segment", `Segment has its own "${NAME}". Disable one.`);
    }
    const memory = createMemory(key);
    host.memory = memory;
    host.analytics = analytics;
    stamps.listen(analytics, memory);
    handover = createHandover(host.prefix, queue, stamps);
    const { leave } = handover;
    on(analytics, "dispatch_start", stamps.dispatched);
    // Before the first event: one that is switched off for us is seen nowhere else.
    for (const watcher of host.watchers) watcher();
    on(analytics, "reset", stamps.reset);
    on(window, "pagehide", ({ persisted }) => {
      leave(!!isNeeded());
      memory.keep();
      // The page may run for a moment yet. A Python that begins now would take back what the next page needs.
      if (persisted && !dispatcher) starter.stop();
    });
    on(window, "pageshow", ({ persisted }) => persisted && begin());
    on(window, "storage", (change) => {
      if (change.key === key && change.newValue?.startsWith(RESET)) stamps.resetElsewhere();
    });
    // A prerendered page may never be shown.
    if (/** @type {any} */ (document).prerendering) on(document, "prerenderingchange", begin);
    else begin();
  }

  /** @param {any} target an EventTarget, or analytics.js @param {string} name @param {(...args: any[]) => void} work */
  function on(target, name, work) {
    const heard = (/** @type {any[]} */ ...args) => quietly(() => work(...args));
    (target.on ?? target.addEventListener).call(target, name, heard);
    undo.push(() => (target.off ?? target.removeEventListener).call(target, name, heard));
  }

  /** The page is shown, perhaps again, so Python may start. */
  function begin() {
    stamps.begin();
    starter.allow();
    if (handover?.look() || isNeeded()) starter.start();
  }

  /** Whether there is a reason to run Python: it need not wait for a user, or an event may name one. */
  const isNeeded = () =>
    (dispatcher ? !dispatcher.isWaiting : host.connect || !given.manualInit) ||
    queue.line.some(({ event, stamp }) => stamp.era === stamps.era && maySend(event));

  const plugin = /** @type {JimoPlugin} */ ({
    name: NAME,
    type: "destination",
    version: VERSION,
    isLoaded: () => true,
    async ready() {},
    async load(_ctx, analytics) {
      try {
        if (isAway) {
          isAway = false;
          if (stopped === UNLOADED) stopped = undefined;
          publish(host);
        }
        if (handover) twice = true;
        else if (!stopped) load(analytics);
      } catch (error) {
        host.stop(...unexpected(error));
      }
    },
    unload() {
      withdraw(host);
      quietly(() => host.endJimo?.());
      handover?.look(0);
      handover = undefined;
      twice = false;
      isAway = true;
      if (!stopped || !FOR_GOOD.includes(stopped[0])) {
        if (queue.events.held) report(...UNLOADED);
        stop(UNLOADED);
        beAsNew();
        delete host.connect;
      }
      // They know the visitor.
      stamps = makeStamps();
    },
  });
  plugin.addMiddleware = (/** @type {any[]} */ ...functions) => host.middlewares.push(...functions);
  for (const type of EVENTS) {
    plugin[type] = (/** @type {Context} */ ctx) => {
      const { received } = queue.events;
      try {
        take(ctx);
      } catch (error) {
        if (queue.events.received > received) report(...unexpected(error));
        else queue.lose(1, ...unexpected(error));
      }
      return ctx;
    };
  }

  beAsNew();
  publish(host);
  if (!stopped) {
    if (!isRight) starter.check();
    const { projectId, python } = given;
    if (projectId !== undefined || python || runtime === "page") from.register?.(plugin, report);
  }
  return plugin;
}

/** @param {unknown} error @returns {[ErrorCode, string]} */
const unexpected = (error) => ["internal", `The page script failed (${nameOf(error)}). Report this.`];

/** @template T @param {T} one @returns {T} */
const copy = (one) => ({ ...one });
