// Mistakes in settings, on what ships: prints, for an interpreter, one JSON line with the edits of a
// name that lead to a command that the valid settings do not lead to, and what a page is told of
// events that a refused or a failing subscription may have wanted.

import { becomePage, connectOf, destination, until } from "./page.mjs";

const path = (path) => ({ "@path": path });
const SUBSCRIPTION = {
  partnerAction: "sendTrackEvent",
  name: "Orders",
  enabled: true,
  subscribe: 'type = "track" and properties.revenue > 100',
  mapping: { messageId: "m", timestamp: "t", event_name: path("$.event") },
};
const OFF = { ...SUBSCRIPTION, partnerAction: "sendGroupData", enabled: false, mapping: { groupId: "g" } };
const USERS = {
  partnerAction: "sendUserData",
  name: "Users",
  enabled: true,
  subscribe: 'type = "identify" and traits.plan = "pro"',
  mapping: { userId: path("$.userId"), traits: { plan: path("$.traits.plan") } },
};
const SETTINGS = {
  projectId: "p1",
  manualInit: true,
  refetchExperiencesOnTraitsUpdate: false,
  killOnReset: true,
  debug: false,
  inspector: false,
  runtime: "page",
  assets: new URL("../../web/page/", import.meta.url).href,
  sdkUrl: "http://page/sdk.js",
  subscriptions: [SUBSCRIPTION, OFF, USERS],
};
const EVENTS = [
  { type: "track", event: "Early", properties: { revenue: 500 } },
  { type: "track", event: "Cheap", properties: { revenue: 50 } },
  { type: "identify", userId: "u1", traits: { plan: "free", email: "a@b.c" } },
  { type: "identify", userId: "u2", traits: { plan: "pro", email: "a@b.c" } },
  { type: "track", event: "Dear", userId: "u2", properties: { revenue: 500 } },
  { type: "group", groupId: "g1", userId: "u2", traits: {} },
];

/** Each character left out, doubled, and replaced; and each place with one more. @param {string} name */
function edits(name) {
  const found = new Set();
  for (let at = 0; at <= name.length; at++) {
    const [before, after] = [name.slice(0, at), name.slice(at)];
    for (const put of ["", "x", "_", name[at] ?? "S"]) {
      found.add(before + put + after);
      if (after) found.add(before + put + after.slice(1));
    }
  }
  found.delete(name);
  return [...found];
}

const rename = (object, from, to) =>
  Object.fromEntries(Object.entries(object).map(([key, value]) => [key === from ? to : key, value]));

/** @returns {Promise<{ commands: string[], status: any }>} what the events lead to */
async function run(given, events = EVENTS) {
  const commands = [];
  const push = (command) => {
    commands.push(JSON.stringify(command));
    const callback = command[2].find((one) => typeof one === "function");
    if (callback) setTimeout(callback);
  };
  // What the page has by itself must not stand in for what is misspelt.
  const { plugin, listeners, status } = await destination(
    { ...Object.fromEntries(Object.keys(SETTINGS).map((key) => [key, undefined])), ...given },
    connect,
    push,
  );
  for (const event of events) {
    const ctx = { event: { messageId: `m${Math.random()}`, anonymousId: "a1", timestamp: new Date(), ...event } };
    listeners.dispatch_start?.(ctx);
    plugin[event.type](ctx);
    await new Promise((resolve) => setTimeout(resolve));
  }
  await until(() => !status().events.held);
  const { events: counts, errors, recent } = status();
  plugin.unload();
  return { commands, status: { counts, errors, recent } };
}

const connect = await connectOf(process.argv[2]);
becomePage();

const valid = await run(SETTINGS);
const more = [];
let tried = 0;
/** @param {string} edit @param {any} settings */
async function compare(edit, settings) {
  tried++;
  const left = [...valid.commands];
  const { commands } = await run(settings);
  for (const command of commands) {
    const at = left.indexOf(command);
    if (at < 0) return more.push([edit, command]);
    left.splice(at, 1);
  }
}
for (const name of Object.keys(SETTINGS))
  for (const edit of edits(name)) await compare(edit, rename(SETTINGS, name, edit));
for (const key of Object.keys(SUBSCRIPTION))
  for (const edit of edits(key))
    await compare(edit, { ...SETTINGS, subscriptions: SETTINGS.subscriptions.map((one) => rename(one, key, edit)) });

const eager = { ...SETTINGS, manualInit: false };
const refused = await run({ ...eager, subscriptions: [rename(SUBSCRIPTION, "subscribe", "subscibe"), USERS] });

console.log(JSON.stringify({ valid: valid.commands, tried, more, refused: refused.status }));
process.exit(0);
