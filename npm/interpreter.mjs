// Starts in Node the MicroPython of a page: loader, WebAssembly and package from dist/.

import { readFileSync } from "node:fs";

/** The user's program failed. The message names the file and the line. */
export class ProgramError extends Error {}

/**
 * Needs a global `window`, because the loader is made for pages only.
 *
 * @param {URL} dist
 * @param {(line: string) => void} print takes what Python prints
 */
export async function startPython(dist, print) {
  await import(new URL(FILES.micropython, dist).href);
  const wasm = readFileSync(new URL(FILES.micropythonWasm, dist));
  const realFetch = globalThis.fetch;
  // The loader fetches its WebAssembly, which Node cannot do from a file.
  globalThis.fetch = async () => new Response(wasm, { headers: { "Content-Type": "application/wasm" } });
  const { loadMicroPython } = /** @type {any} */ (globalThis);
  const python = await loadMicroPython({ url: "http://page/micropython.wasm", stdout: print });
  globalThis.fetch = realFetch;
  const packages = {
    segment_jimo: FILES.micropythonPackage,
    segment_jimo_language: FILES.micropythonLanguage,
    segment_jimo_own: FILES.micropythonOwn,
  };
  for (const [name, file] of Object.entries(packages))
    python.FS.writeFile(`${name}.mpy`, new Uint8Array(readFileSync(new URL(file, dist))));
  return python;
}

/** @param {any} python @returns {(bridge: object) => void} Python's `connect` */
export function connectOf(python) {
  python.runPython("from segment_jimo import connect");
  return python.globals.get("connect");
}

/**
 * Runs a program that calls `segment_jimo.attach`.
 *
 * @param {any} python
 * @param {{ name: string, text: string }} program
 * @returns {Promise<void>} rejected with a ProgramError
 */
export async function runProgram(python, { name, text }) {
  python.runPython("import segment_jimo_own");
  try {
    await python.runPythonAsync(text);
  } catch (error) {
    const message = String(/** @type {any} */ (error).message).trim();
    throw new ProgramError(message.replaceAll('File "<stdin>"', `File "${name}"`));
  }
}
