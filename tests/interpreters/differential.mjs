// Runs random triggers or mappings, each with a random event, on the code that ships (an interpreter with the real page
// side) and in Segment's own npm packages. Both must agree. Prints how many pairs it has tried, or throws the smallest
// pair with a difference.
//
//   node differential.mjs <micropython|pyodide> <triggers|mappings> <pairs> [seed]

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import fc from "fast-check";
import { event, mapping, trigger } from "./grammar.mjs";
import { becomePage, connectOf, destination } from "./page.mjs";

// Not with import, because the ES modules of these packages are for bundlers.
const require = createRequire(import.meta.url);
const { transform } = require("@segment/actions-core/mapping-kit");
const { parseFql, validate } = require("@segment/destination-subscriptions");

const [runtime, kind, pairs, seed = "1"] = process.argv.slice(2);
const connect = await connectOf(runtime);
becomePage();

/** Removes undefined keys at any depth, as the original does with keys of the event. */
function clean(value) {
  if (Array.isArray(value)) return value.map(clean);
  if (Object.prototype.toString.call(value) !== "[object Object]") return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => (inner === undefined ? [] : [[key, clean(inner)]])),
  );
}

const kinds = {
  triggers: {
    cases: trigger,
    subscription: (text, name) => ({
      partnerAction: "sendTrackEvent",
      subscribe: text,
      mapping: { messageId: "m", timestamp: "now", event_name: name },
    }),
    came: ([, , [payload]]) => [payload.event, true],
    expected(text, data) {
      const ast = parseFql(text);
      return ast.error ? undefined : validate(ast, data) || undefined;
    },
  },
  mappings: {
    cases: mapping,
    subscription: (made, name) => ({
      partnerAction: "sendGroupData",
      subscribe: 'type != "none"',
      mapping: { groupId: name, traits: { v: made } },
    }),
    came: ([, , [{ groupId, traits }]]) => [groupId, traits],
    expected: (made, data) => clean(transform(structuredClone({ traits: { v: made } }), data).traits),
  },
};
const { cases, subscription, came, expected } = kinds[kind];

let tried = 0;
const property = fc.asyncProperty(fc.array(cases, { minLength: 1, maxLength: 50, size: "max" }), event, agree);

async function agree(made, data) {
  const pushed = {};
  const subscriptions = made.map((one, index) => ({ name: `s${index}`, ...subscription(one, `s${index}`) }));
  const push = (command) => {
    const [name, what] = came(command);
    pushed[name] = clean(what);
  };
  const { plugin, status } = await destination({ subscriptions }, connect, push, undefined, true);
  plugin.track({ event: data });
  const named = status().errors.map((error) => error.subscription);
  plugin.unload();
  made.forEach((one, index) => {
    let wanted;
    let failed = kind === "triggers" && !!parseFql(one).error;
    try {
      wanted = expected(one, data);
    } catch {
      failed = true;
    }
    assert.deepEqual(pushed[`s${index}`], wanted, `differs: ${JSON.stringify(one)}`);
    if (failed) assert.ok(named.includes(`s${index}`), `not told: ${JSON.stringify(one)}`);
  });
  tried += made.length;
}

while (tried < Number(pairs)) {
  await fc.assert(property, { seed: Number(seed) + tried, numRuns: Math.ceil((Number(pairs) - tried) / 25) });
}
console.log(JSON.stringify({ tried }));
process.exit();
