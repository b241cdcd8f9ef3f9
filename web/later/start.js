// The rest of the page side, fetched when there is a reason to run Python. Boots a runtime, or waits for the page's
// own, and connects the two sides.

import { markOf } from "../page/memory.js";
import { NAME } from "../page/name.js";
import { quietly } from "../page/quietly.js";
import { INLINE_PYTHON } from "../page/settings.js";
import { boot } from "./boot.js";
import { createBridge } from "./bridge.js";
import { createCommands } from "./commands.js";
import { createDebug } from "./debug.js";
import { createDispatcher } from "./dispatcher.js";
import { createEncoder } from "./encode.js";
import { heal } from "./heal.js";
import { INCOMPLETE } from "./micropython.js";
import { createFilter } from "./middleware.js";
import { loadLiquid } from "./liquid.js";
import { compile } from "./plan.js";
import { createRules } from "./rules.js";
import { createSdk } from "./sdk.js";
import { checkSettings } from "./settings.js";
import { createCompiler } from "./subscriptions.js";
import { takeOver } from "./takeOver.js";
import { breathe } from "./window.js";

export { nearest } from "./settings.js";

/** After this time of reading settings, the page gets a turn. */
const SLICE_MS = 10;
/** After this time without the page's own Python, an error says so. */
const ATTACH_MS = 60_000;

/** Reports the faults of the settings, once, and ends the destination if there are any. @param {Host} host */
export function check(host) {
  const { asked } = host;
  host.asked = undefined;
  if (asked === undefined) return;
  const { faults, warnings } = checkSettings(asked);
  for (const { code, message, field } of warnings) host.report(code, message, undefined, field);
  for (const { code, message, field } of faults) host.stop(code, message, undefined, field);
}

/** The faults that are over once Python runs. @type {ErrorCode[]} */
const OF_BOOT = ["boot-failed", "boot-timeout", "frame-removed", INCOMPLETE];
/** The faults that are over once Jimo is live. @type {ErrorCode[]} */
const OF_SDK = ["sdk-failed", "sdk-not-live"];

/**
 * @param {Host} host
 * @param {AbortSignal} over aborted when Python is no longer needed
 * @param {ReturnType<typeof setTimeout>} timer aborts it
 * @returns {Promise<Dispatcher>}
 */
export async function start(host, over, timer) {
  check(host);
  over.throwIfAborted();
  over.addEventListener("abort", () => {
    delete host.attached;
    delete host.inside;
    delete host.arrived;
  });
  takeOver(host);
  const attached = host.given.runtime === "page" ? await attachment(host, over, timer) : undefined;
  if (attached && host.given.python) {
    host.report(
      "settings-warning",
      'python: ignored, because with runtime "page" the page runs its own Python. Remove one of the two.',
      "",
      "python",
    );
  }
  const program = !attached && hasProgram(host.given) ? await prepare(host, over) : undefined;
  const [connect] = await Promise.all([attached ?? boot(host, over, program), loadLiquid(host), host.watching]);
  // The mappings of a program are known only now.
  if (program) await loadLiquid(host);
  // Only the page's own Python can send its own commands.
  const own = attached || program;
  const { createClient } = own ? await host.load(FILES.client) : { createClient: undefined };
  over.throwIfAborted();
  host.mark("booted");
  const { dispatcher, bridge, goOn } = assemble(host, createClient);
  connect(bridge);
  // Python may refuse the settings at any step.
  over.throwIfAborted();
  while (goOn()) {
    await breathe();
    over.throwIfAborted();
  }
  over.throwIfAborted();
  heal(host, OF_BOOT);
  hearReturn(host, over, dispatcher.resume);
  return dispatcher;
}

/**
 * Calls back when the page continues after it was left, or after a script only said so: the events that it left for the
 * next page are its own again. Before Python runs there is no need, since Python begins with that.
 *
 * @param {Pick<Host, "undo">} host @param {AbortSignal} over @param {() => void} work
 */
export function hearReturn(host, over, work) {
  const resume = () => over.aborted || quietly(work);
  listen(host, {
    pageshow: resume,
    pagehide: ({ isTrusted }) => isTrusted || setTimeout(resume),
  });
}

/** @param {Pick<Host, "undo">} host @param {Record<string, (event: Event) => void>} heard */
function listen(host, heard) {
  for (const [name, listener] of Object.entries(heard)) {
    // Capturing, because events that are dispatched on the document pass the window, too.
    window.addEventListener(name, listener, true);
    host.undo(() => window.removeEventListener(name, listener, true));
  }
}

/**
 * Waits for the page's own Python, without a limit. Reports it if that takes long.
 *
 * @param {Host} host @param {AbortSignal} over @param {ReturnType<typeof setTimeout>} timer
 * @returns {Promise<(bridge: object) => void>}
 */
async function attachment(host, over, timer) {
  clearTimeout(timer);
  const late = setTimeout(() => {
    host.shown.state = "failed";
    host.report(
      "boot-timeout",
      `No Python called attach() within ${ATTACH_MS / 1000} s. Look for an error of your Python in the console.`,
    );
  }, ATTACH_MS);
  await new Promise((resolve) => {
    over.addEventListener("abort", resolve);
    host.attached = () => {
      host.shown.state = "booting";
      resolve(undefined);
    };
    if (host.connect) host.attached();
  });
  clearTimeout(late);
  over.throwIfAborted();
  return /** @type {any} */ (host.connect);
}

/** Whether the page has its own Python for us to run. @param {Given} given */
const hasProgram = ({ python }) => python || document.querySelector(INLINE_PYTHON) !== null;

/** @param {Host} host @param {AbortSignal} over @returns {Promise<Program>} */
async function prepare(host, over) {
  const { createProgram } = await host.load(FILES.program);
  over.throwIfAborted();
  return createProgram(host, over);
}

/**
 * @param {Host} host
 * @param {typeof import("./client.js").createClient} [createClient]
 */
function assemble(host, createClient) {
  const { report } = host;
  const debug = createDebug(host);
  /** @type {Dispatcher} */
  let dispatcher;
  const signal = (/** @type {string} */ name, /** @type {number | undefined} */ number = 0) =>
    dispatcher.signal(name, number);
  const commands = createCommands(host, debug, signal);
  const sdk = createSdk(host, signal);
  const client = createClient?.(
    host,
    (item) => dispatcher.take(item),
    () => dispatcher.isWaiting,
  );
  const encoder = createEncoder(host.given);
  /** Lets Python continue to read the settings. Returns 0 after the last step. @type {() => number} */
  let read = () => 0;
  let began = 0;
  let tokens = 0;

  const { bridge, python } = createBridge(host, debug, {
    signal,
    ...sdk,
    settings: encoder.settings,
    subscription: encoder.subscription,
    /** @param {() => number} next */
    work(next) {
      read = next;
    },
    // A hidden page needs no turn, and its timers are slow.
    isLong: () => performance.now() - began > SLICE_MS && !document.hidden,
    /** @param {string} kind @param {string} json */
    add: (kind, json) => compiler.add(kind, JSON.parse(json)),
    era: () => host.stamps.era,
    earlier: () => host.stamps.numberOf(host.stamps.earlier()?.userId),
    /** @param {string} json */
    configure(json) {
      const plans = JSON.parse(json);
      python.protocol = plans.protocol;
      rules.configure(plans.rules, plans.middleware);
      const compiled = compiler.finish(plans.naming);
      commands.configure(compiled, plans.refused, python.protocol, rules.admit);
      host.inside = {
        subscriptions: compiled.subscriptions,
        python,
        told: () => commands.told.last,
        compile: (plan) => compile(plan, context),
        dispatcher,
        /** @param {Host} page @param {Parameters<typeof createCommands>[3]} jimo */
        rehearse(page, jimo) {
          const quiet = { ...debug, trace() {} };
          // An identify that the event itself contains gives Jimo the right user.
          const keepsBack = (/** @type {import("../page/memory.js").Ids} */ ids) =>
            !rehearsed.told.last && commands.told.isOfAnother(ids);
          const rehearsed = createCommands(page, quiet, () => {}, jimo, keepsBack);
          const admit = (/** @type {Item} */ item) => rules.admit(item, page.report);
          rehearsed.configure(compiled, plans.refused, python.protocol, admit);
          return { ...rehearsed, ...createFilter(page, debug.describeError) };
        },
      };
    },
    identify: commands.identify,
    nextToken: () => --tokens,
    giveUp: (/** @type {number} */ reason) => commands.giveUp(reason),
    /** @param {"none" | "loading" | "live" | "failed" | "quota"} state */
    sdk(state) {
      host.shown.sdk = state;
      if (state !== "live") return;
      // Jimo starts with the user whom another page has told it of.
      const ids = host.stamps.seen();
      if (ids && commands.told.isOfAnother(ids)) signal("of-another");
      else if (ids && host.memory.read() === markOf(ids)) signal("earlier", host.stamps.numberOf(ids.userId));
      host.mark("sdkLive");
      heal(host, OF_SDK);
    },
    report,
    explain: debug.explain,
    /** @param {ErrorCode} code @param {string} message @param {string} field */
    close: (code, message, field) => host.stop(code, message, undefined, field),
    read: (/** @type {number} */ number, /** @type {string} */ what, /** @type {string} */ path) =>
      rules.read(number, what, path),
    ...client?.table,
  });
  const rules = createRules({ call: python.call, report, describeError: debug.describeError });
  const context = { constants: encoder.constants, call: rules.call };
  const compiler = createCompiler(context, NAME);
  const filter = createFilter(host, debug.describeError);
  dispatcher = createDispatcher(host, python, commands, filter);
  if (client) {
    host.undo(client.stop);
    host.arrived = client.arrived;
  }
  listen(host, {
    online: () => signal("online"),
    "jimo:mau-limit-reached": () => signal("quota"),
    JIMO_READY: () => signal("sdk-ready"),
    storage: commands.told.doubt,
  });
  const goOn = () => {
    began = performance.now();
    return read();
  };
  return { dispatcher, bridge, goOn };
}
