// Reads triggers and mappings from standard input as [{ trigger | mapping, plan, event }], and prints the result of each.
// They run on an interpreter with the real page side, as plans that CPython has compiled, or in Segment's own packages.
//
//   node language.mjs <micropython|pyodide|plans|segment>

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { loadLiquid } from "../../web/later/liquid.js";
import { compile } from "../../web/later/plan.js";
import { becomePage, connectOf, destination } from "./page.mjs";

const [how] = process.argv.slice(2);
const cases = JSON.parse(readFileSync(0));
const require = createRequire(import.meta.url);

const ways = {
  async plans() {
    becomePage();
    const load = (file) => import(new URL(file, new URL("../../web/page/", import.meta.url)));
    await loadLiquid({ load, given: { usesLiquid: true } });
    const context = { constants: [], call: () => undefined };
    return (/** @type {any} */ { plan, event }) => compile(plan, context)(event);
  },
  segment() {
    const { transform } = require("@segment/actions-core/mapping-kit");
    const { parseFql, validate } = require("@segment/destination-subscriptions");
    return (/** @type {any} */ { trigger, mapping, event }) =>
      trigger ? validate(parseFql(trigger), event) : transform({ v: mapping }, event).v;
  },
  async interpreter() {
    const connect = await connectOf(how);
    becomePage();
    return async (/** @type {any} */ { trigger, mapping = "nothing", event }) => {
      const pushed = [];
      const subscription = {
        partnerAction: "sendGroupData",
        subscribe: trigger ?? 'type != "none"',
        mapping: { groupId: "g", traits: { v: mapping } },
      };
      const push = (/** @type {any} */ command) => pushed.push(command);
      const given = { subscriptions: [subscription] };
      const { plugin } = await destination(given, connect, push, undefined, true);
      plugin.track({ event });
      plugin.unload();
      return trigger ? pushed.length > 0 : pushed[0]?.[2][0].traits.v;
    };
  },
};
const run = await (ways[how] ?? ways.interpreter)();
for (const one of cases) console.log(JSON.stringify({ result: await run(one) }));
process.exit();
