// Runs the shared table of cases on what ships: the page side and the bridge from web/, with
// MicroPython and its .mpy, or Pyodide and the wheel. Prints a JSON line for each case.

import { readFileSync, readdirSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [runtime, root] = process.argv.slice(2);
const dist = `${root}/dist`;
const find = (ending) => `${dist}/${readdirSync(dist).find((name) => name.endsWith(ending))}`;

async function interpreter() {
  if (runtime === "micropython") {
    const folder = `${root}/node_modules/@micropython/micropython-webassembly-pyscript`;
    const { loadMicroPython } = await import(pathToFileURL(`${folder}/micropython.mjs`).href);
    const python = await loadMicroPython({ url: `${folder}/micropython.wasm` });
    python.FS.writeFile("segment_jimo.mpy", readFileSync(find(".mpy")));
    python.runPython("from segment_jimo import connect");
    return python;
  }
  const { loadPyodide } = await import(pathToFileURL(`${root}/node_modules/pyodide/pyodide.mjs`).href);
  const python = await loadPyodide();
  python.unpackArchive(new Uint8Array(readFileSync(find(".whl"))), "wheel");
  python.runPython("from segment_jimo.browser import connect");
  return python;
}

const python = await interpreter();
const connect = python.globals.get("connect");

// What of a browser the page side touches here.
const page = new EventTarget();
Object.assign(globalThis, { VERSION: "test", FILES: { start: "start.js" }, location: { href: "http://page/" } });
console.warn = () => {};
globalThis.window = globalThis;
globalThis.addEventListener = page.addEventListener.bind(page);
globalThis.removeEventListener = page.removeEventListener.bind(page);
globalThis.dispatchEvent = page.dispatchEvent.bind(page);
globalThis.CustomEvent ??= class extends Event {};

const web = pathToFileURL(`${root}/web/destination.js`).href;
const { createDestination } = await import(web);
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

/** Awaits a condition; what is awaited here takes a few turns of the event loop. */
async function until(condition) {
  for (let turns = 0; turns < 500; turns++) {
    if (condition()) return;
    await turn();
  }
}

for (const { name, given, do: steps, pushed: expected } of JSON.parse(readFileSync(`${root}/tests/cases.json`))) {
  const pushed = [];
  const callbacks = [];
  const listeners = {};
  const push = (command) => {
    const [verb, method, args] = command;
    const callback = args.find((value) => typeof value === "function");
    if (callback) callbacks.push(callback);
    pushed.push([verb, method, args.map((value) => (typeof value === "function" ? "callback" : value))]);
  };
  delete globalThis.segmentJimo;
  for (const key of ["jimo", "jimoInit", "JIMO_PROJECT_ID", "JIMO_MANUAL_INIT"]) delete globalThis[key];
  const live = () => {
    const waiting = globalThis.jimo;
    globalThis.jimo = { push };
    for (const command of waiting) push(command);
  };
  globalThis.document = {
    baseURI: "http://page/",
    scripts: [],
    createElement: () => ({ isConnected: true, remove() {} }),
    head: {
      append() {
        if (!globalThis.JIMO_MANUAL_INIT) return live();
        globalThis.jimoInit = () => {
          live();
          pushed.push(["init"]);
        };
      },
    },
  };
  const plugin = createDestination({ projectId: "p1", runtime: "page", ...given }, { url: web, tag: false });
  await plugin.load({}, { on: (event, listener) => (listeners[event] = listener) });
  const { status, python: door } = globalThis.segmentJimo;
  door.attach(JSON.stringify({}), connect);
  await until(() => status().state === "running");
  for (const [what, value] of steps) {
    if (what === "event") plugin[value.type]({ event: value });
    if (what === "reset") listeners.reset();
    if (what === "callback") {
      await until(() => callbacks[value] && status().sdk === "live");
      callbacks[value]?.();
    }
    await until(() => pushed.length >= expected.length && status().sdk !== "loading");
    await turn();
  }
  const { events, errors } = status();
  console.log(JSON.stringify({ name, pushed, events, errors }));
  plugin.unload();
}
process.exit();
