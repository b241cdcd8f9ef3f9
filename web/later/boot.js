// Boots a runtime in a hidden frame of its own, so that no global of the page is touched.

import { resume } from "./micropython.js";
import { createPolicy } from "./sdk.js";

/** What Pyodide's loader asks for by name, from one folder. */
const PYODIDE_NEEDS = ["pyodide.asm.wasm", "python_stdlib.zip"];

const REMOVED = {
  code: "frame-removed",
  message: "Something on the page has removed the hidden frame in which Python was starting.",
};
/** "\0asm" and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * @typedef {object} BootOptions
 * @property {"micropython" | "pyodide"} runtime
 * @property {(file: string) => string} url the absolute address of a file of dist/
 * @property {string} [nonce] of the page's policy
 * @property {boolean} language whether triggers and mappings are needed
 * @property {boolean} whole whether the page brings Python of its own, which may need anything
 * @property {string | null} sdkScript address of a script that is going to be needed
 */

/**
 * @param {BootOptions} options
 * @param {AbortSignal} over aborted when nobody waits for Python any more
 * @param {(() => void)[]} undo
 * @returns {Promise<(bridge: object) => void>} Python's `connect`
 */
export async function boot(options, over, undo) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.title = "segment-jimo";
  // Later, since Python may be at work in it.
  const remove = () => setTimeout(() => frame.remove());
  over.addEventListener("abort", remove);
  undo.push(remove);
  await new Promise((resolve) => {
    frame.onload = resolve;
    // Some engines tell of an empty frame's load at once, some later, and some replace it then.
    document.documentElement.appendChild(frame);
  });
  const inner = open(frame);
  const booted = new Promise((resolve, reject) => {
    inner.addEventListener("pagehide", () => reject(REMOVED));
    const image = options.runtime === "micropython" && !options.whole;
    (image ? bootImage : bootWhole)(inner, options, over).then(resolve, reject);
  });
  // After what Python needs, which is asked for first.
  if (options.sdkScript) preload(document, { as: "script", href: options.sdkScript, nonce: options.nonce ?? "" });
  return booted;
}

/** @param {any} inner a window; WebKit refuses not before an instance is made, and Pyodide would say nothing */
async function expectWebAssembly(inner) {
  try {
    await inner.WebAssembly.instantiate(inner.Uint8Array.from(EMPTY_MODULE));
  } catch (error) {
    throw {
      code: "boot-failed",
      message: `WebAssembly is forbidden; script-src of the page's policy needs 'wasm-unsafe-eval': ${error}`,
    };
  }
}

/**
 * MicroPython as the build has left it, started and with the package in it.
 *
 * @param {any} inner the window of the frame; its own functions are those that no script has changed
 * @param {BootOptions} options
 * @param {AbortSignal} over
 */
async function bootImage(inner, { url }, over) {
  const address = url(FILES.micropythonImage);
  const [response] = await Promise.all([fetchFile(inner, address, over), expectWebAssembly(inner)]);
  // A host may have another idea of its type.
  const module = await (response.headers.get("content-type") === "application/wasm"
    ? inner.WebAssembly.compileStreaming(response)
    : inner.WebAssembly.compile(await response.arrayBuffer()));
  over.throwIfAborted();
  return resume(inner, module, () => fetchNow(inner, url(FILES.micropythonRest)));
}

/**
 * Fetches a file while everything waits: what is called for it cannot be put off. That is rare.
 *
 * @param {any} inner
 * @param {string} url
 */
function fetchNow(inner, url) {
  const request = new inner.XMLHttpRequest();
  request.open("GET", url, false);
  // Each byte as a character, since no other kind of answer is allowed here.
  request.overrideMimeType("text/plain; charset=x-user-defined");
  request.send();
  if (request.status !== 200) throw new Error(`${url} answered ${request.status}`);
  return Uint8Array.from(request.responseText, (character) => character.charCodeAt(0));
}

/**
 * An interpreter with all of its own loader, into which the package is imported here.
 *
 * @param {any} inner
 * @param {BootOptions} options
 * @param {AbortSignal} over
 */
async function bootWhole(inner, { runtime, url, nonce, language }, over) {
  const allowed = expectWebAssembly(inner);
  const pyodide = runtime === "pyodide";
  const packages = pyodide
    ? [FILES.pyodidePackage, FILES.pyodideLanguage]
    : [FILES.micropythonPackage, FILES.micropythonLanguage];
  // Where the presets apply, the language of triggers and mappings is not needed.
  if (!language) packages.pop();
  const loader = addModule(inner, url(pyodide ? FILES.pyodide : FILES.micropython), nonce);
  // What the interpreter is going to fetch, in parallel with its JavaScript.
  const needs = pyodide ? PYODIDE_NEEDS.map((name) => FILES.pyodideDir + name) : [FILES.micropythonWasm];
  // With the defaults of fetch().
  for (const file of needs) preload(inner.document, { as: "fetch", crossOrigin: "anonymous", href: url(file) });
  const fetched = Promise.all(packages.map(async (file) => (await fetchFile(inner, url(file), over)).arrayBuffer()));
  fetched.catch(() => {});
  await Promise.all([allowed, loader]);
  over.throwIfAborted();
  const loading = pyodide
    ? inner.loadPyodide(url(FILES.pyodideDir))
    : inner.loadMicroPython({ url: url(FILES.micropythonWasm) });
  // Where nothing can be fetched Pyodide never says so.
  const [interpreter, contents] = await Promise.all([loading, fetched]);
  await breathe();
  over.throwIfAborted();
  const names = ["segment_jimo", "segment_jimo_language"].slice(0, contents.length);
  contents.forEach((content, index) => {
    interpreter.FS.writeFile(`${names[index]}.${pyodide ? "pyc" : "mpy"}`, new Uint8Array(content));
  });
  for (const name of names) {
    interpreter.runPython(`import ${name}`);
    await breathe();
  }
  interpreter.runPython("from segment_jimo import connect");
  return interpreter.globals.get("connect");
}

/** @param {HTMLIFrameElement} frame @returns {any} its window */
function open(frame) {
  if (!frame.isConnected) throw REMOVED;
  try {
    if (frame.contentWindow?.document) return frame.contentWindow;
  } catch {
    // A sandboxed page has no origin, and so none that it could share with a frame.
  }
  throw {
    code: "no-same-origin",
    message: "Python runs in a frame of its own, which a sandbox without allow-same-origin forbids.",
  };
}

/** @param {any} inner @param {string} url @param {AbortSignal} signal @returns {Promise<Response>} */
async function fetchFile(inner, url, signal) {
  const response = await inner
    .fetch(url, { credentials: "same-origin", signal })
    .catch((/** @type {unknown} */ error) => {
      throw new Error(`${url} could not be fetched: ${error}`);
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
function preload(document, what) {
  document.head.appendChild(Object.assign(document.createElement("link"), { rel: "preload", ...what }));
}

/** Lets the page do what it has to: each step of the boot is a task of its own. */
const breathe = () => new Promise((resolve) => setTimeout(resolve));

/**
 * Runs a module in the frame's own realm.
 *
 * @param {any} inner
 * @param {string} url
 * @param {string} [nonce]
 * @returns {Promise<void>}
 */
function addModule(inner, url, nonce) {
  return new Promise((resolve, reject) => {
    const script = inner.document.createElement("script");
    script.type = "module";
    if (nonce) script.nonce = nonce;
    script.onload = () => resolve();
    script.onerror = () => reject(new Error(`${url} could not be loaded`));
    script.src = createPolicy(inner).createScriptURL(url);
    inner.document.head.appendChild(script);
  });
}
