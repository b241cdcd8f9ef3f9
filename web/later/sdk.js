// The Jimo SDK on the page: what is there, its script, its start, its end. `window.jimo` is read anew
// each time, since the live SDK replaces it. When to do what is decided in Python.

import { quietly } from "../page/destination.js";

const SCRIPT = "https://undercity.usejimo.com/jimo-invader.js";

/** @typedef {{ createScriptURL(url: string): any }} Policy */

/** The destinations that have started a Jimo which still runs, also where they are registered again. */
const starters = new WeakSet();

/** @type {Policy | undefined} */
let policy;

/** @param {Page} page */
export const scriptUrl = ({ given: { sdkUrl } }) => new URL(sdkUrl || SCRIPT, document.baseURI).href;

/**
 * @param {any} inner a window
 * @returns {Policy} makes what its script elements take for an address
 */
export function createPolicy(inner) {
  const same = { createScriptURL: (/** @type {string} */ address) => address };
  try {
    return inner.trustedTypes?.createPolicy?.("segment-jimo", same) ?? same;
  } catch (error) {
    throw {
      code: "trusted-types",
      message: `Add segment-jimo to the trusted-types of the page's Content-Security-Policy: ${error}`,
    };
  }
}

/**
 * Tells whether the page has seen to it that a global stays what it is.
 *
 * @param {string} name
 */
function isFixed(name) {
  const { writable, set } = Object.getOwnPropertyDescriptor(window, name) ?? { writable: true };
  return !writable && !set;
}

/** Jimo's own word for it, for a destination that comes after the event. */
const saysOverQuota = () => quietly(() => window.jimoIsMauLimitReached?.()) === true;

/** @param {any} answer of a function that is not ours @param {() => void} [rejected] */
const ignoreRejection = (answer, rejected) => quietly(() => answer?.then?.(undefined, () => rejected?.()));

/**
 * @param {Page} page
 * @param {(name: string) => void} signal
 * @param {(() => void)[]} undo
 */
export function sdk(page, signal, undo) {
  const { projectId } = page.given;
  const url = scriptUrl(page);
  /** Our script, while it is on its way or has run. @type {HTMLScriptElement | undefined} */
  let script;
  let came = false;
  let threw = false;
  // Started by `jimoInit()`, which an earlier end has left on the page, and not by the script.
  let restarted = false;
  // Whether this destination has started Jimo. If not, its globals are the page's own.
  const isOurs = () => starters.has(page);
  const isScript = (/** @type {HTMLScriptElement} */ { src }) => src === url || src.includes("/jimo-invader.js");

  function look() {
    const { jimo } = window;
    const there = Object.hasOwn(window, "jimo") && jimo !== undefined && jimo !== null;
    if (window.JIMO_MAU_LIMIT_REACHED || saysOverQuota()) return "quota";
    if (window.JIMO_PROJECT_ID !== undefined && window.JIMO_PROJECT_ID !== projectId) return "other-project";
    if (!there) return "none";
    if (Array.isArray(jimo)) {
      if (isFixed("jimo")) return "fixed";
    } else {
      if (typeof jimo.push !== "function") return "taken";
      // One that we have loaded may take its place before it is started.
      if (!isOurs() || page.initialized) return "live";
    }
    if (window.jimoInit && window.JIMO_MANUAL_INIT) return "ready";
    const coming = script || restarted || (!isOurs() && window.JIMO_PROJECT_ID) || [...document.scripts].some(isScript);
    return coming ? "loading" : "none";
  }

  /**
   * After an end `jimoInit()` starts Jimo again, if it is still there. In manual init that is for later.
   *
   * @param {boolean} manual
   */
  function restart(manual) {
    if (typeof window.jimoInit !== "function") return false;
    if (manual) return true;
    try {
      ignoreRejection(window.jimoInit(), () => signal("init-rejected"));
      return (restarted = true);
    } catch {
      // The script is tried instead.
      return false;
    }
  }

  function drop() {
    script?.remove();
    script = undefined;
  }

  // The error of a script from elsewhere says nothing but that it is running.
  const watch = () => {
    threw ||= !!script && document.currentScript === script;
  };
  window.addEventListener("error", watch);
  undo.push(() => window.removeEventListener("error", watch));

  // Polling finds it too, but later. On its way to the document an event passes the window.
  const ready = () => signal("sdk-loaded");
  window.addEventListener("JIMO_READY", ready, true);
  undo.push(() => window.removeEventListener("JIMO_READY", ready, true));

  /** @returns {boolean} whether a script that has not come was taken back; moved elsewhere, it never runs */
  function withdraw() {
    if (!script || came) return false;
    document.implementation.createHTMLDocument("").adoptNode(script);
    script.onload = script.onerror = null;
    drop();
    return true;
  }

  /**
   * Ends the Jimo that this destination has started, so that it may be started as new.
   *
   * @returns {string} "killed"; "withdrawn" if its script had not come yet; "not-ours"; "missing" if the page
   *   has no `jimoKill`; "threw", with the name of the error if it has one
   */
  function kill() {
    if (!isOurs()) return "not-ours";
    if (withdraw()) return "withdrawn";
    try {
      if (typeof window.jimoKill !== "function") return "missing";
      ignoreRejection(window.jimoKill());
    } catch (error) {
      return `threw ${quietly(() => /** @type {Error} */ (error).name) ?? ""}`.trim();
    }
    // The element would be taken for a script on its way.
    drop();
    restarted = false;
    page.initialized = !page.given.manualInit;
    // What is left there is not documented. Whatever it is, it is no queue and takes no command.
    if (!Array.isArray(window.jimo)) quietly(() => (window.jimo = []));
    return "killed";
  }

  undo.push(() => {
    if (!isOurs() || script || !Array.isArray(window.jimo)) return;
    delete window.jimo;
    delete window.JIMO_PROJECT_ID;
    delete window.JIMO_MANUAL_INIT;
    starters.delete(page);
  });

  return {
    /** One word for what is on the page now. */
    look() {
      try {
        return look();
      } catch {
        return "fixed";
      }
    },
    /** @param {boolean} manual @returns {string} "" or the word for why it cannot be */
    load(manual) {
      /** @type {[name: "jimo" | "JIMO_PROJECT_ID" | "JIMO_MANUAL_INIT", value: unknown][]} */
      const globals = [["JIMO_PROJECT_ID", projectId]];
      if (!Object.hasOwn(window, "jimo") || !window.jimo) globals.push(["jimo", []]);
      if (manual) globals.push(["JIMO_MANUAL_INIT", true]);
      starters.add(page);
      try {
        for (const [name, value] of globals) {
          // A value that is right already may be fixed.
          if (window[name] !== value) window[name] = value;
        }
      } catch {
        return "fixed";
      }
      if (restart(manual)) return "";
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
    withdraw: () => Number(withdraw()),
    /** Starts an SDK in manual init; one that runs already needs nothing. */
    init() {
      const waits = isOurs() || Array.isArray(window.jimo);
      page.initialized = true;
      if (waits) ignoreRejection(window.jimoInit?.(), () => signal("init-rejected"));
    },
    kill,
  };
}
