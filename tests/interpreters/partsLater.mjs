// What is fetched later, by itself: the order of commands, whom Jimo was told of, the dispatcher.

import assert from "node:assert/strict";
import { createDispatcher } from "../../web/later/dispatcher.js";
import { putInOrder } from "../../web/later/takeOver.js";
import { createTold } from "../../web/later/told.js";
import { createMemory, isOfAnother } from "../../web/page/memory.js";
import { createPage, test, tracks } from "./partsPage.mjs";

// told.js

const U1 = { anonymousId: "a1", userId: "u1" };
const U2 = { anonymousId: "a2", userId: "u2" };
const newTab = () => createTold({ memory: createMemory("key") });
const isTrusted = (ids) => !isOfAnother(createMemory("key").read(), ids);

test("where two tabs have had Jimo told of different users, no next page trusts what is remembered", () => {
  const [one, two] = [newTab(), newTab()];
  one.tell(U1);
  assert.ok(isTrusted(U1));
  two.tell(U2);
  two.answered(U2);
  two.known();
  assert.ok(isTrusted(U2));
  one.doubt();
  assert.ok(!isTrusted(U1) && !isTrusted(U2));
  one.answered(U1);
  one.known();
  assert.ok(isTrusted(U1) && !isTrusted(U2));
});

test("a tab whose identify Jimo has answered does not doubt what another tab knows", () => {
  const [one, two] = [newTab(), newTab()];
  one.tell({ ...U1, userId: "u0" });
  one.tell(U1);
  one.answered(U1);
  two.tell(U2);
  two.answered(U2);
  two.known();
  one.doubt();
  assert.ok(isTrusted(U2));
  assert.equal(one.last, U1);
});

test("Jimo that is told of one user while another is remembered is in doubt until it answers", () => {
  const [one, two] = [newTab(), newTab()];
  one.tell(U1);
  one.answered(U1);
  one.known();
  two.tell(U2);
  assert.ok(!isTrusted(U1) && !isTrusted(U2));
});

// takeOver.js

const inLine = (...items) => items.map((item) => ({ stamp: { number: item.number ?? 0 }, ...item }));
const names = (line) => line.map(({ name }) => name).join(" ");

test("a command stands behind what came before it, and before what came after it", () => {
  const line = inLine({ name: "a", turn: 1 }, { name: "b", turn: 3 }, { name: "own", turn: 2, number: 1 });
  putInOrder(line, line[2]);
  assert.equal(names(line), "a own b");
  line.unshift(...line.splice(1, 1));
  putInOrder(line, line[0]);
  assert.equal(names(line), "a own b");
});

test("a command that came before all others is the first", () => {
  const line = inLine({ name: "a", turn: 2 }, { name: "own", turn: 1, number: 1 });
  putInOrder(line, line[1]);
  assert.equal(names(line), "own a");
});

test("a command that was given before its identify came stands behind it, also when the page comes back", () => {
  const line = inLine({ name: "identify", turn: 5, number: 1 }, { name: "own", turn: 3, number: 2 });
  line[0].stamp.identify = 1;
  putInOrder(line, line[1]);
  assert.equal(names(line), "identify own");
  line[0].stamp = { number: 9 };
  putInOrder(line, line[1]);
  assert.equal(names(line), "identify own");
});

test("two commands of one moment keep their order", () => {
  const line = inLine({ name: "a", turn: 3 }, { name: "first", turn: 3 }, { name: "second", turn: 3 });
  putInOrder(line, line[2]);
  assert.equal(names(line), "a first second");
});

// dispatcher.js

const PROTOCOL = { hold: -1, givenUp: -2, waiting: 1, known: 2, send: 0 };

/** A dispatcher whose Python answers to each signal with 0, and lets everything go out. */
function createDispatching(run = () => {}, signal = () => 0) {
  const page = createPage();
  /** @type {string[]} */
  const log = [];
  let depth = 0;
  const entered = (name, work) => {
    log.push(depth ? `${name} inside` : name);
    depth++;
    const answer = work(name);
    depth--;
    return answer ?? 0;
  };
  const python = {
    protocol: PROTOCOL,
    signal: (name) => entered(name, (given) => signal(given, dispatcher)),
    offer: () => entered("offer", () => 0),
    named: () => entered("named", () => 0),
    stop: () => void log.push("stop"),
  };
  const commands = {
    told: { known: () => log.push("known") },
    match: (item) => (item.steps = []),
    profileOf: () => 0,
    userOf: ({ event }) => Number(event.event === "with a user"),
    run: (item) => entered(`run ${item.event.event}`, () => void run(item, dispatcher)) || true,
    settle: (item) => page.queue.settle(item, "delivered"),
    trace() {},
  };
  const host = { queue: page.queue, stamps: page.stamps, prefix: "segment-jimo:p1:" };
  const dispatcher = createDispatcher(host, python, commands, { holds: () => false });
  return { page, log, dispatcher };
}

test("nothing goes out, and Python hears nothing, before the dispatcher has begun", () => {
  const { page, log, dispatcher } = createDispatching();
  dispatcher.signal("sdk-ready");
  const [item] = tracks(page, "one");
  page.queue.line.pop();
  dispatcher.take(item);
  assert.deepEqual(log, []);
  dispatcher.begin();
  assert.deepEqual(log, ["sdk-ready", "start", "offer", "run one"]);
});

test("what happens while Jimo or Python is at work is told to Python afterwards", () => {
  const { page, log, dispatcher } = createDispatching(
    (item, { signal }) => item.event.event === "one" && signal("answered"),
    (name, { signal }) => void (name === "online" && signal("quota")),
  );
  tracks(page, "one", "two");
  dispatcher.begin();
  dispatcher.signal("online");
  assert.deepEqual(log, ["start", "offer", "run one", "answered", "offer", "run two", "online", "quota"]);
});

test("after the end nothing is offered and nothing is told", () => {
  const { page, log, dispatcher } = createDispatching((item, one) => item.event.event === "one" && one.stop());
  tracks(page, "one", "two");
  dispatcher.begin();
  dispatcher.signal("online");
  dispatcher.resume();
  assert.deepEqual(log, ["start", "offer", "run one", "stop"]);
});

test("Jimo has the user only where Python says so of its answer", () => {
  const { log, dispatcher } = createDispatching(undefined, () => PROTOCOL.known);
  dispatcher.begin();
  assert.deepEqual(log, ["start"]);
  dispatcher.signal("answered");
  assert.deepEqual(log, ["start", "answered", "known"]);
});

test("a user is looked for among all that waits, and then it goes out in its order", () => {
  const { page, log, dispatcher } = createDispatching(undefined, () => PROTOCOL.waiting);
  tracks(page, "one", "with a user", "three");
  dispatcher.begin();
  assert.deepEqual(log, ["start", "named", "offer", "run one", "run with a user", "run three"]);
  assert.equal(dispatcher.isWaiting, false);
});

test("Python is told of a reset, and then that all that came before it is out", () => {
  const { log, dispatcher } = createDispatching();
  dispatcher.begin();
  dispatcher.reset(1);
  assert.deepEqual(log, ["start", "reset", "drained"]);
});

test("a command that was given before the events that wait goes out before them", () => {
  const { page, log, dispatcher } = createDispatching();
  const [one] = tracks(page, "one");
  const own = page.queue.receive({ event: "own" }, { number: 9, era: 0, user: 0, ids: {} }, {});
  dispatcher.take(Object.assign(own, { command: { settle() {} }, turn: one.turn - 1 }));
  dispatcher.begin();
  assert.deepEqual(log, ["start", "offer", "run own", "run one"]);
});

test("an event that has to wait is kept as it was when it came", () => {
  const { page, dispatcher } = createDispatching();
  const [item] = tracks(page, "one");
  item.event.properties = { list: [1] };
  const { event } = item;
  page.queue.line.pop();
  dispatcher.take(item);
  event.properties.list.push(2);
  assert.deepEqual(page.queue.line[0].event.properties.list, [1]);
});
