// Tries odd, large and wrong settings, each with one track event, on the code that ships. Prints a JSON line for each: the
// outcome of the event, the first error, and whether the page fetched the second file of MicroPython.
//
//   node odd.mjs <micropython|pyodide> [quiet: without the events]

import { becomePage, connectOf, destination, rest, until } from "./page.mjs";

const [runtime, quiet] = process.argv.slice(2);
const connect = await connectOf(runtime);
becomePage();

const path = (/** @type {string} */ at) => ({ "@path": at });
const mapping = { event_name: path("$.event"), messageId: path("$.messageId"), timestamp: path("$.timestamp") };
const one = (/** @type {object} */ more = {}) => ({
  name: "one",
  partnerAction: "sendTrackEvent",
  enabled: true,
  subscribe: 'type = "track"',
  mapping,
  ...more,
});
const list = (/** @type {number} */ count, /** @type {(index: number) => unknown} */ make) =>
  Array.from({ length: count }, (_, index) => make(index));
const large = Object.fromEntries(list(900, (index) => [`key${index}`, "value".repeat(20) + index]));
/** Deeper than settings may be. */
const deep = list(25, () => 0).reduce((inner) => ({ a: inner }), 1);

const cases = {
  "fifty subscriptions": list(50, (index) => one({ name: `s${index}` })),
  "large mappings": list(50, () => one({ mapping: { ...mapping, properties: large } })),
  "text beyond ASCII": [one({ name: "é😀", mapping: { ...mapping, event_name: "é😀" } })],
  "a trigger that cannot be read": [one({ subscribe: 'type = = "tr😀ck\'\\n"' }), one()],
  "large numbers": [one({ subscribe: 'type = "track" and a != 1e300 and b != 12345678901234567890 and c != -0.5' })],
  "a wrong path": [one({ mapping: { ...mapping, event_name: { "@path": 5.5 } } }), one()],
  "wrong types": [one({ partnerAction: 5, name: { a: 1.25 } }), one({ enabled: "yes" }), one()],
  "not subscriptions": [1.5, null, true, [[]], one()],
  "no list": "x",
  "a name that is nearly right": [one({ subcribe: "type" }), one()],
  "fields that are not known": [one({ mapping: { ...mapping, color: "blue" } })],
  "deep mappings": [one({ mapping: { ...mapping, properties: deep } })],
};

for (const [name, subscriptions] of Object.entries(cases)) {
  const before = rest.fetched;
  const pushed = [];
  const push = (/** @type {unknown[]} */ command) => pushed.push(command);
  const { plugin, status } = await destination({ subscriptions }, connect, push, undefined, true);
  if (!quiet)
    plugin.track({ event: { type: "track", event: "e", messageId: "m", timestamp: new Date(), properties: {} } });
  await until(() => status().events.held === 0);
  const { errors, events } = status();
  const fetched = rest.fetched - before;
  console.log(JSON.stringify({ name, pushed: pushed.length, events, error: errors[0]?.code ?? null, fetched }));
  plugin.unload();
}
process.exit();
