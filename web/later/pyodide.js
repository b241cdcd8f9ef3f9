// Pyodide in one file, for the frame that it runs in: its loader, what the loader would import, and
// of its list of packages nothing but whom it belongs to. (Not checked for types, since Pyodide's
// need those of Node.)

import { loadPyodide } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { info } from "pyodide/pyodide-lock.json";

/** @param {string} indexURL the folder of its WebAssembly and its standard library */
globalThis.loadPyodide = (indexURL) =>
  loadPyodide({ indexURL, createPyodideModule, lockFileContents: { info, packages: {} } });
