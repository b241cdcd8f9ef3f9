// What both ways to boot do in a window: that of the hidden frame, whose functions no script has changed.

/** "\0asm" and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/** @param {any} inner the window; WebKit refuses not before an instance is made, and Pyodide would say nothing at all */
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
 * Begins to fetch what is going to be asked for in a document.
 *
 * @param {Document} document
 * @param {Partial<HTMLLinkElement>} what
 */
export const preload = (document, what) =>
  document.head.appendChild(Object.assign(document.createElement("link"), { rel: "preload", ...what }));
