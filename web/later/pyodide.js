// Pyodide in one file, for its frame: its loader, the module that the loader would import, and an empty list of
// packages. (Its types are not checked, because they need those of Node.)

import { loadPyodide } from "pyodide";
import createPyodideModule from "pyodide/pyodide.asm.mjs";
import { info } from "pyodide/pyodide-lock.json";

/** @param {string} indexURL the folder of its WebAssembly and its standard library */
globalThis.loadPyodide = (indexURL) =>
  loadPyodide({ indexURL, createPyodideModule, lockFileContents: { info, packages: {} } });
