// Gives settings of any kind to the code that ships: an interpreter with the real page side. It reads a list of settings
// from standard input. Then it makes <own> more, with any JavaScript value at any place. For each it prints a JSON line
// with the result of status() and the time.
//
//   node fuzz.mjs <micropython|pyodide> <own>

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { mapping, trigger } from "./grammar.mjs";
import { becomePage, connectOf, destination } from "./page.mjs";

const [runtime, own] = process.argv.slice(2);
const given = JSON.parse(readFileSync(0, "utf8"));
const connect = await connectOf(runtime);
becomePage();

const odd = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  withUnicodeString: true,
});
const thrower = fc.constant(undefined).map(() => ({
  get value() {
    throw new Error("no");
  },
}));
const cyclic = odd.map((value) => {
  const list = [value, {}];
  list[1].list = list;
  return list;
});
const any = fc.oneof(
  odd,
  thrower,
  cyclic,
  fc.constantFrom(() => 1, Symbol("s"), new Proxy({}, { ownKeys: () => [Symbol("s")] })),
);
const action = fc.constantFrom("sendUserData", "sendTrackEvent", "sendGroupData");
const fields = fc.constantFrom("userId", "traits", "groupId", "email", "properties", "event_name", "@path", "@merge");
const subscription = fc.record(
  {
    partnerAction: fc.oneof({ weight: 9, arbitrary: action }, any),
    name: fc.oneof(fc.string({ unit: "binary" }), any),
    enabled: fc.oneof(fc.boolean(), any),
    subscribe: fc.oneof(trigger, trigger, fc.string({ unit: "binary" }), any),
    mapping: fc.oneof(fc.dictionary(fields, fc.oneof(mapping, any)), any),
  },
  { requiredKeys: ["partnerAction"] },
);
const made = fc.record({ subscriptions: fc.oneof(fc.array(fc.oneof(subscription, any), { maxLength: 6 }), any) });

for (const settings of [...given, ...fc.sample(made, { numRuns: +own, seed: 1 })]) {
  const begun = performance.now();
  const { plugin, status } = await destination(settings, connect, () => {}, undefined, true);
  const { errors } = status();
  plugin.unload();
  console.log(JSON.stringify({ errors, ms: performance.now() - begun }));
}
process.exit();
