// Runs the cases of cases.json on the code that ships: the page side and the bridge of web/, with MicroPython and its
// bytecode, or Pyodide and the wheel. Prints a JSON line for each case.

import { readFileSync } from "node:fs";
import { becomePage, connectOf, destination, until } from "./page.mjs";

const connect = await connectOf(process.argv[2]);
becomePage();

for (const { name, given, do: steps, pushed: expected } of JSON.parse(readFileSync("tests/interpreters/cases.json"))) {
  const pushed = [];
  const callbacks = [];
  const { plugin, listeners, status } = await destination(
    given,
    connect,
    ([verb, method, args]) => {
      callbacks.push(...args.filter((value) => typeof value === "function"));
      pushed.push([verb, method, args.map((value) => (typeof value === "function" ? "callback" : value))]);
    },
    () => pushed.push(["init"]),
  );
  for (const [what, value] of steps) {
    if (what === "event") plugin[value.type]({ event: value });
    if (what === "reset") listeners.reset();
    if (what === "callback") {
      await until(() => callbacks[value] && status().sdk === "live");
      callbacks[value]?.();
    }
    await until(() => pushed.length >= expected.length && status().sdk !== "loading");
  }
  const { events, errors } = status();
  console.log(JSON.stringify({ name, pushed, events, errors }));
  plugin.unload();
}
process.exit();
