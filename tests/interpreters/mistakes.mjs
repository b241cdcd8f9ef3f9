// Tries misspelt settings on the code that ships. Prints one JSON line for an interpreter. It has the misspelt names that
// lead to a command that the right name does not lead to. It also has what a page learns about an event that a refused or
// failing subscription may have wanted.

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

/** Returns the name with each character removed, doubled or replaced, and with one more at each place. @param {string} name */
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

/** @returns {Promise<{ commands: string[], status: any }>} the commands of the events */
async function run(given, events = EVENTS) {
  const commands = [];
  const push = (command) => {
    commands.push(JSON.stringify(command));
    const callback = command[2].find((one) => typeof one === "function");
    if (callback) setTimeout(callback);
  };
  // A default of the page must not hide a misspelt setting.
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
