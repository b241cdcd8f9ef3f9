// node tools/compile_for_pyodide.mjs <three modules> <their bytecode> <standard library>
//
// Compiles the package for Pyodide, and the part of the standard library that Pyodide and the package need.

import { readFileSync, writeFileSync } from "node:fs";
import { loadPyodide } from "pyodide";

const [source, languageSource, ownSource, bytecode, languageBytecode, ownBytecode, library] = process.argv.slice(2);
const modules = [
  ["segment_jimo", source, bytecode],
  ["segment_jimo_language", languageSource, languageBytecode],
  ["segment_jimo_own", ownSource, ownBytecode],
];
// Leave the columns out of tracebacks, because they take a fifth of the bytecode.
const python = await loadPyodide({ env: { PYTHONNODEBUGRANGES: "1" } });
for (const [name, path] of modules) python.FS.writeFile(`${name}.py`, readFileSync(path));
python.FS.writeFile("compile_for_pyodide.py", readFileSync(new URL("compile_for_pyodide.py", import.meta.url)));
// Modules that rules sometimes use.
const FOR_RULES = "calendar, datetime, _strptime, hashlib, hmac, urllib.parse, uuid";
python.runPython(`import segment_jimo, segment_jimo_language, segment_jimo_own, ${FOR_RULES}`);
const { compiled, standard_library } = python.pyimport("compile_for_pyodide");
writeFileSync(library, standard_library().toJs());
for (const [name, , target] of modules) writeFileSync(target, compiled(`${name}.py`).toJs());
process.exit();
