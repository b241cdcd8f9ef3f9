// Boots an interpreter with its original loader: Pyodide, or MicroPython for a page with its own Python. Fetched only
// if needed.

import { createPolicy } from "./sdk.js";
import { breathe, expectWebAssembly, fetchFile, preload } from "./window.js";

/** The files that Pyodide's loader requests by name, from one folder. */
const PYODIDE_NEEDS = ["pyodide.asm.wasm", "python_stdlib.zip"];

/**
 * Boots the interpreter and imports the package.
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
  // The presets do not need the language of triggers and mappings.
  if (!program) packages.length = page.given.subscriptions ? 2 : 1;
  const loader = addModule(inner, at(pyodide ? FILES.pyodide : FILES.micropython), page.from.nonce);
  // The interpreter's other files, in parallel with its JavaScript.
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
  // If nothing can be fetched, Pyodide never rejects.
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
  return interpreter.globals.get("connect");
}

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
