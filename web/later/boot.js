// Boots Python in its own hidden frame, so that it touches no global of the page.

import { quietly } from "../page/quietly.js";
import { resume } from "./micropython.js";
import { scriptUrl } from "./sdk.js";
import { breathe, expectWebAssembly, fetchFile, preload } from "./window.js";

const REMOVED = {
  code: "frame-removed",
  message: "Something on the page removed the hidden frame in which Python was starting. Find the script that does it.",
};
/** How long to wait for the image of MicroPython that the page script has asked for. */
const PATIENCE_MS = 2_000;

/**
 * @param {Host} page
 * @param {AbortSignal} over
 * @param {Program} [program] of the page's own
 * @returns {Promise<(bridge: object) => void>}
 */
export async function boot(page, over, program) {
  // In WebKit, each later try would fail as this one did.
  if (willAskForJimo(page, program) && !navigator.vendor.startsWith("Apple")) {
    const link = preload(document, { as: "script", href: scriptUrl(page), nonce: page.from.nonce ?? "" });
    over.addEventListener("abort", () => link.remove());
  }
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.title = "segment-jimo";
  // Not now, because Python may be running in it.
  const remove = () => setTimeout(() => frame.remove());
  over.addEventListener("abort", remove);
  page.undo(remove);
  await new Promise((resolve) => {
    frame.onload = resolve;
    // Some engines load an empty frame at once, some later, and some replace its document then.
    document.documentElement.appendChild(frame);
  });
  const inner = open(frame);
  return new Promise((resolve, reject) => {
    inner.addEventListener("pagehide", () => reject(REMOVED));
    const booting =
      program || page.given.runtime === "pyodide"
        ? page.load(FILES.whole).then(({ bootWhole }) => bootWhole(inner, page, over, program))
        : bootImage(inner, page, over);
    booting.then(resolve, reject);
  });
}

/**
 * Returns whether it is certain that the page will also need Jimo's script.
 *
 * @param {Host} page
 * @param {Program} [program] may make Jimo wait for a user
 */
function willAskForJimo({ given, middlewares, queue, stamps, withoutJimo }, program) {
  // The page may do that by itself.
  if (program || withoutJimo || quietly(() => window.jimo || window.JIMO_PROJECT_ID)) return false;
  if (!given.manualInit) return true;
  // The id may be mapped elsewhere, and a middleware may drop the event that has it.
  if (given.subscriptions || middlewares.length) return false;
  return queue.line.some(({ event, stamp }) => stamp.era === stamps.era && typeof event.userId === "string");
}

/**
 * Starts MicroPython from the image of the build, which contains the package.
 *
 * @param {any} inner the window of the frame, whose functions no script has changed
 * @param {Host} page
 * @param {AbortSignal} over
 */
async function bootImage(inner, page, over) {
  const url = new URL(FILES.micropythonImage, page.base).href;
  // The page may have replaced fetch, so this may never settle. The page may also have removed Promise.race.
  const early = new Promise((resolve) => {
    if (!page.image) return resolve(undefined);
    page.image.then(resolve, resolve);
    setTimeout(resolve, PATIENCE_MS);
  });
  page.image = undefined;
  try {
    const module = await compile(inner, early).catch(async () => {
      const response = await fetchFile(inner, url, over);
      return compile(inner, response).catch((error) => {
        throw new Error(`${url} is not WebAssembly: ${error}`);
      });
    });
    // Jimo's script has often come by now. In this turn the browser takes note, and can run it as soon as Python adds it.
    await breathe();
    over.throwIfAborted();
    const rest = new URL(FILES.micropythonRest, page.base).href;
    return resume(inner, module, () => fetchNow(inner, rest));
  } catch (error) {
    // Asked only now, because the answer takes a turn.
    await expectWebAssembly(inner);
    throw error;
  }
}

/** @param {any} inner @param {any} answer a response, or a promise of one @returns {Promise<WebAssembly.Module>} */
async function compile({ WebAssembly }, answer) {
  const response = await answer;
  if (!response?.ok) throw new Error("The file did not load.");
  // A host may send another type.
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Fetches a file synchronously, because Python waits inside a call. This is rare.
 *
 * @param {any} inner
 * @param {string} url
 */
function fetchNow(inner, url) {
  // If the page has removed the frame, use the page's own.
  const request = new (inner.closed ? window : inner).XMLHttpRequest();
  request.open("GET", url, false);
  // One character for each byte: a synchronous request allows no other type.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`${url} answered ${request.status}`);
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0));
}

/** @param {HTMLIFrameElement} frame @returns {any} its window */
function open(frame) {
  if (!frame.isConnected) throw REMOVED;
  try {
    if (frame.contentWindow?.document) return frame.contentWindow;
  } catch {
    // A sandboxed page has no origin that it could share with a frame.
  }
  throw {
    code: "no-same-origin",
    message:
      "A sandbox without allow-same-origin stops the frame in which Python runs. Add allow-same-origin to the sandbox.",
  };
}
