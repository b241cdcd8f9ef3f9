// The events that a page leaves for the next page; see parts.mjs.

import assert from "node:assert/strict";
import { PREFIX, createPage, createStorage, test, tracks, useStorages } from "./partsPage.mjs";

const HALF_AN_HOUR_MS = 30 * 60_000;
const realNow = Date.now;
const NOTHING = { events: [], users: [], lost: 0 };
const large = (characters) => ({ text: "x".repeat(characters) });

function tracksThenLeave(...names) {
  const page = createPage();
  tracks(page, ...names);
  page.handover.leave();
  return page;
}

test("what waits goes to the next page once, in its order, and to no other", () => {
  const first = createPage();
  tracks(first, "one", "two");
  first.handover.leave();
  assert.deepEqual([first.queue.line.length, first.queue.events.received], [0, 0]);
  assert.deepEqual(createPage().takeOver(), { events: ["one", "two"], users: [0, 0], lost: 0 });
  assert.deepEqual(Object.keys(sessionStorage), []);
  assert.deepEqual(createPage().takeOver(), NOTHING);
});

test("a copy of the tab does not deliver once more what the tab has delivered", () => {
  tracksThenLeave("one");
  const { sessionStorage: ofTab, localStorage: ofSite } = globalThis;
  const copy = createStorage(ofTab);
  assert.deepEqual(createPage().takeOver().events, ["one"]);
  useStorages(copy, ofSite);
  assert.deepEqual(createPage().takeOver(), NOTHING);
});

test("what was left more than half an hour ago is lost", () => {
  tracksThenLeave("one", "two");
  const later = realNow() + HALF_AN_HOUR_MS + 1_000;
  Date.now = () => later;
  assert.deepEqual(createPage().takeOver(), { ...NOTHING, lost: 2 });
});

test("what several pages in a row have held is kept no longer than half an hour altogether", () => {
  tracksThenLeave("one");
  const left = realNow();
  Date.now = () => left + HALF_AN_HOUR_MS / 2;
  const second = createPage();
  assert.deepEqual(second.takeOver().events, ["one"]);
  tracks(second, "two");
  second.identify("u1");
  second.handover.leave();
  Date.now = () => left + HALF_AN_HOUR_MS - 1_000;
  const third = createPage({ userId: "u1" });
  assert.deepEqual(third.takeOver().events, ["one", "two", "identify"]);
  third.handover.leave();
  Date.now = () => left + HALF_AN_HOUR_MS + 1_000;
  const { events, lost } = createPage({ userId: "u1" }).takeOver();
  assert.deepEqual([events, lost], [["two", "identify"], 1]);
});

test("what a user has said is lost together with an identify that is too old", () => {
  const first = createPage();
  first.identify("u1");
  first.handover.leave();
  const left = realNow();
  Date.now = () => left + HALF_AN_HOUR_MS - 1_000;
  const second = createPage({ userId: "u1" });
  assert.deepEqual(second.takeOver().events, ["identify"]);
  tracks(second, "theirs");
  second.handover.leave();
  Date.now = () => left + HALF_AN_HOUR_MS + 1_000;
  assert.deepEqual(createPage({ userId: "u1" }).takeOver(), { ...NOTHING, lost: 2 });
});

test("a copy of the tab does not count as lost what the tab has delivered", () => {
  tracksThenLeave("one");
  const { sessionStorage: ofTab, localStorage: ofSite } = globalThis;
  const copy = createStorage(ofTab);
  createPage().takeOver();
  useStorages(copy, ofSite);
  const later = realNow() + HALF_AN_HOUR_MS - 1_000;
  Date.now = () => later + 2_000;
  const page = createPage();
  assert.deepEqual([page.handover.look(), page.queue.events.dropped], [false, 0]);
});

test("what another visitor has left is lost", () => {
  tracksThenLeave("one");
  assert.deepEqual(createPage({ anonymousId: "a2" }).takeOver(), { ...NOTHING, lost: 1 });
});

test("what a user has left is lost once somebody else, or nobody, is logged in", () => {
  for (const userId of ["u2", null]) {
    const page = createPage();
    page.identify("u1");
    page.handover.leave();
    assert.deepEqual(createPage({ userId }).takeOver(), { ...NOTHING, lost: 1 });
  }
});

test("the users of the events are told apart on the next page", () => {
  const page = createPage();
  tracks(page, "of nobody");
  page.identify("u1");
  page.identify("u2");
  page.handover.leave();
  const next = createPage({ userId: "u2" });
  const [nobody, before, now] = next.takeOver().users;
  assert.deepEqual([nobody, now], [before, next.stamps.numberOf("u2")]);
  assert.ok(before > 0 && before !== now);
});

test("what nobody said goes to no later user than the one they became, who may have said nothing", () => {
  const page = createPage();
  tracks(page, "of nobody");
  page.visitor.userId = "u1";
  page.dispatch({ type: "page" });
  page.identify("u2");
  page.handover.leave();
  const next = createPage({ userId: "u2" });
  const [nobody, now] = next.takeOver().users;
  assert.equal(now, next.stamps.numberOf("u2"));
  assert.ok(nobody > 0 && nobody !== now);
});

test("what middleware has made of the user does not change who the visitor is", () => {
  const page = createPage();
  page.identify("u1").event.userId = "crm-u1";
  page.handover.leave();
  const next = createPage({ userId: "u1" });
  next.takeOver();
  assert.deepEqual(next.queue.line[0].stamp.ids, { anonymousId: "a1", userId: "u1" });
  assert.equal(next.queue.line[0].event.userId, "crm-u1");
});

test("what nobody said remains nobody's for the one user they became", () => {
  const page = createPage();
  tracks(page, "of nobody");
  page.identify("u1");
  page.handover.leave();
  const next = createPage({ userId: "u1" });
  assert.deepEqual(next.takeOver().users, [0, next.stamps.numberOf("u1")]);
});

test("what was said before a reset is not kept", () => {
  const page = createPage();
  page.identify("u1");
  page.reset("a2");
  tracks(page, "after");
  page.handover.leave();
  assert.deepEqual(createPage({ anonymousId: "a2" }).takeOver(), { events: ["after"], users: [0], lost: 1 });
});

test("what a user has said goes together with their identify or not at all", () => {
  const page = createPage();
  tracks(page, "before");
  page.identify("u1", large(450_000));
  tracks(page, "of u1");
  page.handover.leave();
  assert.deepEqual(createPage({ userId: "u1" }).takeOver(), { events: ["before"], users: [0], lost: 2 });
});

test("an identify that is lost does not take a later one of the same user with it", () => {
  const page = createPage();
  page.identify("u1", large(450_000));
  tracks(page, "between");
  page.identify("u1");
  tracks(page, "after");
  page.handover.leave();
  assert.deepEqual(createPage({ userId: "u1" }).takeOver().events, ["identify", "after"]);
});

test("a user who comes back after a reset keeps what they have said since", () => {
  const page = createPage();
  page.identify("u1");
  page.reset("a2");
  page.identify("u1");
  tracks(page, "after");
  page.handover.leave();
  assert.deepEqual(createPage({ userId: "u1", anonymousId: "a2" }).takeOver().events, ["identify", "after"]);
});

test("an event that is too large, or has no form as text, does not take the later ones with it", () => {
  const page = createPage();
  page.hold({ event: "large", properties: large(450_000) });
  page.hold({ event: "function", properties: { work: () => 0 } });
  tracks(page, "small", "smaller");
  page.handover.leave();
  assert.deepEqual(createPage().takeOver(), { events: ["small", "smaller"], users: [0, 0], lost: 2 });
});

test("text of an event goes to the next page letter by letter", () => {
  const page = createPage();
  const name = "$& $$ $' $` $1 [] [}] \" \\ \u2028";
  tracks(page, name);
  page.handover.leave();
  assert.deepEqual(createPage().takeOver().events, [name]);
});

test("nonsense in the storage is cleared away", () => {
  const nonsense = ["", "{", "null", "7", '{"at":1}', '{"at":1,"lost":-1,"events":[]}', '"\\u0000z"'];
  nonsense.push(`{"at":${Date.now()},"lost":0,"events":[{"event":{},"user":0}]}`);
  nonsense.push(`{"at":${Date.now()},"lost":0,"events":[{"event":{"type":"track"},"user":-1}]}`);
  nonsense.forEach((text, number) => (sessionStorage[PREFIX + number] = text));
  sessionStorage.other = "of the page";
  assert.deepEqual(createPage().takeOver(), NOTHING);
  assert.deepEqual(Object.keys(sessionStorage), ["other"]);
});

test("two frames of a tab do not overwrite what the other has left", () => {
  tracksThenLeave("one");
  tracksThenLeave("two");
  assert.deepEqual(createPage().takeOver().events.sort(), ["one", "two"]);
});

test("what several pages have left comes in the order in which they were left", () => {
  const names = ["one", "two", "three"].map((event, number) => {
    Date.now = () => realNow() - 1_000 + number;
    tracksThenLeave(event);
    return Object.keys(sessionStorage).at(-1);
  });
  // The names of a storage can be in any order.
  const kept = names.reverse().map((name) => [name, sessionStorage[name]]);
  Date.now = realNow;
  useStorages(createStorage(Object.fromEntries(kept)), createStorage());
  assert.deepEqual(createPage().takeOver().events, ["one", "two", "three"]);
});

test("a page that was not left after all takes back what it has left, before what has come since", () => {
  const page = tracksThenLeave("one");
  tracks(page, "two");
  page.takeOver();
  assert.deepEqual(
    page.queue.line.map(({ event }) => event.event),
    ["one", "two"],
  );
  assert.deepEqual(createPage().takeOver(), NOTHING);
});

test("a page that is shown again gets nothing of what the next page has taken over", () => {
  const page = tracksThenLeave("one");
  assert.deepEqual(createPage().takeOver().events, ["one"]);
  assert.deepEqual(page.takeOver(), NOTHING);
  assert.deepEqual([page.queue.line.length, page.queue.events.received, page.queue.events.held], [0, 0, 0]);
});

test("where the storage is full, everything stays with the page", () => {
  const full = () => {
    throw new DOMException("", "QuotaExceededError");
  };
  useStorages(new Proxy({}, { set: full }), createStorage());
  const page = tracksThenLeave("one");
  assert.deepEqual([page.queue.line.length, page.queue.events.held], [1, 1]);
});

test("claims are forgotten once nobody can contest them", () => {
  tracksThenLeave("one");
  createPage().takeOver();
  const claims = () => Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).length;
  assert.equal(claims(), 1);
  const later = realNow() + HALF_AN_HOUR_MS + 1_000;
  Date.now = () => later;
  createPage().takeOver();
  assert.equal(claims(), 0);
});

test("a page that takes over a second after its last event, or later, notices a reset of which nobody has told it", () => {
  const page = createPage({ userId: "u1" });
  page.dispatch({});
  const next = createPage({ anonymousId: "a2" });
  tracks(next, "of the next visitor");
  next.handover.leave(true);
  Object.assign(page.visitor, { userId: null, anonymousId: "a2" });
  const later = performance.now() + 1_000;
  performance.now = () => later;
  const { events, lost } = page.takeOver();
  assert.deepEqual([events, lost, page.eras], [["of the next visitor"], 0, 1]);
});

test("a page that takes over right after an event does not ask analytics.js for the visitor once more", () => {
  tracksThenLeave("one");
  const page = createPage();
  page.dispatch({});
  page.asked = 0;
  assert.deepEqual([page.takeOver().events, page.asked], [["one"], 0]);
});

test("a page that comes back has its own commands where they were among what it had left", () => {
  const page = createPage();
  const ownCommand = () => {
    const { stamp } = page.hold({});
    Object.assign(page.queue.line.at(-1), { command: { settle() {} }, event: { event: "own" }, stamp });
  };
  tracks(page, "one");
  ownCommand();
  tracks(page, "two");
  ownCommand();
  page.handover.leave(true);
  page.takeOver();
  assert.deepEqual(
    page.queue.line.map(({ event }) => event.event),
    ["one", "own", "two", "own"],
  );
});

test("what is taken over and what waits already are together no more than may wait", () => {
  const page = createPage();
  for (let number = 0; number < 600; number++) tracks(page, `e${number}`);
  page.handover.leave(true);
  const next = createPage();
  for (let number = 0; number < 600; number++) tracks(next, `f${number}`);
  next.takeOver();
  assert.equal(next.queue.line.length, 1_000);
  assert.equal(next.queue.line[0].event.event, "e200");
});

test("of what is together too large the newest goes to the next page", () => {
  const page = createPage();
  for (const event of ["old", "new"]) page.hold({ event, properties: { text: "x".repeat(150_000) } });
  page.handover.leave(true);
  const { events, lost } = createPage().takeOver();
  assert.deepEqual([events, lost], [["new"], 1]);
});

test("a page that holds nothing leaves nothing", () => {
  createPage().handover.leave(true);
  assert.deepEqual(Object.keys(sessionStorage), []);
});

test("the next page has reason to run Python where the page before had, for as long as that is kept", () => {
  assert.equal(createPage().handover.look(), false);
  for (const isNeeded of [false, true]) {
    const page = createPage();
    tracks(page, "one");
    page.handover.leave(isNeeded);
    assert.equal(createPage().handover.look(), isNeeded);
  }
  Date.now = () => Number.MAX_SAFE_INTEGER;
  assert.equal(createPage().handover.look(), false);
});
