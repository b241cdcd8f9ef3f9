// Renders each Liquid template on the code that ships and in Segment's own package. Prints
// { template, event, ours, theirs, errors } for each. If Segment's package fails, `theirs` is { error }.
//
//   node liquid.mjs <micropython|pyodide>      templates as JSON on standard input

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { becomePage, connectOf, destination } from "./page.mjs";

const { transform } = createRequire(import.meta.url)("@segment/actions-core/mapping-kit");
const templates = JSON.parse(readFileSync(0));
const connect = await connectOf(process.argv[2]);
becomePage();

const newEvent = () => ({
  type: "track",
  event: "Order Completed",
  timestamp: new Date("2026-01-02T03:04:05.678Z"),
  n: 1,
  properties: { name: "Ada", tags: ["b", "a"], list: [{ k: 1 }, { k: 2 }], total: 42.5, yes: true, nothing: null },
});

function theirs(template) {
  try {
    return transform({ v: { "@liquid": template } }, newEvent()).v;
  } catch (error) {
    return { error: error.message };
  }
}

for (const template of templates) {
  const pushed = [];
  const subscription = {
    partnerAction: "sendGroupData",
    name: "s",
    subscribe: 'type = "track"',
    mapping: { groupId: "g", traits: { v: { "@liquid": template } } },
  };
  const push = (command) => pushed.push(command);
  const { plugin, status } = await destination({ subscriptions: [subscription] }, connect, push, undefined, true);
  const event = newEvent();
  plugin.track({ event });
  const errors = status().errors.map(({ message }) => message);
  plugin.unload();
  const ours = pushed[0]?.[2][0].traits.v;
  console.log(JSON.stringify({ template, event, ours, theirs: theirs(template), errors }));
}
process.exit();
