// The code of `segmentJimo.explain()` and debug mode, fetched when one of them is used.

import { quietly } from "../page/quietly.js";
import { watch } from "./watch.js";
import { waited } from "./journal.js";
import { nameOf, plural } from "./words.js";

export { explain } from "./explain.js";

/** Opens the inspector, which is one more file. @param {Host} host */
export async function inspect(host) {
  const { open } = await host.load(FILES.inspector);
  return open(host);
}

/** The watcher of debug mode, for each destination. @type {WeakMap<Host, ReturnType<typeof watch>>} */
const watching = new WeakMap();

/**
 * Begins or ends debug mode: a line on the console for each event, and each step of it as the window
 * event "segment-jimo".
 *
 * @param {Host} host
 * @param {unknown} [on]
 */
export function debug(host, on = true) {
  host.debugging = !!on;
  const there = watching.get(host);
  if (!on) {
    there?.stop();
    watching.delete(host);
  } else if (!there) {
    watching.set(host, begin(host));
  }
}

/** @param {Host} host */
function begin(host) {
  /** The last line about each event. @type {Map<string, string>} */
  let said = new Map();
  /** @param {unknown[]} words */
  const say = (...words) => quietly(() => console.debug("[segment-jimo]", ...words));
  /** @param {any} detail */
  const changed = (detail) => {
    if (detail) quietly(() => window.dispatchEvent(new CustomEvent("segment-jimo", { detail })));
    if (detail?.what === "command") say("push", ...detail.command);
    const now = new Map();
    for (const row of watched.journal.rows.values()) {
      const line = lineOf(row);
      now.set(row.id, line);
      if (line && said.get(row.id) !== line) say(line);
    }
    said = now;
  };
  // It stays when the destination is deregistered, and works again when it is registered again.
  const watched = watch(host, changed, () => {});
  return watched;
}

/** @param {import("./journal.js").Row} row @returns {string} "" if there is nothing to say yet */
function lineOf(row) {
  const { event, outcome, commands, why } = row;
  if (outcome === "on its way" || row.reason === "turn") return "";
  const name = nameOf(event);
  const what = [
    outcome === "delivered" ? `delivered with ${plural(commands.length, "command")}.` : `${outcome}.`,
    waited(row),
    why,
  ];
  return `${event.type}${name ? ` “${name}”` : ""}: ${what.filter(Boolean).join(" ")}`;
}
