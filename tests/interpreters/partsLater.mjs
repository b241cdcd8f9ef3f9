// Parts of web/later/ by themselves: the order of commands, the users that Jimo was told of, and the dispatcher.

import assert from "node:assert/strict";
import { createDispatcher } from "../../web/later/dispatcher.js";
import { putInOrder } from "../../web/later/takeOver.js";
import { createTold } from "../../web/later/told.js";
import { createMemory, isOfAnother } from "../../web/page/memory.js";
import { pack } from "../../web/page/pack.js";
import { createPage, test, tracks } from "./partsPage.mjs";

// told.js

const U1 = { anonymousId: "a1", userId: "u1" };
const U2 = { anonymousId: "a2", userId: "u2" };
/** @param {object} [now] the visitor as analytics.js knows them @param {object} [earlier] whom Jimo had when the page came */
const newTab = (now, earlier) => {
  const stamps = { idsNow: () => (tabAsked++, now), earlier: () => earlier };
  return createTold({ memory: createMemory("key"), stamps });
};
/** How often analytics.js was asked. */
let tabAsked = 0;
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

test("the profile that Jimo started with is another visitor's once another page has given it away", () => {
  const [one, two] = [newTab(), newTab()];
  assert.ok(!one.isOfAnother(U1));
  one.remember(U1);
  assert.ok(!one.isOfAnother(U1) && !two.isOfAnother(U1) && two.isOfAnother(U2));
  // What this page itself has written is in the profile that it has.
  assert.ok(!one.isOfAnother(U2));
});

test("the visitor whom Jimo had when the page came may get another anonymous id while they are logged in", () => {
  newTab().tell(U1);
  const renamed = { ...U1, anonymousId: "a3" };
  assert.ok(!newTab(renamed, U1).isOfAnother(renamed));
  assert.ok(newTab(renamed).isOfAnother(renamed));
  newTab().tell(U2);
  assert.ok(newTab(renamed, U1).isOfAnother(renamed));
});

test("analytics.js is not asked for the visitor where the event has the one whom Jimo has", () => {
  newTab().tell(U1);
  tabAsked = 0;
  assert.ok(!newTab(U1).isOfAnother(U1));
  assert.equal(tabAsked, 0);
});

test("an anonymous visitor is the user whom they have become, in another tab too", () => {
  newTab().tell(U1);
  assert.ok(!newTab(U1).isOfAnother({ anonymousId: "a1" }));
  assert.ok(newTab(U2).isOfAnother({ anonymousId: "a1" }));
  assert.ok(newTab(U1).isOfAnother(U2));
});

test("once Jimo has answered, another page changes its profile only by a reset", () => {
  const [one, two] = [newTab(), newTab()];
  one.tell(U1);
  two.tell(U2);
  assert.ok(one.isOfAnother(U1));
  one.answered(U1);
  assert.ok(!one.isOfAnother(U1));
  one.known();
  two.answered(U2);
  two.known();
  assert.ok(!one.isOfAnother(U1));
  createMemory("key").write("reset1");
  assert.ok(one.isOfAnother(U1));
});

test("an answer also ends the first try for the same user, which Jimo did not take", () => {
  const one = newTab();
  one.tell(U1);
  one.tell(U1);
  one.answered(U1);
  createMemory("key").write("?");
  assert.ok(!one.isOfAnother(U1));
});

test("after a reset, Jimo's answer counts before Python has heard of it", () => {
  const one = newTab();
  createMemory("key").write("reset1");
  one.tell(U1);
  assert.ok(one.isOfAnother(U1));
  one.answered(U1);
  assert.ok(!one.isOfAnother(U1));
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

/** Makes a dispatcher. Its Python answers each signal with 0, and lets all events go out. */
export function createDispatching(
  run = () => {},
  signal = () => 0,
  { match = () => true, offer = () => 0, holds, isStarterGone = () => false } = {},
) {
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
    offer: (id, _era, user) => entered("offer", () => offer(id, dispatcher, user)),
    named: () => entered("named", () => 0),
    stop: () => void log.push("stop"),
  };
  const commands = {
    told: { known: () => log.push("known") },
    match(item) {
      item.steps ??= [];
      if (match(item, dispatcher)) return true;
      page.queue.settle(item, "unmatched");
      return false;
    },
    profileOf: () => 0,
    isStarterGone,
    userOf: ({ event }) => Number(event.event === "with a user"),
    run: (item) => entered(`run ${item.event.event}`, () => void run(item, dispatcher)) || true,
    settle: (item) => page.queue.settle(item, "delivered"),
    trace: (item, what) => traces.push(`${item.event.event} ${what}`),
  };
  const traces = [];
  const host = { queue: page.queue, stamps: page.stamps, prefix: "segment-jimo:p1:" };
  const dispatcher = createDispatcher(host, python, commands, { holds: holds ?? (() => false) });
  /** Takes an event while Python runs. */
  const take = (event, more = {}) => {
    const ctx = page.dispatch({ event, ...more });
    const item = page.queue.receive(ctx.event, page.stamps.arrived(ctx), ctx);
    dispatcher.take(item);
    return item;
  };
  return { page, log, traces, dispatcher, take };
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

test("a page that is shown again notices at once a reset of which nobody has told it", () => {
  const { page, dispatcher, take } = createDispatching();
  dispatcher.begin();
  page.visitor.userId = "u1";
  take("one");
  Object.assign(page.visitor, { userId: null, anonymousId: "a2" });
  dispatcher.resume();
  assert.equal(page.eras, 1);
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

test("where Python has failed at an event, it is asked about the next one of the same user", () => {
  const answers = [PROTOCOL.givenUp, PROTOCOL.send];
  const { page, log, dispatcher } = createDispatching(undefined, undefined, { offer: () => answers.shift() });
  tracks(page, "one", "two", "three");
  dispatcher.begin();
  assert.deepEqual(log, ["start", "offer", "run one", "offer", "run two", "run three"]);
});

/** Makes a step of the event wait for the next identify when it first runs. */
const defers = (name) => (item) => {
  if (item.event.event === name && !item.resumed) item.deferred = ["waits"];
};

test("what waits for an identify is offered by itself whenever something has happened", () => {
  const steps = [];
  let answer = PROTOCOL.send;
  const { page, log, traces, dispatcher, take } = createDispatching(
    (item) => {
      steps.push(`${item.event.event}: ${item.steps}`);
      item.next = item.steps.length;
      defers("one")(item);
    },
    undefined,
    { match: (item) => (item.steps.length ? true : (item.steps = ["first"])), offer: () => answer },
  );
  dispatcher.begin();
  const properties = { list: [1] };
  const one = take("one", { properties });
  properties.list.push(2);
  assert.deepEqual([page.queue.aside, page.queue.line, one.event.properties.list], [[one], [], [1]]);
  assert.deepEqual(traces, ["one deferred"]);
  answer = PROTOCOL.hold;
  dispatcher.signal("online");
  assert.deepEqual(page.queue.aside, [one]);
  answer = PROTOCOL.send;
  dispatcher.signal("answered");
  assert.deepEqual(page.queue.aside, []);
  assert.deepEqual(steps, ["one: first", "one: waits"]);
  assert.equal(page.queue.events.delivered, 1);
  assert.deepEqual(log, ["start", "offer", "run one", "online", "offer", "answered", "offer", "run one"]);
});

/** Makes a dispatcher in which an event of nobody waits. `users` are those for whom Python is asked about it. */
function createWaiting() {
  const users = [];
  const dispatching = createDispatching(defers("one"), undefined, {
    offer: (id, _one, user) => void (id === 1 && users.push(user)),
  });
  dispatching.dispatcher.begin();
  dispatching.take("one");
  return { ...dispatching, users };
}

test("what nobody said, and waits, belongs to the first user who follows in the same era, and to no later one", () => {
  const { page, dispatcher, users } = createWaiting();
  for (const userId of ["u1", "u2"]) {
    page.visitor.userId = userId;
    page.dispatch({ type: "page" });
  }
  dispatcher.signal("answered");
  assert.deepEqual(users, [0, page.stamps.numberOf("u1")]);
});

test("what nobody said before a reset does not belong to the first user after it", () => {
  const { page, dispatcher, users } = createWaiting();
  page.reset("a2");
  page.visitor.userId = "u1";
  page.dispatch({ type: "page" });
  dispatcher.signal("answered");
  assert.deepEqual(users, [0, 0]);
});

test("what a page holds again stands aside before what came after it", () => {
  const { page, dispatcher, take } = createDispatching((item) => (item.deferred = ["waits"]));
  dispatcher.begin();
  const [one, two] = [take("one"), take("two")];
  page.queue.aside.splice(0, 1);
  page.queue.line.push(one);
  dispatcher.signal("online");
  assert.deepEqual(page.queue.aside, [one, two]);
});

test("Python learns that the event that named the user has gone, before a page that comes back goes on", () => {
  let isStarterGone = true;
  const { log, dispatcher } = createDispatching(undefined, undefined, { isStarterGone: () => isStarterGone });
  dispatcher.begin();
  dispatcher.resume();
  isStarterGone = false;
  dispatcher.resume();
  assert.deepEqual(log, ["start", "starter-gone"]);
});

test("Python is asked for the user whom an anonymous visitor has become, once another has followed", () => {
  const users = [];
  const { page, dispatcher } = createDispatching(undefined, undefined, {
    offer: (_id, _one, user) => void users.push(user),
  });
  tracks(page, "of nobody");
  for (const userId of ["u1", "u2"]) page.identify(userId);
  dispatcher.begin();
  dispatcher.signal("online");
  const [u1, u2] = ["u1", "u2"].map(page.stamps.numberOf);
  assert.deepEqual(users, [u1, u2]);
});

test("what waits once more stays aside, and Python is asked about it each time", () => {
  const { page, log, dispatcher, take } = createDispatching((item) => (item.deferred = ["waits"]));
  dispatcher.begin();
  take("one");
  take("two");
  dispatcher.signal("online");
  log.length = 0;
  dispatcher.signal("online");
  assert.deepEqual(log, ["online", "offer", "run one", "offer", "run two"]);
  assert.deepEqual([page.queue.aside.length, page.queue.events.held], [2, 2]);
});

test("an end while what was put aside is offered ends that too", () => {
  let isOver = false;
  const { log, dispatcher, take } = createDispatching((item) => (item.deferred = ["waits"]), undefined, {
    offer: (_id, one) => isOver && one.stop(),
  });
  dispatcher.begin();
  take("one");
  take("two");
  isOver = true;
  dispatcher.signal("online");
  assert.deepEqual(log.slice(-3), ["online", "offer", "stop"]);
});

test("an event that ends the destination while it goes out leaves nothing behind", () => {
  const { page, dispatcher, take } = createDispatching((item, one) => {
    item.deferred = ["waits"];
    page.queue.drop(() => true, "unloaded");
    one.stop();
  });
  dispatcher.begin();
  const one = take("one");
  assert.deepEqual([page.queue.waiting(), one.row.outcome], [[], "dropped"]);
});

test("what a rule does for an event is told to Python before that event is offered", () => {
  const { page, log, dispatcher } = createDispatching(defers("one"), undefined, {
    match: (item, { signal }) => (item.event.event === "two" && signal("reset"), true),
  });
  tracks(page, "one", "two");
  dispatcher.begin();
  assert.deepEqual(log, ["start", "offer", "run one", "reset", "offer", "run one", "run two"]);
});

test("an event whose rule ends the destination is not offered", () => {
  const { page, log, dispatcher } = createDispatching(undefined, undefined, {
    match: (_item, one) => (one.stop(), true),
  });
  tracks(page, "one");
  dispatcher.begin();
  assert.deepEqual(log, ["start", "stop"]);
});

test("an event that Python holds back is kept as it was, and its watchers are told", () => {
  let answer = PROTOCOL.hold;
  const { page, log, traces, dispatcher, take } = createDispatching(undefined, undefined, { offer: () => answer });
  dispatcher.begin();
  const properties = { list: [1] };
  const one = take("one", { properties });
  properties.list.push(2);
  take("two");
  assert.deepEqual([page.queue.line.length, one.event.properties.list, traces], [2, [1], ["one held"]]);
  assert.deepEqual(log, ["start", "offer"]);
  answer = PROTOCOL.send;
  dispatcher.signal("online");
  assert.deepEqual(log, ["start", "offer", "online", "offer", "run one", "run two"]);
});

test("an event that can go out goes out at once, and as it came", () => {
  const events = [];
  const { dispatcher, take } = createDispatching(({ event }) => events.push(event));
  dispatcher.begin();
  const { event, ctx } = take("one");
  assert.ok(events[0] === ctx.event && event === ctx.event);
});

test("that all is out that came before a reset is told before the next event is looked at", () => {
  const { page, log, dispatcher } = createDispatching(undefined, undefined, {
    match: ({ event }) => (log.push(`look at ${event.event}`), true),
    offer: () => PROTOCOL.hold,
  });
  tracks(page, "one");
  dispatcher.begin();
  page.reset("a2");
  tracks(page, "two");
  log.length = 0;
  page.queue.line.shift();
  dispatcher.reset(1);
  assert.deepEqual(log, ["reset", "drained", "look at two", "offer"]);
});

test("an event that nobody wants does not wait, and what a rule does for it is told to Python afterwards", () => {
  const { page, log, dispatcher, take } = createDispatching(undefined, undefined, {
    offer: () => PROTOCOL.hold,
    match({ event }, { signal }) {
      if (event.event !== "unwanted") return true;
      signal("reset");
      log.push("unwanted");
    },
  });
  dispatcher.begin();
  take("one");
  take("unwanted");
  assert.deepEqual(log, ["start", "offer", "unwanted", "reset", "offer"]);
  assert.deepEqual([page.queue.line.length, page.queue.events.unmatched], [1, 1]);
});

test("an event waits until it has gone through the page's own middleware", () => {
  const through = new Set();
  /** @type {(item: any) => void} */
  let done = () => {};
  const { page, log, dispatcher, take } = createDispatching(undefined, undefined, {
    holds: (item, given) => ((done = given), !through.has(item)),
    match: ({ event }) => event.event !== "unwanted",
  });
  dispatcher.begin();
  const [one, unwanted] = [take("one"), take("unwanted")];
  assert.deepEqual([log, page.queue.line.length], [["start"], 2]);
  through.add(unwanted);
  done(unwanted);
  assert.deepEqual([log, page.queue.line], [["start"], [one]]);
  through.add(one);
  done(one);
  assert.deepEqual([log, page.queue.line], [["start", "offer", "run one"], []]);
});

test("an event that was kept as text before Python came is read again", () => {
  const { page, dispatcher } = createDispatching(undefined, undefined, { offer: () => PROTOCOL.hold });
  const [item] = tracks(page, "one");
  item.shared = [];
  item.text = pack({ type: "track", event: "as it was" }, item.shared);
  dispatcher.begin();
  assert.deepEqual([item.event.event, item.text, item.copied], ["as it was", undefined, true]);
});
