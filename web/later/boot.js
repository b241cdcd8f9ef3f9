// Boots Python. MicroPython runs with the page's own functions where no script has changed those that it needs. Else, and
// with all other runtimes, Python gets a hidden frame of its own, where all functions are the browser's.

import { quietly } from "../page/quietly.js";
import { resume } from "./micropython.js";
import { scriptUrl } from "./sdk.js";
import { breathe, expectWebAssembly, fetchFile, isUnchanged, preload } from "./window.js";

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
  if (program || page.given.runtime === "pyodide") {
    return inFrame(page, over, async (inner) => {
      const { bootWhole } = await page.load(FILES.whole);
      return bootWhole(inner, page, over, program);
    });
  }
  const image = imageOf(page);
  const module = isUnchanged(window) && (await compile(window, image).catch(() => undefined));
  // Other scripts have run meanwhile.
  if (module && isUnchanged(window)) return start(window, module, page, over);
  return inFrame(page, over, (inner) => start(inner, compileInFrame(inner, image, page, over), page, over));
}

/**
 * Runs a boot in a hidden frame. It takes 15 ms longer than on the page, and other scripts may remove the frame.
 *
 * @template T
 * @param {Host} page
 * @param {AbortSignal} over
 * @param {(inner: any) => Promise<T>} work gets the window of the frame
 * @returns {Promise<T>}
 */
async function inFrame(page, over, work) {
  over.throwIfAborted();
  const frame = createFrame();
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
    work(inner).then(resolve, reject);
  });
}

function createFrame() {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.title = "segment-jimo";
  return frame;
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
 * Returns the answer to the request of the page script for the image.
 *
 * @param {Host} page
 * @returns {Promise<Response | undefined>}
 */
function imageOf(page) {
  const { image } = page;
  page.image = undefined;
  // The page may have replaced fetch, so this may never settle. The page may also have removed Promise.race.
  return new Promise((resolve) => {
    if (!image) return resolve(undefined);
    quietly(() => image.then(resolve, () => resolve(undefined)));
    setTimeout(resolve, PATIENCE_MS);
  });
}

/**
 * Starts MicroPython from the image of the build, which contains the package.
 *
 * @param {any} realm the window whose functions it uses
 * @param {WebAssembly.Module | Promise<WebAssembly.Module>} compiled
 * @param {Host} page
 * @param {AbortSignal} over
 */
async function start(realm, compiled, page, over) {
  try {
    const module = await compiled;
    // Jimo's script has often come by now. In this turn the browser takes note, and can run it as soon as Python adds it.
    await breathe();
    over.throwIfAborted();
    return resume(realm, module, () => fetchNow(new URL(FILES.micropythonRest, page.base).href));
  } catch (error) {
    // Asked only now, because the answer takes a turn.
    await expectWebAssembly(realm);
    throw error;
  }
}

/**
 * @param {any} inner
 * @param {Promise<Response | undefined>} image may have been read already
 * @param {Host} page
 * @param {AbortSignal} over
 * @returns {Promise<WebAssembly.Module>}
 */
const compileInFrame = (inner, image, page, over) =>
  compile(inner, image).catch(async () => {
    const url = new URL(FILES.micropythonImage, page.base).href;
    const response = await fetchFile(inner, url, over);
    return compile(inner, response).catch((error) => {
      throw new Error(`${url} is not WebAssembly: ${error}`);
    });
  });

/** @param {any} realm @param {any} answer a response, or a promise of one @returns {Promise<WebAssembly.Module>} */
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
 * @param {string} url
 */
function fetchNow(url) {
  /** @type {HTMLIFrameElement | undefined} */
  let frame;
  // The page may have replaced its own XMLHttpRequest.
  const clean = quietly(() => open(document.documentElement.appendChild((frame = createFrame()))));
  try {
    const request = new (clean ?? window).XMLHttpRequest();
    request.open("GET", url, false);
    // One character for each byte: a synchronous request allows no other type.
    request.overrideMimeType("text/plain; charset=x-user-defined");
    request.send();
    if (request.status !== 200) throw new Error(`${url} answered ${request.status}`);
    return Uint8Array.from(request.responseText, (/** @type {string} */ character) => character.charCodeAt(0));
  } finally {
    frame?.remove();
  }
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
