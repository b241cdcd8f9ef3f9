// MicroPython as a page gets it, started in Node: the loader, the WebAssembly and the package of dist/.

import { readFileSync, readdirSync } from "node:fs";
import { unzip } from "./unzip.mjs";

/** A program of the user's own has failed. The message names the file and the line. */
export class ProgramError extends Error {}

/**
 * Files of dist/ by what their names begin and end with; between them is a hash.
 *
 * @param {URL} dist
 */
export function filesOf(dist) {
  const names = readdirSync(dist);
  return (/** @type {string} */ stem, /** @type {string} */ ending) => {
    const found = names.find((name) => name.startsWith(`${stem}-`) && name.endsWith(ending));
    if (!found) throw new Error(`dist/ has no ${stem}-*${ending}: is the package complete?`);
    return new URL(found, dist);
  };
}

/**
 * To be called where `window` is there: the loader is made for pages only.
 *
 * @param {URL} dist
 * @param {(line: string) => void} print takes what Python prints
 */
export async function startPython(dist, print) {
  const file = filesOf(dist);
  await import(file("micropython", ".mjs").href);
  const wasm = readFileSync(file("micropython", ".wasm"));
  const realFetch = globalThis.fetch;
  // The loader fetches its WebAssembly, which Node cannot do from a file.
  globalThis.fetch = async () => new Response(wasm, { headers: { "Content-Type": "application/wasm" } });
  const { loadMicroPython } = /** @type {any} */ (globalThis);
  const python = await loadMicroPython({ url: "http://page/micropython.wasm", stdout: print });
  globalThis.fetch = realFetch;
  return python;
}

/**
 * Adds the package as pages get it.
 *
 * @param {any} python
 * @param {URL} dist
 * @returns {(bridge: object) => void} what connects it to the page side
 */
export function addPackage(python, dist) {
  const file = filesOf(dist);
  for (const name of ["segment_jimo", "segment_jimo_language"])
    python.FS.writeFile(`${name}.mpy`, new Uint8Array(readFileSync(file(name, ".mpy"))));
  python.runPython("from segment_jimo import connect");
  return python.globals.get("connect");
}

/**
 * Runs a program that calls `segment_jimo.attach`, with the package that has it.
 *
 * @param {any} python
 * @param {URL} dist
 * @param {{ name: string, text: string }} program
 */
export function runProgram(python, dist, { name, text }) {
  python.FS.mkdir("segment_jimo");
  for (const [path, content] of unzip(readFileSync(new URL("segment_jimo.zip", dist))))
    python.FS.writeFile(path, new Uint8Array(content));
  python.FS.writeFile("program", text);
  const code = `exec(compile(open("program").read(), ${JSON.stringify(name)}, "exec"), {"__name__": "__main__"})`;
  try {
    python.runPython(code);
  } catch (error) {
    // Its first lines are about the line above.
    const lines = String(/** @type {any} */ (error).message)
      .trim()
      .split("\n");
    throw new ProgramError(lines.slice(lines.findIndex((line) => line.includes(`"${name}"`))).join("\n"));
  }
}
