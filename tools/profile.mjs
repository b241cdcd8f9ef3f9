// node tools/profile.mjs instrumented.wasm ran.json script.mjs arguments…
//
// Runs a script of tests/interpreters on the instrumented image and records which of its functions run. (The script
// ends the process by itself.) Time stands still, so that nothing depends on how fast the machine is.

import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [instrumented, to, script, ...given] = process.argv.slice(2);
const { Instance } = WebAssembly;
/** @type {any} */
let exported;
WebAssembly.Instance = /** @type {any} */ (
  function (/** @type {any[]} */ ...all) {
    const made = Reflect.construct(Instance, all);
    exported ??= made.exports;
    return made;
  }
);
performance.now = () => 0;
// Engines collect garbage at any time.
globalThis.FinalizationRegistry = /** @type {any} */ (
  class {
    register() {}
  }
);
process.on("exit", () => {
  exported.proxy_c_free_obj(exported.connect.value);
  const ran = Object.keys(exported).filter((name) => name.startsWith("ran:") && exported[name].value);
  writeFileSync(to, JSON.stringify(ran.map((name) => Number(name.slice(4)))));
});
process.argv = [process.argv[0], script, instrumented, ...given];
await import(pathToFileURL(script).href);
