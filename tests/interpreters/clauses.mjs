// Compiles triggers with an interpreter. For each trigger, prints how the explanation writes it, and why it does not want
// the event.
//
//   node clauses.mjs <micropython|pyodide> <JSON of [trigger, event][]>

import { becomePage, connectOf, destination } from "./page.mjs";

const [runtime, pairs] = process.argv.slice(2);
const connect = await connectOf(runtime);
becomePage();

for (const [subscribe, event] of JSON.parse(pairs)) {
  const subscriptions = [{ partnerAction: "sendTrackEvent", subscribe }];
  const { plugin } = await destination({ subscriptions }, connect, () => {}, undefined, true);
  const { subscriptions: said } = await globalThis.segmentJimo.explain(event);
  console.log(JSON.stringify({ trigger: said[0].trigger, reason: said[0].reason }));
  plugin.unload();
}
process.exit();
