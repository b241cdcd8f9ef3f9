// Parts of the page side by themselves, without an interpreter. Prints a JSON line for each test.

import assert from "node:assert/strict";
import { createCommandUser, identifyBefore } from "../../web/later/commandUser.js";
import { createTold } from "../../web/later/told.js";
import { unpack } from "../../web/later/unpack.js";
import { createMemory, isOfAnother } from "../../web/page/memory.js";
import { pack } from "../../web/page/pack.js";
import { createStamps } from "../../web/page/stamps.js";
import { createPage, createStorage, test, tests, tracks, useStorages } from "./partsPage.mjs";
import "./partsEnd.mjs";
import "./partsHandover.mjs";
import "./partsLater.mjs";
import "./partsPlugin.mjs";

// pack.js

test("values that JSON has no form for come back as they were", () => {
  const value = {
    list: [NaN, Infinity, -Infinity, -0, 0, undefined, null],
    missing: undefined,
    at: new Date(5),
    large: 2n ** 70n,
    deep: { deeper: [{ large: -1n }] },
  };
  const found = unpack(pack(value));
  assert.deepStrictEqual(found, value);
  assert.ok(Object.is(found.list[3], -0) && Object.is(found.list[4], 0));
  assert.ok(Object.hasOwn(found, "missing") && found.list.length === 7);
  const { never } = unpack(pack({ never: new Date(NaN) }));
  assert.ok(never instanceof Date && isNaN(+never));
});

test("text that begins as our own marks do comes back as it was", () => {
  const value = ["\0", "\0d5", "\0u", "\0s\0s", "a\0b", "", "\0zz"];
  assert.deepStrictEqual(unpack(pack(value)), value);
});

test("a key of any name comes back as a key", () => {
  const value = JSON.parse('{"__proto__": {"a": 1}, "constructor": 2, "": 3, "toString": 4}');
  const found = unpack(pack(value));
  assert.deepStrictEqual(Object.entries(found), Object.entries(value));
  assert.equal(Object.getPrototypeOf(found), Object.prototype);
});

test("a date is kept whatever the page has made of toJSON", () => {
  const at = Object.assign(new Date(7), { toJSON: () => "wrong" });
  assert.equal(+unpack(pack({ at })).at, 7);
});

test("what has no form as text is refused", () => {
  const circle = {};
  circle.circle = circle;
  for (const value of [() => 0, Symbol("s"), new Map(), new Uint8Array(1), /a/, circle])
    assert.throws(() => pack({ deep: [value] }), TypeError);
});

test("what has no form as text is copied, so that the page cannot change it meanwhile", () => {
  const map = new Map([["plan", "pro"]]);
  const shared = [];
  const text = pack({ map }, shared);
  map.set("plan", "free");
  assert.equal(unpack(text, shared).map.get("plan"), "pro");
});

// queue.js

test("commands of the page's own Python take no place from the events", () => {
  const page = createPage();
  const [item] = tracks(page, "command");
  for (let number = 0; number < 10; number++) page.queue.hold({ ...item, command: {} });
  for (let number = 1; number < 1_000; number++) tracks(page, `e${number}`);
  assert.deepEqual([page.queue.events.held, page.reports], [1_000, []]);
  tracks(page, "too many");
  assert.deepEqual([page.queue.events.held, page.reports], [1_000, ["buffer-full"]]);
});

test("at most a thousand events wait, and each that is given up is named and counted", () => {
  const page = createPage();
  for (let number = 0; number < 1_003; number++) tracks(page, `e${number}`);
  assert.equal(page.queue.line.length, 1_000);
  assert.equal(page.queue.line[0].event.event, "e3");
  assert.deepEqual(page.reports, ["buffer-full", "buffer-full", "buffer-full"]);
  assert.deepEqual({ ...page.queue.events }, { received: 1_003, unmatched: 0, held: 1_000, delivered: 0, dropped: 3 });
});

test("what only tells what happened is given up before what tells who the visitor is", () => {
  const page = createPage();
  page.identify("u1");
  for (let number = 0; number < 1_000; number++) tracks(page, `e${number}`);
  assert.equal(page.queue.line[0].event.type, "identify");
  assert.equal(page.queue.line[1].event.event, "e1");
});

test("where all tell who the visitor is, the latest of each kind stays", () => {
  const page = createPage();
  page.hold({ type: "group", traits: { number: -1 } });
  for (let number = 0; number < 1_001; number++) page.identify("u1", { number });
  const { line } = page.queue;
  assert.deepEqual(
    [line[0], line[1], line.at(-1)].map(({ event }) => event.traits.number),
    [-1, 2, 1_000],
  );
});

test("neither an event that has begun nor a command of the page's own is given up", () => {
  const page = createPage();
  const [begun, own, free] = tracks(page, "begun", "own", "free");
  begun.started = true;
  own.command = { settle: () => assert.fail() };
  for (let number = 0; number < 998; number++) tracks(page, `e${number}`);
  assert.ok(page.queue.line.includes(begun) && page.queue.line.includes(own));
  assert.equal(free.row.outcome, "dropped");
});

test("where nothing may be given up, more than a thousand wait", () => {
  const page = createPage();
  for (let number = 0; number < 1_001; number++) {
    const item = page.queue.receive({}, { number, era: 0, user: 0, ids: {} }, {});
    item.command = { settle: () => assert.fail() };
    page.queue.hold(item);
  }
  assert.equal(page.queue.line.length, 1_001);
});

test("the last fifty events are shown, and no more", () => {
  const page = createPage();
  for (let number = 0; number < 60; number++) page.hold({ messageId: `m${number}` });
  assert.equal(page.queue.recent.length, 50);
  assert.deepEqual([page.queue.recent[0].messageId, page.queue.recent.at(-1).messageId], ["m10", "m59"]);
});

test("only a track is shown with a name", () => {
  const page = createPage();
  tracks(page, "Signed up");
  page.hold({ type: "page", event: "Signed up" });
  assert.deepEqual(
    page.queue.recent.map(({ name }) => name),
    ["Signed up", null],
  );
});

test("a page that is left goes on to show what became of its events, but not what the next page has", () => {
  const page = createPage();
  const [one] = tracks(page, "one", "two");
  page.queue.line.shift();
  page.queue.settle(one, "delivered");
  page.queue.forget();
  assert.deepEqual(page.queue.recent, [one.row]);
});

test("a command of the page's own is told what became of it, and is counted nowhere", () => {
  const page = createPage();
  const [item] = tracks(page, "own");
  const told = [];
  item.command = { settle: (...given) => told.push(given) };
  page.queue.settle(item, "delivered");
  assert.deepEqual(told, [[item, "delivered"]]);
  assert.equal(page.queue.events.delivered, 0);
});

test("an event is settled once", () => {
  const page = createPage();
  const [item] = tracks(page, "e");
  page.queue.settle(item, "delivered");
  page.queue.settle(item, "dropped", "reset");
  assert.deepEqual([page.queue.events.delivered, page.queue.events.dropped, item.row.reason], [1, 0, null]);
});

// memory.js

const ADA = { anonymousId: "a1", userId: "u1" };
const NOBODY = { anonymousId: "a2", userId: null };
const memoryOfNextPage = () => createMemory("key");
const newTold = (memory) => createTold({ memory, stamps: { earlier() {} } });
const known = (memory, ids) => {
  const told = newTold(memory);
  told.tell(ids);
  told.known();
};
const hasEnded = (memory, ids) => isOfAnother(memory.read(), ids);
const reset = (memory) => {
  const stamps = createStamps(() => {});
  stamps.listen({}, memory);
  stamps.reset();
};

test("of an event that never arrives, only its stamp and its messageId stay", () => {
  const page = createPage();
  page.dispatch({ properties: { secret: "s1" } });
  const [one] = page.stamps.coming;
  assert.deepEqual(Object.keys(one).sort(), ["era", "identify", "ids", "messageId", "number", "user"]);
  assert.deepEqual(Object.keys(one.ids).sort(), ["anonymousId", "userId"]);
});

test("a reset outlives the page, until Jimo has the next user", () => {
  known(memoryOfNextPage(), ADA);
  assert.equal(hasEnded(memoryOfNextPage(), ADA), false);
  reset(memoryOfNextPage());
  assert.ok(hasEnded(memoryOfNextPage(), ADA) && hasEnded(memoryOfNextPage(), NOBODY));
  newTold(memoryOfNextPage()).tell(ADA);
  assert.ok(hasEnded(memoryOfNextPage(), ADA));
  known(memoryOfNextPage(), ADA);
  assert.equal(hasEnded(memoryOfNextPage(), ADA), false);
});

test("a user of whom Jimo was told has ended once somebody else is there", () => {
  assert.equal(hasEnded(memoryOfNextPage(), NOBODY), false);
  newTold(memoryOfNextPage()).tell(ADA);
  assert.ok(hasEnded(memoryOfNextPage(), NOBODY) && !hasEnded(memoryOfNextPage(), ADA));
});

test("a visitor of whom Jimo was told something has ended with their anonymous id, not with a log-in", () => {
  newTold(memoryOfNextPage()).tell({ anonymousId: "a1", userId: null });
  assert.equal(hasEnded(memoryOfNextPage(), ADA), false);
  assert.ok(hasEnded(memoryOfNextPage(), NOBODY));
  newTold(memoryOfNextPage()).tell(ADA);
  assert.ok(hasEnded(memoryOfNextPage(), { anonymousId: "a1", userId: null }));
});

test("where the storage is blocked, the page itself remembers", () => {
  useStorages(undefined, undefined);
  const memory = memoryOfNextPage();
  reset(memory);
  assert.ok(hasEnded(memory, ADA) && !hasEnded(memoryOfNextPage(), ADA));
});

test("no id can be read from what is remembered", () => {
  known(memoryOfNextPage(), { anonymousId: "anonymous-1", userId: "ada@example.com" });
  assert.match(localStorage.key, /^[0-9a-z]{1,7}$/);
});

test("a second reset changes what is stored, so that other tabs hear of it", () => {
  const memory = memoryOfNextPage();
  Date.now = () => 1;
  reset(memory);
  const first = localStorage.key;
  Date.now = () => 2;
  reset(memory);
  assert.notEqual(localStorage.key, first);
});

test("a reset in another tab begins an era and is not told back", () => {
  const page = createPage({ userId: "u1" });
  page.dispatch({});
  page.stamps.resetElsewhere();
  assert.deepEqual([page.stamps.era, page.eras, hasEnded(page.memory, ADA)], [1, 1, false]);
});

// stamps.js

test("a user whom only the options of an event name has not logged in, and then out", () => {
  const page = createPage();
  const options = page.dispatch({ event: "one", userId: "u9" });
  assert.equal(page.stamps.arrived(options).user, page.stamps.numberOf("u9"));
  const { user } = page.hold({ event: "two" }).stamp;
  assert.deepEqual([user, page.eras], [0, 0]);
});

test("an anonymous visitor with another anonymousId has been reset", () => {
  const page = createPage();
  tracks(page, "before");
  page.visitor.anonymousId = "a2";
  tracks(page, "after");
  assert.equal(page.eras, 1);
});

test("an event of before a reset keeps its era and user whatever middleware makes of it", () => {
  const page = createPage({ userId: "u1" });
  const ctx = page.dispatch({});
  page.reset("a2");
  ctx.event = { type: "track", messageId: "another", userId: null, anonymousId: "a2" };
  const stamp = page.stamps.arrived(ctx);
  assert.deepEqual([stamp.era, stamp.user, page.stamps.era], [0, page.stamps.numberOf("u1"), 1]);
});

test("an event in another context is known by its messageId", () => {
  const page = createPage({ userId: "u1" });
  const { event } = page.dispatch({});
  page.reset("a2");
  assert.equal(page.stamps.arrived({ event: { ...event } }).era, 0);
});

test("an unknown event with the anonymous id of before a reset is of before it", () => {
  const page = createPage({ userId: "u1" });
  page.dispatch({});
  page.reset("a2");
  const arrived = (anonymousId) =>
    page.stamps.arrived({ event: { type: "track", messageId: "unknown", userId: null, anonymousId } }).era;
  assert.deepEqual([arrived("a1"), arrived("a2")], [0, 1]);
});

test("a user who is gone without a word of it has been reset", () => {
  const page = createPage({ userId: "u1" });
  page.dispatch({});
  page.visitor.userId = null;
  page.dispatch({});
  assert.deepEqual([page.stamps.era, page.eras], [1, 1]);
});

test("while a reset is told, what came before still finds the site as it was", () => {
  let found;
  const memory = memoryOfNextPage();
  known(memory, ADA);
  const mark = memory.read();
  const stamps = createStamps(() => (found = memory.read()));
  stamps.listen({}, memory);
  stamps.reset();
  assert.equal(found, mark);
  assert.match(memory.read(), /^reset/);
});

test("a reset outlives the page also where something fails at it", () => {
  const memory = memoryOfNextPage();
  const stamps = createStamps(() => {
    throw new Error("fails");
  });
  stamps.listen({}, memory);
  assert.throws(stamps.reset, /fails/);
  assert.match(memory.read(), /^reset/);
});

test("what nobody said is of the first user once another one follows, also when the first one is back", () => {
  const page = createPage();
  const [item] = tracks(page, "of nobody");
  const owners = ["u1", "u2", "u1"].map((userId) => {
    page.visitor.userId = userId;
    page.dispatch({ type: "page" });
    return page.stamps.ownerOf(item.stamp);
  });
  const u1 = page.stamps.numberOf("u1");
  assert.deepEqual(owners, [0, u1, u1]);
  page.reset("a2");
  assert.equal(page.stamps.ownerOf(item.stamp), 0);
});

test("the user whom an earlier page has told is known, also when another one comes first", () => {
  known(createPage().memory, ADA);
  const page = createPage({ userId: "u1" });
  page.stamps.begin();
  page.visitor.userId = "u2";
  page.dispatch({});
  assert.equal(page.stamps.earlier().userId, "u1");
  const other = createPage({ userId: "u2" });
  other.stamps.begin();
  assert.deepEqual([other.stamps.earlier(), other.stamps.era], [undefined, 1]);
});

test("where no earlier page has told Jimo anything, analytics.js is not asked for its ids", () => {
  const page = createPage();
  Object.defineProperty(page.visitor, "anonymousId", { get: () => assert.fail() });
  page.stamps.begin();
});

// commandUser.js

/** Returns the user of a command that this page gives now. */
const commands =
  (page, userOf = createCommandUser()) =>
  (identifies) =>
    userOf(page.stamps.now(), identifies);

test("whom a command has identified ends with a reset, and with the next identify", () => {
  const anonymous = createPage();
  anonymous.dispatch({});
  const userNow = commands(anonymous);
  assert.equal(userNow("u9"), "u9");
  anonymous.reset("a2");
  assert.equal(userNow(), undefined);
  const known = createPage({ userId: "u1" });
  known.dispatch({});
  const userThen = commands(known);
  userThen("u9");
  known.dispatch({ type: "identify" });
  assert.equal(userThen(), "u1");
});

test("an event that was dispatched before we listened begins as a page does", () => {
  reset(createPage().memory);
  const page = createPage();
  const stamp = page.stamps.arrived({ event: { type: "track", messageId: "early", ...page.visitor } });
  assert.deepEqual([stamp.era, page.stamps.era], [1, 1]);
});

test("of events that never arrive, the latest ten thousand are known", () => {
  const page = createPage();
  const [first, second] = [page.dispatch({}), page.dispatch({})];
  for (let number = 0; number < 9_999; number++) page.dispatch({});
  page.stamps.reset();
  const eraOf = ({ event }) => page.stamps.arrived({ event: { ...event } }).era;
  assert.deepEqual([eraOf(first), eraOf(second)], [1, 0]);
});

test("a reset and the first event after it are one era", () => {
  const page = createPage({ userId: "u1" });
  page.dispatch({});
  page.reset("a2");
  page.dispatch({});
  assert.deepEqual([page.stamps.era, page.eras], [1, 1]);
});

test("a visitor whose anonymous id has changed has been reset, one who logs in has not", () => {
  const page = createPage();
  page.dispatch({});
  page.visitor.userId = "u1";
  page.dispatch({});
  page.visitor.anonymousId = "a2";
  page.visitor.userId = "u2";
  page.dispatch({});
  assert.equal(page.stamps.era, 0);
  const other = createPage();
  other.dispatch({});
  other.visitor.anonymousId = "a2";
  other.dispatch({});
  assert.equal(other.stamps.era, 1);
});

test("a reset that came on an earlier page begins an era on this one", () => {
  reset(createPage().memory);
  const page = createPage();
  page.dispatch({});
  assert.equal(page.stamps.era, 1);
});

test("a command waits for an identify before it that is on its way, and for no other", () => {
  const page = createPage();
  page.visitor.userId = "u1";
  const ctx = page.dispatch({ type: "identify" });
  const command = page.stamps.now();
  assert.ok(identifyBefore(command, page.stamps));
  page.dispatch({ type: "identify" });
  page.dispatch({});
  page.stamps.arrived(ctx);
  assert.ok(!identifyBefore(command, page.stamps));
});

test("a user whom a command identifies is the one of the next commands, until analytics.js has another", () => {
  const page = createPage({ userId: "u1" });
  const userNow = commands(page);
  const users = [userNow(), userNow("u9"), userNow()];
  page.visitor.userId = "u2";
  users.push(userNow());
  userNow("u9");
  page.reset("a2");
  users.push(userNow());
  assert.deepEqual(users, ["u1", "u9", "u9", "u2", undefined]);
});

const [dateNow, performanceNow] = [Date.now, performance.now];
for (const [name, work] of tests) {
  let error = "";
  useStorages(createStorage(), createStorage());
  Date.now = dateNow;
  performance.now = performanceNow;
  try {
    await work();
  } catch (thrown) {
    error = String(thrown.stack);
  }
  console.log(JSON.stringify({ name, error }));
}
