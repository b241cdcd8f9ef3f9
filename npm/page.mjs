// A page without a browser: the parts of window and document that the page side uses, with Jimo's simulator instead of
// Jimo's script. Only this file knows the inside of the page side.

import { startSimulator } from "simulator";
import { isSwitchedOff } from "../web/inspector/words.js";
import { checkSettings } from "../web/later/settings.js";
import { createClock } from "./clock.mjs";
import { connectOf, ProgramError, runProgram, startPython } from "./interpreter.mjs";

const SDK = "http://page/simulator.js";
/** The most turns for reading the files of the destination. */
const START_TURNS = 100_000;
/** After these turns of Node's event loop, everything but timers has happened. */
const TURNS = 3;
/** The most time for an event, on the page's clock: longer than any deadline of the destination. */
const PATIENCE_MS = 30_000;

/** What becomes of an event whose integrations keep it from the destination. @type {Became} */
const SWITCHED_OFF = { outcome: "unmatched", reason: "switched-off" };

const turn = async () => {
  for (let turns = 0; turns < TURNS; turns++) await new Promise((resolve) => setImmediate(resolve));
};

/** @type {new () => any} */
const Storage = class {
  /** @type {Record<string, string>} */
  #items = /** @type {any} */ (this);
  getItem(/** @type {string} */ key) {
    return this.#items[key] ?? null;
  }
  setItem(/** @type {string} */ key, /** @type {unknown} */ value) {
    this.#items[key] = `${value}`;
  }
  removeItem(/** @type {string} */ key) {
    delete this.#items[key];
  }
};

/**
 * Turns this thread into a page. There is no way back, so use a separate thread.
 *
 * @param {object} simulatorOptions
 */
function becomePage(simulatorOptions) {
  const clock = createClock();
  const target = new EventTarget();
  const head = {
    appendChild(/** @type {any} */ script) {
      if (!String(script.src).startsWith(SDK)) return script;
      clock.setTimeout(() => {
        startSimulator({ prototype: { currentScript: script } });
        script.onload?.();
      });
      return script;
    },
  };
  class CustomEvent extends Event {
    constructor(/** @type {string} */ type, /** @type {any} */ { detail } = {}) {
      super(type);
      this.detail = detail;
    }
  }
  const quiet = () => {};
  const globals = {
    window: globalThis,
    location: new URL("http://page/"),
    document: Object.assign(new EventTarget(), {
      baseURI: "http://page/",
      scripts: [],
      hidden: false,
      head,
      documentElement: head,
      createElement: () => ({ remove() {} }),
    }),
    CustomEvent,
    sessionStorage: new Storage(),
    localStorage: new Storage(),
    JIMO_SIMULATOR: { boot: 0, identify: 0, ...simulatorOptions },
    addEventListener: target.addEventListener.bind(target),
    removeEventListener: target.removeEventListener.bind(target),
    dispatchEvent: target.dispatchEvent.bind(target),
    setTimeout: clock.setTimeout,
    clearTimeout: clock.clear,
    setInterval: clock.setInterval,
    clearInterval: clock.clear,
    console: { ...console, debug: quiet, info: quiet, warn: quiet, log: quiet, error: quiet },
  };
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  performance.now = clock.now;
  return clock;
}

/** The parts of analytics.js that the page side uses. */
function createAnalytics() {
  /** @type {Record<string, ((value: any) => void)[]>} */
  const listeners = {};
  let userId = /** @type {unknown} */ (null);
  let visitors = 1;
  const analytics = {
    on: (/** @type {string} */ name, /** @type {() => void} */ listener) =>
      void (listeners[name] ??= []).push(listener),
    off() {},
    emit: (/** @type {string} */ name, /** @type {any} */ value) => {
      for (const listener of listeners[name] ?? []) listener(value);
    },
    user: () => ({ id: () => userId, anonymousId: () => `visitor-${visitors}` }),
    reset() {
      userId = null;
      visitors++;
      analytics.emit("reset", undefined);
    },
    /** Adds the fields that analytics.js adds. @param {any} event @param {number} number */
    complete(event, number) {
      if (event.type === "identify" && event.userId) userId = event.userId;
      const time = new Date(Date.UTC(2026, 0, 1) + number * 1000);
      const timestamp = typeof event.timestamp === "string" ? new Date(event.timestamp) : (event.timestamp ?? time);
      return {
        messageId: `event-${number}`,
        anonymousId: `visitor-${visitors}`,
        ...(userId != null && { userId }),
        integrations: {},
        context: {},
        ...(/^(track|page|screen)$/.test(event.type) && { properties: {} }),
        ...(/^(identify|group)$/.test(event.type) && { traits: {} }),
        ...event,
        // An identify without an ID is about the user who is there.
        ...(event.type === "identify" && userId != null && { userId }),
        timestamp,
      };
    },
  };
  return analytics;
}

/**
 * @typedef {object} PageOptions
 * @property {URL} dist the folder with the built files
 * @property {any} settings the destination's, with Segment's names
 * @property {{ name: string, text: string }} [program] Python that calls `segment_jimo.attach`
 * @property {object} [simulator] options of Jimo's simulator
 *
 * @typedef {import("../web/segment-jimo.d.ts").JimoRecentEvent} Row what the page side knows of an event
 * @typedef {Pick<Row, "outcome"> & { reason: string | null }} Became what has become of an event
 */

/**
 * Opens the page, with the destination on it.
 *
 * @param {PageOptions} options
 * @throws {import("./interpreter.mjs").ProgramError}
 */
export async function openPage({ dist, settings, program, simulator = {} }) {
  const clock = becomePage(simulator);
  const globals = /** @type {any} */ (globalThis);
  /** @type {string[]} */
  const printed = [];
  /** @type {Row[]} */
  const rows = [];
  const pushed = watchPushes(rows);
  const analytics = createAnalytics();
  const python = await startPython(dist, (line) => printed.push(line));
  const { jimoDestination } = await import(new URL("segment-jimo.mjs", dist).href);
  // The page's own Python is the one above.
  const own = { runtime: "page", sdkUrl: SDK, assets: undefined, python: undefined };
  const plugin = jimoDestination({ ...settings, ...own });
  const { segmentJimo } = globals;
  // What is wrong with the rest, the destination says itself.
  for (const { code, message, field } of checkSettings(settings).faults)
    if (field in own) segmentJimo.host.stop(code, message, undefined, field);
  if (typeof settings.python === "string" && !program) {
    const message = `python: "${settings.python}" is not fetched here. Give the program itself: with --python FILE, or to recorder() as its option python.`;
    segmentJimo.host.stop("python-not-fetched", message, undefined, "python");
  }
  await plugin.load({}, analytics);

  const status = () => segmentJimo.status();
  const failed = () => status().state === "failed";
  /** @param {() => boolean} isDone */
  async function settle(isDone) {
    const end = clock.now() + PATIENCE_MS;
    for (;;) {
      await turn();
      // Run timers that are due now before the check, later ones after it.
      if (clock.step(clock.now())) continue;
      if (isDone() || !clock.step(end)) return;
    }
  }

  if (!failed()) {
    if (program) {
      await runProgram(python, program);
      if (!segmentJimo.host.connect)
        throw new ProgramError(`${program.name}: the program did not call segment_jimo.attach(). Add the call.`);
    } else {
      segmentJimo.host.connect = connectOf(python);
      segmentJimo.host.start();
    }
  }
  // Time must stand still while the files are read.
  for (let turns = 0; turns < START_TURNS && !/failed|running/.test(status().state); turns++) {
    await turn();
    clock.step(clock.now());
  }
  await settle(() => true);

  return {
    printed,
    pushed,
    status,
    profiles: () => globals.jimoSimulator?.profiles ?? {},
    /** @param {any} event @param {number} number @returns {Promise<Became>} */
    async send(event, number) {
      const complete = analytics.complete(event, number);
      const ctx = { event: complete, log() {} };
      analytics.emit("dispatch_start", ctx);
      // analytics.js would not deliver it.
      if (isSwitchedOff(complete)) return SWITCHED_OFF;
      const { receive } = segmentJimo.host.queue;
      segmentJimo.host.queue.receive = (/** @type {any[]} */ ...args) => {
        const item = receive(...args);
        rows.push(item.row);
        return item;
      };
      plugin[complete.type](ctx);
      segmentJimo.host.queue.receive = receive;
      await settle(() => failed() || status().events.held === 0);
      return rows[rows.length - 1];
    },
    async reset() {
      analytics.reset();
      await settle(() => failed() || status().events.held === 0);
    },
  };
}

/**
 * Records each push to Jimo, with its event.
 *
 * @param {Row[]} rows of all events
 * @returns {{ row: Row | undefined, command: any }[]} no row: a command of the program's own
 */
function watchPushes(rows) {
  /** @type {{ row: Row | undefined, command: any }[]} */
  const pushed = [];
  /** How many commands of an event have been seen. @type {Map<Row, number>} */
  const seen = new Map();
  /** @type {any} */
  let jimo;
  Object.defineProperty(globalThis, "jimo", {
    configurable: true,
    get: () => jimo,
    set(value) {
      jimo = value;
      if (typeof value?.push !== "function") return;
      const push = value.push.bind(value);
      value.push = (/** @type {any} */ command) => {
        // The page side counts a command just before it pushes it.
        const row = rows.find((one) => one.commands > (seen.get(one) ?? 0));
        if (row) seen.set(row, row.commands);
        pushed.push({ row, command });
        return push(command);
      };
    },
  });
  return pushed;
}
