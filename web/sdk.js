// The Jimo SDK on the page: what is there, its script, its start. `window.jimo` is read anew each
// time, since the live SDK replaces it. When to do what is decided in Python.

const SCRIPT = "https://undercity.usejimo.com/jimo-invader.js";

/** @type {{ createScriptURL(url: string): any } | undefined} */
let policy;

/**
 * @param {Page} page
 * @param {(name: string) => void} signal
 */
export function sdk(page, signal) {
  const { projectId, sdkUrl = SCRIPT } = page.given;
  const url = new URL(sdkUrl, document.baseURI).href;
  /** @type {HTMLScriptElement | undefined} */
  let script;
  // The page has no snippet of its own: its globals are ours.
  let ours = false;
  const isScript = (/** @type {HTMLScriptElement} */ { src }) => src === url || src.includes("/jimo-invader.js");

  return {
    /** One word for what is on the page now. */
    look() {
      const { jimo } = window;
      const there = Object.hasOwn(window, "jimo") && jimo !== undefined && jimo !== null;
      if (window.JIMO_MAU_LIMIT_REACHED) return "quota";
      if (window.JIMO_PROJECT_ID !== undefined && window.JIMO_PROJECT_ID !== projectId) return "other-project";
      if (!there) return "none";
      if (!Array.isArray(jimo)) return typeof jimo.push === "function" ? "live" : "taken";
      if (window.jimoInit && window.JIMO_MANUAL_INIT && !page.initialized) return "ready";
      const coming = script || (!ours && window.JIMO_PROJECT_ID) || [...document.scripts].some(isScript);
      return coming ? "loading" : "none";
    },
    /** @param {boolean} manual */
    load(manual) {
      ours = true;
      if (!Object.hasOwn(window, "jimo") || !window.jimo) window.jimo = [];
      window.JIMO_PROJECT_ID = /** @type {string} */ (projectId);
      if (manual) window.JIMO_MANUAL_INIT = true;
      policy ??= window.trustedTypes?.createPolicy("segment-jimo", {
        createScriptURL: (/** @type {string} */ address) => address,
      }) ?? { createScriptURL: (address) => address };
      script = document.createElement("script");
      script.async = true;
      if (page.from.nonce) script.nonce = page.from.nonce;
      script.onload = () => signal("sdk-loaded");
      script.onerror = () => {
        script?.remove();
        script = undefined;
        signal("sdk-error");
      };
      script.src = policy.createScriptURL(url);
      document.head.append(script);
    },
    /** Starts an SDK in manual init; one that runs already needs nothing. */
    init() {
      const waits = Array.isArray(window.jimo);
      page.initialized = true;
      if (waits) window.jimoInit?.();
    },
  };
}
