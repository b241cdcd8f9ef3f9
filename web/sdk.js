// The Jimo SDK on the page: what is there, its script, its start. `window.jimo` is read anew each
// time, since the live SDK replaces it. When to do what is decided in Python.

const SCRIPT = "https://undercity.usejimo.com/jimo-invader.js";

/** @type {{ createScriptURL(url: string): any } | undefined} */
let policy;

/** @param {Page} page */
export function scriptUrl({ given: { sdkUrl } }) {
  try {
    return new URL(sdkUrl || SCRIPT, document.baseURI).href;
  } catch {
    return "";
  }
}

/**
 * @param {Page} page
 * @param {(name: string) => void} signal
 * @param {(() => void)[]} undo
 */
export function sdk(page, signal, undo) {
  const { projectId, sdkUrl } = page.given;
  const url = scriptUrl(page);
  if (!url) page.close("invalid-settings", `sdkUrl: expected a URL, got "${sdkUrl}".`, "sdkUrl");
  /** Our script, while it is on its way or has run. @type {HTMLScriptElement | undefined} */
  let script;
  let came = false;
  let threw = false;
  // The page has no snippet of its own: its globals are ours.
  let ours = false;
  const isScript = (/** @type {HTMLScriptElement} */ { src }) => src === url || src.includes("/jimo-invader.js");

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

  // Where the script has failed, nothing of Jimo is left behind.
  undo.push(() => {
    if (!ours || script || !Array.isArray(window.jimo)) return;
    delete window.jimo;
    delete window.JIMO_PROJECT_ID;
    delete window.JIMO_MANUAL_INIT;
  });

  return {
    /** One word for what is on the page now. */
    look() {
      const { jimo } = window;
      const there = Object.hasOwn(window, "jimo") && jimo !== undefined && jimo !== null;
      if (window.JIMO_MAU_LIMIT_REACHED) return "quota";
      if (window.JIMO_PROJECT_ID !== undefined && window.JIMO_PROJECT_ID !== projectId) return "other-project";
      if (!there) return "none";
      if (!Array.isArray(jimo)) {
        if (typeof jimo.push !== "function") return "taken";
        // One that we have loaded may take its place before it is started.
        if (!ours || page.initialized) return "live";
      }
      if (window.jimoInit && window.JIMO_MANUAL_INIT) return "ready";
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
      document.head.append(script);
    },
    /** Takes back a script that has not come: moved to another document, it never runs. */
    withdraw() {
      if (!script || came) return 0;
      document.implementation.createHTMLDocument("").adoptNode(script);
      script.onload = script.onerror = null;
      drop();
      return 1;
    },
    /** Starts an SDK in manual init; one that runs already needs nothing. */
    init() {
      const waits = ours || Array.isArray(window.jimo);
      page.initialized = true;
      if (waits) window.jimoInit?.();
    },
  };
}
