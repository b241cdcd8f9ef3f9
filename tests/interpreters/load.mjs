// Sends many events at once to a Jimo that takes 0.1 ms for each command. Checks that the page gets turns meanwhile, and
// what happens between two slices of work. Prints one JSON object.
//
//   node load.mjs <micropython|pyodide>

import { becomePage, connectOf, destination, until } from "./page.mjs";

const connect = await connectOf(process.argv[2]);
becomePage();
const storage = {};
Object.defineProperty(globalThis, "sessionStorage", { value: storage, configurable: true });

const COST_MS = 0.1;

/** @param {number} ms */
function spend(ms) {
  for (const begun = performance.now(); performance.now() - begun < ms;);
}

const track = (/** @type {string} */ event, more = {}) => ({
  type: "track",
  event,
  messageId: event,
  timestamp: "now",
  ...more,
});
const identify = (/** @type {string} */ userId, plan = "") => ({ type: "identify", userId, traits: { plan } });
const tracks = (/** @type {number} */ count) => Array.from({ length: count }, (_, number) => track(`t${number}`));

/**
 * Opens a page on which all held events go out at once. Returns `seen`, a word for each command that reached Jimo, and
 * `turns`, the number of these commands at each turn of the page. `meanwhile` runs in the first turn.
 *
 * @param {object} given
 * @param {{ held: object[], early?: boolean, sync?: boolean, meanwhile?: (visit: any) => void }} how
 *   held the events that wait: with `early` for Python, otherwise for an open identify
 */
async function visit(given, { held, early, sync, meanwhile }) {
  const seen = [];
  const turns = [];
  const callbacks = [];
  const push = ([verb, method, [first, callback]]) => {
    spend(COST_MS);
    seen.push(method === "identify" ? first : (first.event ?? first.plan ?? `${verb} ${method}`));
    if (typeof callback !== "function") return;
    if (sync) callback();
    else callbacks.push(callback);
  };
  const take = (plugin) => held.forEach((event) => plugin[event.type]({ event }));
  const turn = () => {
    turns.push(seen.length);
    if (turns.length === 1) meanwhile?.(page);
    if (turns.length < 1000) setTimeout(turn, 0);
  };
  const begin = () => setTimeout(turn, 0);
  let page = {};
  /** @param {any} plugin @param {any} listeners */
  function before(plugin, listeners) {
    if (!early) return;
    page = { plugin, listeners };
    take(plugin);
    begin();
  }
  const made = await destination(given, connect, push, undefined, true, before);
  page = { ...made, seen, callbacks, event: (event) => made.plugin[event.type]({ event }) };
  if (!early) {
    page.event(identify("first"));
    await until(() => callbacks.length);
    // The page has had a turn since then, so this is another slice of work.
    await until(() => false, 2);
    take(made.plugin);
    begin();
    callbacks[0]();
  }
  return { ...page, turns };
}

/** The most that reached Jimo between two turns of the page. */
const most = (turns) => Math.max(...turns.map((at, index) => at - (turns[index - 1] ?? 0)));
const settled = ({ status }) => until(() => status().events.held === 0);
const result = {};

{
  const { plugin, seen, turns, status, ...page } = await visit(
    {},
    { held: tracks(999), meanwhile: ({ event }) => event(track("came meanwhile")) },
  );
  await settled({ status, ...page });
  result.drain = {
    seen: seen.length,
    last: seen.at(-1),
    inOrder: inOrder(seen),
    most: most(turns),
    ...status().events,
  };
  plugin.unload();
}

/** @param {string[]} seen */
function inOrder(seen) {
  const numbers = seen.filter((name) => /^t\d/.test(name)).map((name) => +name.slice(1));
  return numbers.every((number, index) => !index || number > numbers[index - 1]);
}

// 10,000 at once before Python comes.
{
  const held = [identify("u1", "old"), identify("u1", "new"), ...tracks(10_000)];
  const page = await visit({}, { held, early: true, sync: true });
  await settled(page);
  const { seen, turns, status, plugin } = page;
  const [buffer] = status().errors.filter(({ code }) => code === "buffer-full");
  const shown = [...seen.slice(0, 4), seen.at(-1)];
  result.burst = { shown, count: buffer.count, inOrder: inOrder(seen), most: most(turns), ...status().events };
  plugin.unload();
}

// Identifies that Jimo answers within push(). Each one goes out in the same task as the one before.
{
  const held = Array.from({ length: 300 }, (_, number) => identify(`u${number}`, `p${number}`));
  const page = await visit({}, { held, early: true, sync: true });
  await settled(page);
  const expected = held.flatMap(({ userId, traits }) => [userId, traits.plan]);
  result.sync = { same: page.seen.join() === expected.join(), most: most(page.turns) };
  page.plugin.unload();
}

// A reset.
{
  const held = [...tracks(300), identify("u1", "of u1"), track("last")];
  const page = await visit({}, { held, meanwhile: ({ listeners }) => listeners.reset() });
  await settled(page);
  result.reset = {
    seen: page.seen.filter((word) => !/^t\d/.test(word)),
    tracks: page.seen.length,
    dropped: page.status().events.dropped,
    reasons: page.status().errors.map(({ code }) => code),
  };
  page.plugin.unload();
}

// An identify among the events, whose callback comes later.
{
  const held = [...tracks(150), identify("u1", "of u1"), ...tracks(150).map((one) => ({ ...one, event: "after" }))];
  const page = await visit({}, { held });
  await until(() => page.callbacks.length > 1);
  await until(() => false);
  const open = page.seen.slice();
  page.callbacks[1]();
  await settled(page);
  result.identify = {
    open: [open.length, open.at(-1)],
    then: page.seen.slice(open.length, open.length + 2),
    all: page.seen.length,
  };
  page.plugin.unload();
}

// The visitor leaves the page and comes back. No other page has taken over its events.
{
  const leave = () => {
    const { setTimeout } = globalThis;
    // A page that the visitor leaves gets no other turn. This tells it from a page that only seems to be left.
    globalThis.setTimeout = () => 0;
    globalThis.dispatchEvent(new Event("pagehide"));
    globalThis.setTimeout = setTimeout;
  };
  const page = await visit({}, { held: tracks(500), meanwhile: leave });
  await until(() => false);
  const kept = JSON.parse(Object.values(storage)[0]).events.map(({ event }) => event);
  const delivered = page.seen.length;
  globalThis.dispatchEvent(new Event("pageshow"));
  await settled(page);
  result.left = {
    some: delivered > 1 && kept.length > 1,
    // All events waited for this identify.
    all: delivered - 2 + kept.length,
    first: kept[0].event === `t${delivered - 2}`,
    seen: page.seen.length - 2,
    storage: Object.keys(storage).length,
  };
  page.plugin.unload();
}

// The destination is deregistered.
{
  const page = await visit({}, { held: tracks(500), meanwhile: ({ plugin }) => plugin.unload() });
  const { length } = page.seen;
  await until(() => false);
  const { delivered, dropped, held } = page.status().events;
  result.unload = { later: page.seen.length - length, held, sum: delivered + dropped, some: dropped > 100 };
}

console.log(JSON.stringify(result));
process.exit();
