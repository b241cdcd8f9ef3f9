// Runs random triggers and mappings, each with random events. What `segmentJimo.explain()` says about an event must be
// what is then delivered. Prints how many events it has tried.
//
//   node explain.mjs <micropython|pyodide> <events> [seed]

import assert from "node:assert/strict";
import fc from "fast-check";
import { event, mapping, trigger } from "./grammar.mjs";
import { becomePage, connectOf, destination, until } from "./page.mjs";

const [runtime, events, seed = "1"] = process.argv.slice(2);
const connect = await connectOf(runtime);
becomePage();

const TYPES = ["identify", "track", "group", "page"];
const action = fc.constantFrom("sendUserData", "sendTrackEvent", "sendGroupData");
const FIELDS = {
  sendUserData: ["userId", "email", "traits"],
  sendTrackEvent: ["messageId", "timestamp", "event_name", "properties"],
  sendGroupData: ["groupId", "traits"],
};
const plain = fc.constantFrom(
  { "@path": "$.userId" },
  { "@path": "$.event" },
  { "@path": "$.traits" },
  { "@path": "$.properties" },
  { "@path": "$.messageId" },
);
const subscription = fc.record({
  partnerAction: action,
  subscribe: fc.oneof(trigger, fc.constantFrom('type != "none"', ...TYPES.map((type) => `type = "${type}"`))),
  values: fc.array(fc.oneof(plain, mapping), { minLength: 4, maxLength: 4 }),
});

/** Returns a command as explain() shows it. */
const shown = (value) => (typeof value === "function" ? "callback" : Array.isArray(value) ? value.map(shown) : value);

let tried = 0;
const matched = { true: 0, false: 0 };
async function agree(made, list) {
  const subscriptions = made.map(({ partnerAction, subscribe, values }, index) => ({
    partnerAction,
    subscribe,
    name: `s${index}`,
    mapping: Object.fromEntries(FIELDS[partnerAction].map((field, at) => [field, values[at]])),
  }));
  let pushed = [];
  const push = ([verb, method, args]) => {
    const callback = args.find((value) => typeof value === "function");
    pushed.push([verb, method, shown(args)]);
    callback?.();
  };
  const { plugin, status } = await destination({ subscriptions }, connect, push, undefined, true);
  const { explain } = globalThis.segmentJimo;
  for (const [index, given] of list.entries()) {
    const type = TYPES[index % TYPES.length];
    const one = { messageId: `m${tried}`, timestamp: new Date(0), ...given, type };
    const before = JSON.stringify(status());
    const said = await explain(one);
    assert.equal(JSON.stringify(status()), before, "explain() had an effect");
    assert.deepEqual(pushed, []);
    plugin[type]({ event: one });
    await until(() => status().events.held === 0);
    const { outcome, reason } = status().recent.at(-1);
    const where = JSON.stringify([subscriptions, one]);
    assert.deepEqual(said.commands, pushed, where);
    assert.deepEqual([said.outcome, said.reason], [outcome, reason], where);
    for (const { matched: wants, reason: why, error } of said.subscriptions) {
      matched[wants]++;
      assert.ok(wants ? why === null : typeof why === "string" && why.endsWith("."), where);
      assert.ok(error === null || typeof error.code === "string");
    }
    pushed = [];
    tried++;
  }
  plugin.unload();
}

const property = fc.asyncProperty(
  fc.array(subscription, { minLength: 1, maxLength: 5 }),
  fc.array(event, { minLength: 4, maxLength: 4 }),
  agree,
);
while (tried < Number(events)) {
  await fc.assert(property, { seed: Number(seed) + tried, numRuns: Math.ceil((Number(events) - tried) / 4) });
}
console.log(JSON.stringify({ tried, matched }));
process.exit();
