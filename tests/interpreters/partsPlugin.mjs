// The plugin by itself, as analytics.js, the page and other tabs see it; see parts.mjs.

import assert from "node:assert/strict";
import { becomePage, until } from "./page.mjs";
import { test } from "./partsPage.mjs";
import { createDestination } from "../../web/page/plugin.js";

becomePage();
const turn = async () => {
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setTimeout(resolve));
};
const UNEXPECTED = "The page script failed (TypeError). Report this.";
const URL_OF_PAGE_SCRIPT = "http://page/segment-jimo.js";

/** Makes an EventTarget that counts its listeners. */
function createTarget() {
  const target = new EventTarget();
  let listeners = 0;
  return {
    addEventListener(name, work) {
      listeners++;
      target.addEventListener(name, work);
    },
    removeEventListener(name, work) {
      listeners--;
      target.removeEventListener(name, work);
    },
    dispatchEvent: (event) => target.dispatchEvent(event),
    count: () => listeners,
  };
}

/** Makes a plugin on a new page. When the plugin asks for Python, it gets one that does nothing. */
function createPlugin(given = {}, { prerendering = false, analytics = {}, ...from } = {}) {
  const visitor = { userId: null, anonymousId: "a1" };
  const shown = createTarget();
  const ofWindow = createTarget();
  delete globalThis.segmentJimo;
  const { addEventListener, removeEventListener, dispatchEvent } = ofWindow;
  const document = Object.assign(shown, { prerendering, baseURI: "http://page/", querySelector: () => null });
  Object.assign(globalThis, { addEventListener, removeEventListener, dispatchEvent, document });
  const log = [];
  const dispatcher = Object.fromEntries(
    ["begin", "take", "resume", "reset", "stop"].map((name) => [
      name,
      (given) => void log.push(typeof given === "number" ? `${name} ${given}` : name),
    ]),
  );
  const listeners = {};
  const loader = {
    on: (name, work) => (listeners[name] = work),
    off: (name) => delete listeners[name],
    user: () => ({ id: () => visitor.userId, anonymousId: () => visitor.anonymousId }),
    ...analytics,
  };
  const plugin = createDestination({ projectId: "p1", ...given }, { url: URL_OF_PAGE_SCRIPT, tag: false, ...from });
  const { host } = globalThis.segmentJimo ?? {};
  const fetchFile = host?.load;
  if (host) host.load = async () => ({ start: async () => (log.push("start"), dispatcher), check() {} });
  let messages = 0;
  return {
    plugin,
    host,
    fetchFile,
    log,
    visitor,
    listeners,
    ofWindow,
    status: () => host.status(),
    /** How many listeners there are. */
    get heard() {
      return Object.keys(listeners).length + ofWindow.count() + shown.count();
    },
    load: () => plugin.load({}, loader),
    event(type, more = {}) {
      const ctx = { event: { type, messageId: `m${++messages}`, ...visitor, ...more } };
      listeners.dispatch_start?.(ctx);
      return [ctx, plugin[type](ctx)];
    },
    reset(anonymousId) {
      Object.assign(visitor, { userId: null, anonymousId });
      listeners.reset();
    },
    tell: (name, more) => ofWindow.dispatchEvent(Object.assign(new Event(name), more)),
    show() {
      document.prerendering = false;
      shown.dispatchEvent(new Event("prerenderingchange"));
    },
  };
}

const EVENTS = ["identify", "track", "page", "screen", "group", "alias"];

test("an event is answered at once with its context, and waits until Python runs", async () => {
  const page = createPlugin();
  await page.load();
  for (const type of EVENTS) {
    const [ctx, answer] = page.event(type);
    assert.equal(answer, ctx);
  }
  assert.deepEqual([page.log, page.status().events.held, page.status().state], [["start"], EVENTS.length, "booting"]);
  await turn();
  assert.deepEqual([page.log, page.status().state], [["start", "begin"], "running"]);
  page.event("track");
  page.reset("a2");
  assert.deepEqual(page.log.slice(2), ["take", "reset 1"]);
});

test("an event that waits before Python runs is kept as it was when it came", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  const properties = { list: [1] };
  page.event("track", { properties });
  properties.list.push(2);
  assert.match(page.host.queue.line[0].text, /"list":\[1\]/);
});

test("an identified-only page starts Python for a user, and for nothing else", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  page.event("track");
  await turn();
  assert.deepEqual([page.log, page.status().state], [[], "waiting"]);
  page.visitor.userId = "u1";
  page.event("track");
  await turn();
  assert.deepEqual(page.log, ["start", "begin"]);
});

test("a user who came before the destination was loaded starts Python too", async () => {
  const page = createPlugin({ manualInit: true });
  page.visitor.userId = "u1";
  page.event("track");
  await turn();
  assert.deepEqual(page.log, []);
  await page.load();
  await turn();
  assert.deepEqual(page.log, ["start", "begin"]);
});

test("on an identified-only page a reset ends what waits, and a user of before it starts nothing", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  page.event("track");
  page.visitor.userId = "u1";
  const ctx = { event: { type: "track", messageId: "late", ...page.visitor } };
  page.listeners.dispatch_start(ctx);
  page.reset("a2");
  page.plugin.track(ctx);
  await turn();
  assert.deepEqual([page.log, page.status().events.dropped, page.status().events.held], [[], 2, 0]);
  assert.deepEqual(
    page.status().recent.map(({ reason }) => reason),
    ["reset", "reset"],
  );
  assert.equal(page.status().errors[0].code, "reset");
});

test("on other pages what was said before a reset waits for Python to decide", async () => {
  const page = createPlugin();
  await page.load();
  page.event("track");
  page.reset("a2");
  assert.equal(page.status().events.held, 1);
});

test("a context that comes once more to a plugin registered once is another event", async () => {
  const page = createPlugin();
  await page.load();
  const [ctx] = page.event("track");
  page.plugin.track(ctx);
  assert.equal(page.status().events.received, 2);
});

test("a page that is only prepared does not start Python before it is shown", async () => {
  const page = createPlugin({}, { prerendering: true });
  await page.load();
  page.event("identify", { userId: "u1" });
  await turn();
  assert.deepEqual(page.log, []);
  page.show();
  await turn();
  assert.deepEqual(page.log, ["start", "begin"]);
});

test("what waits goes to the next page, also where only a script says that the page is left", async () => {
  const page = createPlugin();
  await page.load();
  page.event("track");
  page.tell("pagehide");
  assert.equal(page.status().events.held, 0);
  await turn();
  // The visitor did not leave the page after all: Python begins by taking over its own events again.
  assert.deepEqual(page.log, ["start", "begin"]);
});

test("a page that is left while Python starts goes on only when it comes back", async () => {
  const page = createPlugin();
  await page.load();
  page.event("track");
  page.tell("pagehide", { persisted: true });
  await turn();
  assert.deepEqual([page.log, page.status().events.held], [["start"], 0]);
  page.tell("pageshow", { persisted: false });
  await turn();
  assert.deepEqual(page.log, ["start"]);
  page.tell("pageshow", { persisted: true });
  await turn();
  assert.deepEqual(page.log, ["start", "start", "begin"]);
  // Once Python runs, it goes on by itself.
  page.tell("pagehide", { persisted: true });
  page.tell("pageshow", { persisted: true });
  await turn();
  assert.deepEqual([page.log.length, page.status().state], [3, "running"]);
});

test("what a page leaves is a reason to start Python where Python was running, or about to", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  page.event("track");
  page.tell("pagehide");
  const next = createPlugin({ manualInit: true });
  await next.load();
  await turn();
  assert.deepEqual(next.log, []);
  next.event("identify", { userId: "u1" });
  next.tell("pagehide");
  const third = createPlugin({ manualInit: true });
  await third.load();
  await turn();
  assert.deepEqual(third.log, ["start", "begin"]);
});

test("a reset in another tab begins an era, and other changes of the storage do not", async () => {
  const page = createPlugin();
  await page.load();
  page.event("track");
  page.tell("storage", { key: "segment-jimo:p1", newValue: "reset1" });
  assert.equal(page.host.stamps.era, 1);
  page.tell("storage", { key: "segment-jimo:p2", newValue: "reset1" });
  page.tell("storage", { key: "segment-jimo:p1", newValue: "1abc" });
  page.tell("storage", { key: "segment-jimo:p1", newValue: null });
  assert.equal(page.host.stamps.era, 1);
});

test("after the end nothing is listened to, and what comes is dropped for the same reason", async () => {
  const page = createPlugin();
  await page.load();
  page.event("track");
  await turn();
  assert.ok(page.heard > 3);
  page.host.stop("quota-reached", "Too many.");
  assert.equal(page.status().state, "failed");
  assert.equal(page.heard > 0, true);
  await turn();
  assert.equal(page.heard, 0);
  page.event("track");
  assert.deepEqual(page.log, ["start", "begin", "stop"]);
  const { events, errors, recent } = page.status();
  assert.deepEqual([events.dropped, events.held, errors[0].count], [2, 0, 2]);
  assert.equal(recent[1].reason, "quota-reached");
});

test("a destination that was deregistered takes all back, and begins as new when it is registered again", async () => {
  const page = createPlugin({ manualInit: true });
  let ended = 0;
  await page.load();
  page.host.endJimo = () => ended++;
  page.event("track");
  const { stamps } = page.host;
  page.plugin.unload();
  // The stamps know the visitor.
  assert.notEqual(page.host.stamps, stamps);
  await turn();
  assert.deepEqual([ended, page.heard, globalThis.segmentJimo], [1, 0, undefined]);
  const { events, errors, state, sdk } = page.status();
  assert.deepEqual([events.dropped, errors[0].code, state, sdk], [1, "unloaded", "waiting", "none"]);
  page.event("track");
  assert.equal(page.status().events.dropped, 2);
  await page.load();
  assert.equal(globalThis.segmentJimo.status, page.host.status);
  page.event("identify", { userId: "u1" });
  await turn();
  assert.deepEqual([page.log.includes("begin"), page.status().state], [true, "running"]);
});

test("a destination that cannot start anew says so when it is registered again", async () => {
  const page = createPlugin();
  await page.load();
  page.host.stop("quota-reached", "Jimo is over its quota.");
  page.plugin.unload();
  assert.equal(globalThis.segmentJimo, undefined);
  await page.load();
  assert.equal(globalThis.segmentJimo?.status().errors[0].code, "quota-reached");
});

test("what an earlier page has left is given up when the destination is deregistered", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  page.event("track");
  page.tell("pagehide");
  const next = createPlugin({ manualInit: true });
  await next.load();
  next.plugin.unload();
  await turn();
  assert.equal(next.status().events.dropped, 1);
  assert.deepEqual(Object.keys(sessionStorage), []);
});

test("a destination that had nothing to lose is deregistered without a word", async () => {
  const page = createPlugin();
  await page.load();
  page.plugin.unload();
  await turn();
  assert.deepEqual(page.status().errors, []);
});

test("what has ended for good stays ended when it is registered again", async () => {
  const page = createPlugin();
  await page.load();
  page.host.stop("quota-reached", "Too many.");
  await turn();
  page.plugin.unload();
  await page.load();
  page.event("track");
  await turn();
  assert.deepEqual([page.heard, page.log.includes("begin"), page.status().events.dropped], [0, false, 1]);
  assert.equal(page.status().state, "failed");
});

test("where Segment has its own destination, the one of the tag stands aside, and only that", async () => {
  const settings = { cdnSettings: { remotePlugins: [{ name: "Jimo (Actions)", url: "http://segment/jimo.js" }] } };
  const page = createPlugin({}, { tag: "analytics", analytics: { settings } });
  await page.load();
  assert.deepEqual([page.status().state, page.status().errors[0].code], ["failed", "already-enabled-in-segment"]);
  assert.equal(page.heard, 0);
  const ofSegment = createPlugin({}, { analytics: { settings } });
  await ofSegment.load();
  assert.equal(ofSegment.status().errors.length, 0);
  settings.cdnSettings.remotePlugins[0].url = "segment-jimo.js";
  const itself = createPlugin({}, { tag: "analytics", analytics: { settings } });
  await itself.load();
  assert.equal(itself.status().errors.length, 0);
});

test("an error of our own ends neither the page nor the count of its events", async () => {
  const page = createPlugin();
  await page.load();
  const ctx = { event: { type: "track" } };
  page.host.queue.receive = () => {
    throw new TypeError("with a secret");
  };
  assert.equal(page.plugin.track(ctx), ctx);
  const { events, errors } = page.status();
  assert.deepEqual([events.received, events.dropped], [1, 1]);
  assert.deepEqual([errors[0].code, errors[0].message], ["internal", UNEXPECTED]);
  const failing = createPlugin({}, { analytics: { on: () => assert.fail() } });
  await failing.load();
  assert.equal(failing.status().errors[0].code, "internal");
  assert.equal(failing.status().state, "failed");
});

test("what other parts have done to the page is taken back once", async () => {
  const page = createPlugin();
  let undone = 0;
  for (let round = 0; round < 2; round++) {
    await page.load();
    if (!round) page.host.undo(() => undone++);
    page.plugin.unload();
    await turn();
  }
  assert.equal(undone, 1);
});

test("the other parts find what analytics.js has handed over, and why the destination has ended", async () => {
  const page = createPlugin({ manualInit: true });
  assert.equal(page.plugin.isLoaded(), true);
  page.visitor.userId = "u1";
  await page.load();
  assert.equal(page.host.memory.read(), undefined);
  assert.equal(typeof page.host.analytics.on, "function");
  const now = page.host.now();
  assert.deepEqual([now.user, typeof now.turn], [page.host.stamps.numberOf("u1"), "number"]);
  const { registered } = page.status().timings;
  assert.ok(Number.isInteger(registered));
  page.host.shown.timings.registered = -1;
  page.host.mark("registered");
  assert.equal(page.status().timings.registered, -1);
  const middleware = () => {};
  page.plugin.addMiddleware(middleware);
  assert.deepEqual(page.host.middlewares, [middleware]);
  page.host.start();
  await turn();
  assert.deepEqual(page.log, ["start", "begin"]);
  const arrived = [];
  page.host.arrived = ({ event }) => arrived.push(event.type);
  page.event("track");
  assert.deepEqual(arrived, ["track"]);
  assert.equal(page.host.stopped, null);
  page.host.stop("quota-reached", "Too many.");
  assert.deepEqual(page.host.stopped, ["quota-reached", "Too many."]);
  await turn();
});

test("who was there on an earlier page is looked up before Python starts", async () => {
  localStorage["segment-jimo:p1"] = "reset1";
  const page = createPlugin();
  await page.load();
  assert.equal(page.host.stamps.era, 1);
});

test("between two registrations Python is not asked, and afterwards another Python is", async () => {
  const page = createPlugin();
  page.host.connect = () => {};
  await page.load();
  await turn();
  page.plugin.unload();
  assert.deepEqual([page.status().state, page.host.connect], ["waiting", undefined]);
  await page.load();
  page.event("track");
  await turn();
  assert.deepEqual(page.log, ["start", "begin", "stop", "start", "begin"]);
});

test("an error after an event was counted is told, and the event is not counted twice", async () => {
  const page = createPlugin();
  await page.load();
  page.host.queue.hold = () => {
    throw new TypeError("with a secret");
  };
  page.event("track");
  const { events, errors } = page.status();
  assert.deepEqual([events.received, errors[0].code, errors[0].message], [1, "internal", UNEXPECTED]);
});

test("a destination is registered where its settings have something to register, and once on a page", () => {
  const registered = [];
  const register = (plugin) => registered.push(plugin);
  const page = createPlugin({}, { register });
  assert.equal(page.status().runtime, "micropython");
  for (const given of [{ python: "own.py" }, { runtime: "page" }])
    createPlugin({ projectId: undefined, ...given }, { register });
  assert.equal(registered.length, 3);
  createPlugin({ projectId: undefined }, { register });
  assert.equal(registered.length, 3);
  const first = createPlugin({}, { register });
  first.host.mark("registered");
  const second = createDestination({ projectId: "p1" }, { url: URL_OF_PAGE_SCRIPT, tag: false, register });
  assert.deepEqual([registered.length, registered.includes(second)], [4, false]);
});

test("settings that look wrong are checked at once, by a file that is fetched for that", async () => {
  const page = createPlugin(
    { projectId: 5, runtime: "java" },
    { url: new URL("../../web/page/plugin.js", import.meta.url).href },
  );
  assert.equal(page.status().runtime, null);
  await until(() => page.status().errors.length);
  assert.deepEqual([page.status().errors[0].code, page.status().state], ["invalid-settings", "failed"]);
});

test("an event that is handed over twice to a plugin registered twice counts once", async () => {
  const page = createPlugin();
  await page.load();
  await page.load();
  const [ctx] = page.event("track");
  assert.equal(page.plugin.track(ctx), ctx);
  assert.equal(page.status().events.received, 1);
});

test("a plugin that is deregistered, and then registered once, counts each event again", async () => {
  const page = createPlugin();
  await page.load();
  await page.load();
  page.plugin.unload();
  await page.load();
  const { received } = page.status().events;
  const [ctx] = page.event("track");
  page.plugin.track(ctx);
  assert.equal(page.status().events.received, received + 2);
});

test("an event that contains itself is copied while it waits for Python", async () => {
  const page = createPlugin();
  await page.load();
  const properties = { list: [1] };
  properties.properties = properties;
  page.event("track", { properties });
  properties.list.push(2);
  assert.deepEqual(page.host.queue.line[0].event.properties.list, [1]);
});

test("what all pages remember is stored again when the page is left", async () => {
  const page = createPlugin();
  await page.load();
  page.host.memory.write("mark");
  delete localStorage["segment-jimo:p1"];
  page.tell("pagehide");
  assert.equal(localStorage["segment-jimo:p1"], "mark");
});

test("what attach() has set ends with the destination", async () => {
  const page = createPlugin({ manualInit: true });
  await page.load();
  page.host.given = { projectId: "p1" };
  page.plugin.unload();
  await turn();
  assert.equal(page.host.given.manualInit, true);
});

test("a file that did not load is asked for again, each time as another module", async () => {
  const page = createPlugin();
  const file = `data:text/javascript,${encodeURIComponent("globalThis.tried = (globalThis.tried ?? 0) + 1; throw 1")}`;
  for (let tries = 1; tries < 4; tries++) {
    await assert.rejects(page.fetchFile(file), (thrown) => thrown === 1);
    assert.equal(globalThis.tried, tries);
  }
});
