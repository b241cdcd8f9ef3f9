// Shows what the browser reports while the inspector is open: what the page's policy stops, and which files do not
// load. Each finding says what to do.

import { element, fill } from "./parts.js";
import { scriptUrl } from "../later/sdk.js";

/** Hosts of Jimo, from which its SDK loads more. */
const JIMO = /(^|\.)(usejimo\.com|jimo\.[a-z]+)$/;
/** The address of a file in the message of an error. */
const NAMED = /https?:\S+(?= (answered|did not load|is not) )/;
/** The names in a source list for sources that are no host. @type {Record<string, string>} */
const SPECIAL = {
  "wasm-eval": "'wasm-unsafe-eval'",
  eval: "'unsafe-eval'",
  inline: "'unsafe-inline'",
  data: "data:",
  blob: "blob:",
};

/**
 * @param {Host} host
 * @param {AbortSignal} signal when it ends
 */
export function createDoctor(host, signal) {
  /** @type {Map<string, { what: string, remedy: string }>} */
  const findings = new Map();
  const list = element("ul", { class: "findings", "aria-label": "What the browser says" });
  const sdk = scriptUrl(host);
  const { python } = host.given;
  const program = python && new URL(python, document.baseURI).href;

  /** @param {string} url */
  const whose = (url) => {
    if (url.startsWith(host.base) || url === program) return "segment-jimo";
    if (url === sdk) return "Jimo";
    try {
      return JIMO.test(new URL(url).hostname) ? "Jimo" : "";
    } catch {
      return "";
    }
  };

  /** @param {SecurityPolicyViolationEvent} event */
  function violated({ effectiveDirective, blockedURI, disposition, sourceFile }) {
    const directive = effectiveDirective.replace(/-elem$|-attr$/, "");
    const trusted = /trusted-types/.test(directive);
    const of = whose(blockedURI) || whose(sourceFile) || (blockedURI === "wasm-eval" ? "segment-jimo" : "");
    if (!of && !trusted) return;
    // This file requested it, to find out why it does not load.
    if (directive === "connect-src" && findings.has(blockedURI)) return;
    findings.delete(blockedURI);
    const source = SPECIAL[blockedURI] ?? originOf(blockedURI);
    const add = trusted ? "trusted-types segment-jimo" : `${directive} ${source}`;
    const thing = blockedURI === "wasm-eval" ? "WebAssembly" : trusted ? "a policy for Trusted Types" : blockedURI;
    stopped(thing, of, add, disposition === "report" ? "would stop" : "has stopped");
  }

  /** @param {string} thing @param {string} of who needs it @param {string} add @param {string} [how] */
  function stopped(thing, of, add, how = "has stopped") {
    findings.set(`policy ${add}`, {
      what: `The page’s Content-Security-Policy ${how} ${thing}${of ? `, which ${of} needs` : ""}.`,
      remedy: `Add to the policy: ${add}`,
    });
  }

  /** @param {Event} event */
  async function failed({ target }) {
    const url = /** @type {any} */ (target)?.src || /** @type {any} */ (target)?.href;
    if (typeof url !== "string" || !whose(url)) return;
    await examine(url);
  }

  /** Finds out why a file does not load. @param {string} url */
  async function examine(url) {
    if (findings.has(url) || [...findings.values()].some(({ what }) => what.includes(url))) return;
    const finding = { what: `${url} did not load.`, remedy: "" };
    findings.set(url, finding);
    finding.remedy = await whyNot(url, whose(url) === "segment-jimo");
  }

  /** Examines the files that the destination could not load. */
  function lookAtFaults() {
    if (host.shown.sdk === "failed") examine(sdk);
    for (const { code, message, healed } of host.status().errors) {
      if (healed) continue;
      if (code === "python-not-fetched" && program) examine(program);
      const named = code === "boot-failed" && NAMED.exec(message);
      if (named) examine(named[0]);
      // The browser may report it in the frame of Python, not here.
      if (message.includes("'wasm-unsafe-eval'"))
        stopped("WebAssembly", "segment-jimo", "script-src 'wasm-unsafe-eval'");
    }
  }

  // Files that failed before the inspector was open.
  const entries = /** @type {any[]} */ (performance.getEntriesByType("resource"));
  for (const { name, responseStatus } of entries) if (whose(name) && responseStatus >= 400) examine(name);
  addEventListener("securitypolicyviolation", violated, { signal });
  addEventListener("error", failed, { signal, capture: true });

  return {
    element: list,
    draw() {
      lookAtFaults();
      const found = [...findings.values()];
      fill(list, found, () =>
        found.map(({ what, remedy }) =>
          element("li", {}, what, ...(remedy ? [element("p", {}, element("b", {}, "What to do: "), remedy)] : [])),
        ),
      );
    },
  };
}

/** @param {string} url */
function originOf(url) {
  try {
    const { origin } = new URL(url);
    return origin === location.origin ? "'self'" : origin;
  } catch {
    return url;
  }
}

/**
 * @param {string} url of a file that did not load
 * @param {boolean} isOurs whether a script reads it, which the server must allow
 * @returns {Promise<string>} why, and what to do
 */
async function whyNot(url, isOurs) {
  if (!navigator.onLine) return "The browser is offline. The destination tries again when it is online.";
  /** @param {RequestInit} how */
  const get = (how) => fetch(url, { ...how, credentials: "omit", cache: "no-store" }).catch(() => undefined);
  const answer = await get({});
  if (!answer) {
    if (await get({ mode: "no-cors" }))
      return isOurs
        ? "The server answers, but without Access-Control-Allow-Origin. Send that header (CORS)."
        : "The server answers, but the page cannot read the answer. Open the address and check that it is JavaScript.";
    return (
      "The browser got no answer. An ad blocker may be the cause: try a window without extensions. " +
      "If it fails there too, the page’s policy or the network stops it."
    );
  }
  const { status } = answer;
  const type = answer.headers.get("content-type") ?? "no type";
  if (status >= 400)
    return `The server answers ${status}. Is the file there? Its address is set by “assets”, “sdkUrl” or “python”.`;
  if (/html/.test(type))
    return `The server sends a page (${type}) instead of the file. It may be a login page or an error page.`;
  if (/\.m?js$/.test(new URL(url).pathname) && !/(java|ecma)script/.test(type))
    return `The server sends it as ${type}. Send it as text/javascript.`;
  return "It loads now. It was blocked or failed before. The destination loads it again.";
}
