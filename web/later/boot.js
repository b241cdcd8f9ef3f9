// Boots a runtime in a hidden frame of its own, so that no global of the page is touched.

import { quietly } from "../page/quietly.js";
import { resume } from "./micropython.js";
import { createPolicy, scriptUrl } from "./sdk.js";

/** What Pyodide's loader asks for by name, from one folder. */
const PYODIDE_NEEDS = ["pyodide.asm.wasm", "python_stdlib.zip"];

const REMOVED = {
  code: "frame-removed",
  message: "Something on the page has removed the hidden frame in which Python was starting.",
};
/** How long the page's own fetch may take with what is asked for together with this file. */
const PATIENCE_MS = 2_000;
/** "\0asm" and a version. */
const EMPTY_MODULE = [0, 97, 115, 109, 1, 0, 0, 0];

/**
 * @param {Host} page
 * @param {AbortSignal} over
 * @param {Program} [program] of the page's own
 * @returns {Promise<(bridge: object) => void>}
 */
export async function boot(page, over, program) {
  // Jimo's script too is going to be asked for, unless the page does that by itself, or the user for
  // whom it waits is still a guess.
  // WebKit would answer each later try with the failure of this one.
  const { manualInit, subscriptions } = page.given;
  const taken = quietly(() => window.jimo || window.JIMO_PROJECT_ID);
  if (!taken && !page.withoutJimo && !(manualInit && subscriptions) && !navigator.vendor.startsWith("Apple")) {
    preload(document, { as: "script", href: scriptUrl(page), nonce: page.from.nonce ?? "" });
  }
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.tabIndex = -1;
  frame.setAttribute("aria-hidden", "true");
  frame.title = "segment-jimo";
  // Later, since Python may be at work in it.
  const remove = () => setTimeout(() => frame.remove());
  over.addEventListener("abort", remove);
  page.undo(remove);
  await new Promise((resolve) => {
    frame.onload = resolve;
    // Some engines tell of an empty frame's load at once, some later, and some replace it then.
    document.documentElement.appendChild(frame);
  });
  const inner = open(frame);
  return new Promise((resolve, reject) => {
    inner.addEventListener("pagehide", () => reject(REMOVED));
    const image = page.given.runtime !== "pyodide" && !program;
    (image ? bootImage : bootWhole)(inner, page, over, program).then(resolve, reject);
  });
}

/** @param {any} inner a window; WebKit refuses not before an instance is made, and Pyodide would say nothing at all */
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
 * @param {Host} page
 * @param {AbortSignal} over
 */
async function bootImage(inner, page, over) {
  const url = new URL(FILES.micropythonImage, page.base).href;
  // The page's own fetch may answer anything, or never.
  const early = Promise.race([page.image, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
  page.image = undefined;
  await expectWebAssembly(inner);
  const module = await compile(inner, early).catch(() => compile(inner, fetchFile(inner, url, over)));
  over.throwIfAborted();
  const rest = new URL(FILES.micropythonRest, page.base).href;
  return resume(inner, module, () => fetchNow(inner, rest));
}

/** @param {any} inner @param {Promise<any>} answer @returns {Promise<WebAssembly.Module>} */
async function compile({ WebAssembly }, answer) {
  const response = await answer;
  if (!response?.ok) throw new Error("There is no such file.");
  // A host may have another idea of its type.
  return response.headers.get("content-type") === "application/wasm"
    ? WebAssembly.compileStreaming(response)
    : WebAssembly.compile(await response.arrayBuffer());
}

/**
 * Fetches a file while everything waits: what is called for it cannot be put off. That is rare.
 *
 * @param {any} inner
 * @param {string} url
 */
function fetchNow(inner, url) {
  // Where the page has removed the frame, its own has to do.
  const request = new (inner.closed ? window : inner).XMLHttpRequest();
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
 * @param {Host} page
 * @param {AbortSignal} over
 * @param {Program} [program]
 */
async function bootWhole(inner, page, over, program) {
  const allowed = expectWebAssembly(inner);
  /** @param {string} file */
  const at = (file) => new URL(file, page.base).href;
  const pyodide = page.given.runtime === "pyodide";
  const packages = pyodide
    ? [FILES.pyodidePackage, FILES.pyodideLanguage, FILES.pyodideOwn]
    : [FILES.micropythonPackage, FILES.micropythonLanguage, FILES.micropythonOwn];
  // Where the presets apply, the language of triggers and mappings is not needed.
  if (!program) packages.length = page.given.subscriptions ? 2 : 1;
  const loader = addModule(inner, at(pyodide ? FILES.pyodide : FILES.micropython), page.from.nonce);
  // What the interpreter is going to fetch, in parallel with its JavaScript.
  const needs = pyodide ? PYODIDE_NEEDS.map((name) => FILES.pyodideDir + name) : [FILES.micropythonWasm];
  // With the defaults of fetch().
  for (const file of needs) preload(inner.document, { as: "fetch", crossOrigin: "anonymous", href: at(file) });
  const fetched = Promise.all(packages.map(async (file) => (await fetchFile(inner, at(file), over)).arrayBuffer()));
  fetched.catch(() => {});
  await Promise.all([allowed, loader]);
  over.throwIfAborted();
  const loading = pyodide
    ? inner.loadPyodide(at(FILES.pyodideDir))
    : inner.loadMicroPython({ url: at(FILES.micropythonWasm), stdout: program?.print });
  // Where nothing can be fetched Pyodide never says so.
  const [interpreter, contents] = await Promise.all([loading, fetched]);
  await breathe();
  over.throwIfAborted();
  const names = ["segment_jimo", "segment_jimo_language", "segment_jimo_own"].slice(0, contents.length);
  contents.forEach((content, index) => {
    const name = names[index];
    interpreter.FS.writeFile(`${name}.${pyodide ? "pyc" : "mpy"}`, new Uint8Array(content));
  });
  for (const name of names) {
    interpreter.runPython(`import ${name}`);
    await breathe();
  }
  if (program) return program.run(interpreter);
  interpreter.runPython("from segment_jimo import connect");
  const connect = interpreter.globals.get("connect");
  return connect;
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
