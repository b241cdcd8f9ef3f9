// The Jimo SDK on the page: looks for it, loads its script, starts and ends it. Reads `window.jimo` each time, because
// the live SDK replaces it. Python decides when to do what.

import { nameOf, quietly } from "../page/quietly.js";
import { pushed } from "./pusher.js";

const SCRIPT = "https://undercity.usejimo.com/jimo-invader.js";

/** @typedef {{ createScriptURL(url: string): any }} Policy */

/** @type {Policy | undefined} */
let policy;

/** @param {Host} page */
export const scriptUrl = ({ given: { sdkUrl } }) => new URL(sdkUrl || SCRIPT, document.baseURI).href;

/**
 * @param {any} inner a window
 * @returns {Policy} makes the addresses that its script elements accept
 */
export function createPolicy(inner) {
  const same = { createScriptURL: (/** @type {string} */ address) => address };
  try {
    return inner.trustedTypes?.createPolicy?.("segment-jimo", same) ?? same;
  } catch (error) {
    throw {
      code: "trusted-types",
      message: `The page's Content-Security-Policy refused the policy segment-jimo: ${error}. Add segment-jimo to its trusted-types.`,
    };
  }
}

/**
 * Whether the page made a global read-only.
 *
 * @param {string} name
 */
function isFixed(name) {
  const { writable, set } = Object.getOwnPropertyDescriptor(window, name) ?? { writable: true };
  return !writable && !set;
}

/** Asks Jimo, because its event may have come before we listened. */
const isOverQuota = () => window.JIMO_MAU_LIMIT_REACHED || quietly(() => window.jimoIsMauLimitReached?.()) === true;

/**
 * @param {Host} page
 * @param {(name: string) => void} signal tells Python
 */
export function createSdk(page, signal) {
  const { projectId } = page.given;
  const url = scriptUrl(page);
  /** Our script, while it loads or after it ran. @type {HTMLScriptElement | undefined} */
  let script;
  let came = false;
  let threw = false;
  // The page has no snippet of its own, so Jimo's globals are ours.
  let ours = false;
  // Started by the `jimoInit()` that an earlier end left on the page, not by the script.
  let restarted = false;
  let takenBack = false;
  // `jimoInit()` was called.
  let started = false;
  const isScript = (/** @type {HTMLScriptElement} */ { src }) => src === url || src.includes("/jimo-invader.js");

  function look() {
    const { jimo } = window;
    const there = Object.hasOwn(window, "jimo") && jimo !== undefined && jimo !== null;
    if (isOverQuota()) return "quota";
    if (window.JIMO_PROJECT_ID !== undefined && window.JIMO_PROJECT_ID !== projectId) return "other-project";
    if (!there) return "none";
    if (Array.isArray(jimo)) {
      if (isFixed("jimo")) return "fixed";
    } else {
      if (typeof jimo.push !== "function") return "taken";
      // An SDK that we loaded may replace the queue before it has started.
      if (!ours || page.shown.initialized) return "live";
    }
    if (window.jimoInit && window.JIMO_MANUAL_INIT) return "ready";
    const coming = script || restarted || (!ours && window.JIMO_PROJECT_ID) || [...document.scripts].some(isScript);
    return coming ? "loading" : "none";
  }

  function drop() {
    script?.remove();
    script = undefined;
  }

  // For a script of another origin, the error event only tells which script is running.
  const watch = () => {
    threw ||= !!script && document.currentScript === script;
  };
  window.addEventListener("error", watch);
  page.undo(() => window.removeEventListener("error", watch));

  /** Removes a script that has not loaded. In another document it never runs. */
  function withdraw() {
    if (!script || came) return 0;
    document.implementation.createHTMLDocument("").adoptNode(script);
    script.onload = script.onerror = null;
    drop();
    return 1;
  }

  /** Calls a function of Jimo. @param {"jimoInit" | "jimoKill"} name @param {(how: string) => void} failed */
  function callJimo(name, failed) {
    const work = quietly(() => window[name]);
    if (typeof work !== "function") {
      failed("does not exist");
      return false;
    }
    /** @type {any} */
    let answer;
    try {
      answer = work.call(window);
    } catch (error) {
      failed(`threw ${nameOf(error)}`);
      return false;
    }
    quietly(() => answer?.then?.(undefined, () => failed("returned a promise that rejects")));
    return true;
  }

  /** @param {string} how */
  const startFailed = (how) =>
    page.report("init-failed", `window.jimoInit() ${how}, so Jimo may not start. Ask Jimo, and give the time.`);
  /** @param {string} how */
  const endFailed = (how) =>
    page.report(
      "kill-failed",
      `window.jimoKill() ${how}, so Jimo may run until the visitor leaves the page. Ask Jimo.`,
    );

  /** Ends the Jimo that this destination started, so that it can start as new. @returns {boolean} */
  function kill() {
    const jimo = quietly(() => window.jimo);
    if (!page.startedJimo || window.JIMO_PROJECT_ID !== projectId) return false;
    const isQueue = Array.isArray(jimo);
    const runs = !withdraw() && (came || restarted || !isQueue);
    if (runs && !callJimo("jimoKill", endFailed)) return false;
    // Otherwise our script would count as loading.
    drop();
    restarted = started = false;
    page.shown.initialized = !page.given.manualInit;
    // What it leaves there is not documented. It must take new commands, and of the old ones only the
    // page's own that Jimo has not taken may be in it.
    const left = isQueue ? jimo.filter((/** @type {any} */ command) => !pushed.has(command)) : [];
    if (runs || left.length < jimo?.length) quietly(() => (window.jimo = left));
    return true;
  }

  /** Removes everything of Jimo, unless it runs. */
  function takeBack() {
    if (takenBack) return;
    takenBack = true;
    withdraw();
    if (!page.startedJimo || script || !Array.isArray(window.jimo)) return;
    // The page may have declared one of them.
    for (const name of page.startedJimo) quietly(() => delete window[name]);
    page.startedJimo = undefined;
  }

  page.undo(takeBack);
  page.endJimo = () => {
    kill();
    takeBack();
  };

  return {
    /** Returns one word for the state of Jimo on the page. */
    look() {
      try {
        return look();
      } catch {
        return "fixed";
      }
    },
    /** @param {boolean} manual @returns {string} "", or one word for why it cannot load */
    load(manual) {
      if (takenBack) return "";
      /** @type {[name: JimoGlobal, value: unknown][]} */
      const globals = [["JIMO_PROJECT_ID", projectId]];
      if (!Object.hasOwn(window, "jimo") || !window.jimo) globals.push(["jimo", []]);
      if (manual) globals.push(["JIMO_MANUAL_INIT", true]);
      ours = true;
      const made = (page.startedJimo ??= new Set());
      try {
        for (const [name, value] of globals) {
          // A value that is already right may be read-only.
          if (window[name] === value) continue;
          window[name] = value;
          made.add(name);
        }
      } catch {
        return "fixed";
      }
      // After an end, Jimo's own function starts it again, if it exists.
      if (window.jimoInit && (manual || callJimo("jimoInit", startFailed))) {
        restarted = true;
        return "";
      }
      try {
        policy ??= createPolicy(window);
      } catch {
        return "trusted-types";
      }
      script = document.createElement("script");
      script.async = true;
      if (page.from.nonce) script.nonce = page.from.nonce;
      came = threw = false;
      script.onload = () => {
        came = !threw;
        if (threw) drop();
        signal(threw ? "sdk-threw" : "sdk-loaded");
      };
      script.onerror = () => {
        drop();
        signal("sdk-error");
      };
      script.src = policy.createScriptURL(url);
      document.head.appendChild(script);
      return "";
    },
    withdraw,
    /** Starts an SDK in manual init. Does nothing for one that already runs. */
    init() {
      if (takenBack) return;
      const waits = (ours || Array.isArray(window.jimo)) && !started;
      page.shown.initialized = true;
      started = true;
      if (waits && window.jimoInit) callJimo("jimoInit", startFailed);
    },
    kill,
  };
}
