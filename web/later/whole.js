// Boots an interpreter with all of its own loader: Pyodide, or MicroPython for a page with Python of its
// own. Fetched where it is needed.

import { createPolicy } from "./sdk.js";
import { expectWebAssembly, fetchFile, preload } from "./window.js";

/** What Pyodide's loader asks for by name, from one folder. */
const PYODIDE_NEEDS = ["pyodide.asm.wasm", "python_stdlib.zip"];

/**
 * An interpreter with all of its own loader, into which the package is imported here.
 *
 * @param {any} inner
 * @param {Host} page
 * @param {AbortSignal} over
 * @param {Program} [program]
 * @returns {Promise<(bridge: object) => void>}
 */
export async function bootWhole(inner, page, over, program) {
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
    script.onerror = () => reject(new Error(`${url} did not load`));
    script.src = createPolicy(inner).createScriptURL(url);
    inner.document.head.appendChild(script);
  });
}
