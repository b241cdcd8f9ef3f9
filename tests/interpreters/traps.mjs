// Sends thousands of events through one interpreter, with all that is known to break it. Prints one JSON object.

import { becomePage, connectOf, destination, until } from "./page.mjs";

const EVENTS = 5000;
const BIG = 1764000000000;

const connect = await connectOf(process.argv[2]);
becomePage();

let pushes = 0;
let wrong = 0;
const push = ([, , [{ event, properties, userId }]]) => {
  pushes++;
  const number = pushes - 1;
  if (event !== `e\0${number}` || properties.big !== BIG + number || userId !== null) wrong++;
  // A JavaScript exception that reached MicroPython could not be caught there.
  if (number % 5 === 0) throw new Error("refused");
};
const { plugin, status } = await destination({}, connect, push);
await until(() => status().sdk === "live");
const kinds = new Set();
for (let number = 0; number < EVENTS; number++) {
  const ctx = {
    event: {
      type: "track",
      event: `e\0${number}`,
      messageId: "m",
      timestamp: new Date(number),
      userId: null,
      anonymousId: undefined,
      properties: { big: BIG + number },
    },
  };
  kinds.add(plugin.track(ctx) === ctx);
}
const { events, errors } = status();
console.log(JSON.stringify({ pushes, wrong, returnsTheContext: [...kinds], events, errors }));
process.exit();
