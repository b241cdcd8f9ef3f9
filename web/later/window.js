// Helpers of the boot. A window that they get is that of the hidden frame, whose functions no script has changed.

/** "\0asm" and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * Throws if the page's policy stops WebAssembly. Makes an instance, because WebKit rejects only then, and Pyodide does
 * not report it.
 *
 * @param {any} inner the window
 */
export async function expectWebAssembly(inner) {
  try {
    await inner.WebAssembly.instantiate(inner.Uint8Array.from(EMPTY_MODULE));
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
