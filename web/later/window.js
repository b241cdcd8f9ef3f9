// Helpers of the boot.

import { quietly } from "../page/quietly.js";

/** What MicroPython needs of `WebAssembly`. */
const OF_WEBASSEMBLY = ["compile", "compileStreaming", "instantiate", "Module", "Instance"];
/** What else it needs of a window, and the method of its objects. */
const NEEDED = { TextDecoder: "decode", TextEncoder: "encode", WeakRef: "deref", FinalizationRegistry: "register" };

/**
 * Returns whether no script has changed what MicroPython needs of a page with an origin. A page without one, such as in a
 * sandbox, stores nothing, so a reset would not outlive it.
 *
 * @param {any} page the window
 */
export const isUnchanged = (page) =>
  !!quietly(() => {
    const { WebAssembly } = page;
    return (
      page.origin !== "null" &&
      OF_WEBASSEMBLY.every((name) => isNative(WebAssembly, name)) &&
      isNative(WebAssembly.Module, "imports") &&
      Object.entries(NEEDED).every(([name, method]) => isNative(page, name) && isNative(page[name].prototype, method))
    );
  });

/**
 * Browsers show their own functions with their name, but a proxy without it. Only the name of a bound function is longer.
 *
 * @param {any} holder @param {string} name
 */
const isNative = (holder, name) =>
  holder[name].name === name &&
  new RegExp(`^function ${name}\\(\\)\\s*{\\s*\\[native code]\\s*}$`).test(
    Function.prototype.toString.call(holder[name]),
  );

/** "\0asm" and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * Throws if the page's policy stops WebAssembly. Makes an instance, because WebKit rejects only then, and Pyodide does
 * not report it.
 *
 * @param {any} realm the window that Python uses
 */
export async function expectWebAssembly(realm) {
  try {
    await realm.WebAssembly.instantiate(realm.Uint8Array.from(EMPTY_MODULE));
  } catch (error) {
    throw {
      code: "boot-failed",
      message: `The page's Content-Security-Policy stops WebAssembly: ${error}. Add 'wasm-unsafe-eval' to its script-src.`,
    };
  }
}

/** Gives the page a turn, so that no task gets long. A hidden page needs none, and its timers are slow. */
export const breathe = async () => document.hidden || new Promise((resolve) => setTimeout(resolve));

/** @param {any} inner @param {string} url @param {AbortSignal} signal @returns {Promise<Response>} */
export async function fetchFile(inner, url, signal) {
  const response = await inner
    .fetch(url, { credentials: "same-origin", signal })
    .catch((/** @type {unknown} */ error) => {
      throw new Error(`${url} did not load: ${error}`);
    });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response;
}

/**
 * Starts to fetch a file that the document will request.
 *
 * @param {Document} document
 * @param {Partial<HTMLLinkElement>} what
 */
export const preload = (document, what) =>
  document.head.appendChild(Object.assign(document.createElement("link"), { rel: "preload", ...what }));
