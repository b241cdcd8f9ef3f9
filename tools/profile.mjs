// node tools/profile.mjs instrumented.wasm ran.json script.mjs arguments…
//
// Runs a script of tests/interpreters on the instrumented image, and records which functions of the image run. The
// script itself ends the process. The clock stands still, so the result does not depend on the speed of the machine.

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
// Without finalizers, the result does not depend on when the engine collects garbage.
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
