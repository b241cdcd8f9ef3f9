// The end of a destination, also in the middle of an event. After it, no event goes out and none is kept.

import assert from "node:assert/strict";
import { createClient } from "../../web/later/client.js";
import { createCommands } from "../../web/later/commands.js";
import { createSdk } from "../../web/later/sdk.js";
import { hearReturn, start } from "../../web/later/start.js";
import { createPage, PREFIX, test, tracks } from "./partsPage.mjs";
import { createDispatching } from "./partsLater.mjs";

const WAITS = 1;
const drop = (page) => page.queue.drop(() => true, "unloaded");

test("an event that ends the destination while it goes out is not put aside", () => {
  const { page, dispatcher } = createDispatching((item, one) => {
    item.deferred = [{}];
    one.stop();
    drop(page);
  });
  tracks(page, "one");
  dispatcher.begin();
  assert.deepEqual(page.queue.aside, []);
});

test("what was put aside stays as it was dropped where one of it ends the destination", () => {
  const { page, dispatcher } = createDispatching((item, one) => {
    if (item.resumed) one.stop();
    else item.deferred = [{}];
  });
  tracks(page, "one", "two");
  dispatcher.begin();
  dispatcher.signal("answered");
  assert.deepEqual(
    page.queue.aside.map(({ event, row }) => [event.event, row.outcome]),
    [
      ["one", "held"],
      ["two", "held"],
    ],
  );
});

test("a trigger that ends the destination names no user to it", () => {
  const { page, log, dispatcher } = createDispatching(undefined, () => WAITS, { match: (_, one) => !one.stop() });
  tracks(page, "with a user");
  dispatcher.begin();
  assert.deepEqual(log, ["start", "stop"]);
});

test("an ended dispatcher takes nothing into the line", () => {
  const { page, dispatcher } = createDispatching();
  const [item] = tracks(page, "one");
  drop(page);
  dispatcher.stop();
  dispatcher.take(item);
  assert.deepEqual(page.queue.line, []);
});

test("of an event whose first command ends the destination no other goes out", () => {
  const page = createPage();
  const pushed = [];
  const push = ([, method]) => {
    pushed.push(method);
    drop(page);
  };
  const host = { queue: page.queue, stamps: page.stamps, report() {}, mark() {} };
  const commands = createCommands(host, { trace() {} }, () => {}, { push });
  const protocol = { bits: 3, send: 0, defer: 1 };
  commands.configure({ subscriptions: [], naming: [] }, [], protocol, () => true);
  const [item] = tracks(page, "one");
  item.steps = ["first", "second"].map((method) => ({ kind: 2, run: () => ["do", method, []] }));
  commands.run(item, 0);
  assert.deepEqual(pushed, ["first"]);
});

/** Makes the parts of a window that web/later/sdk.js uses; returns what sdk.js did to it. */
function createWindow() {
  const done = [];
  Object.assign(globalThis, {
    window: globalThis,
    addEventListener() {},
    document: {
      baseURI: "http://page/",
      scripts: [],
      createElement: () => ({}),
      head: { appendChild: () => done.push("script") },
    },
    jimo: [],
    jimoInit: () => done.push("jimoInit"),
  });
  return done;
}

test("a Jimo that was ended is neither loaded nor started again by what goes on in Python", () => {
  const done = createWindow();
  const host = { given: { projectId: "p1" }, from: {}, shown: {}, undo() {}, report() {} };
  const sdk = createSdk(host, () => {});
  host.endJimo();
  globalThis.jimo = [];
  sdk.init();
  sdk.load(false);
  assert.deepEqual(done, []);
});

test("a page that goes on takes up its own events again, also where only a script said that it was left", async () => {
  const target = new EventTarget();
  Object.assign(globalThis, {
    window: globalThis,
    addEventListener: target.addEventListener.bind(target),
    // Node takes no boolean here.
    removeEventListener: (name, work, capture) => target.removeEventListener(name, work, { capture }),
  });
  const tell = (name, more) => target.dispatchEvent(Object.assign(new Event(name), more));
  const turn = () => new Promise((resolve) => setTimeout(resolve));
  const works = [];
  const over = new AbortController();
  let resumed = 0;
  hearReturn({ undo: (work) => works.push(work) }, over.signal, () => {
    resumed++;
    throw Error();
  });
  tell("pageshow");
  assert.equal(resumed, 1);
  tell("pagehide");
  assert.equal(resumed, 1);
  await turn();
  assert.equal(resumed, 2);
  // What begins before the destination ends does nothing after it.
  tell("pagehide");
  over.abort();
  tell("pageshow");
  await turn();
  assert.equal(resumed, 2);
  const again = [];
  hearReturn({ undo: (work) => again.push(work) }, new AbortController().signal, () => resumed++);
  again.forEach((work) => work());
  tell("pageshow");
  tell("pagehide");
  await turn();
  assert.deepEqual([resumed, works.length], [2, again.length]);
});

test("the wait for the page's own Python is over when the destination ends, and leaves nothing behind", async () => {
  const page = createPage();
  const host = { given: { runtime: "page" }, queue: page.queue, stamps: page.stamps, prefix: PREFIX, shown: {} };
  const over = new AbortController();
  const starting = start(host, over.signal);
  await undefined;
  assert.ok(host.attached);
  over.abort();
  await assert.rejects(Promise.race([starting, new Promise((resolve) => setTimeout(resolve, 100))]));
  assert.deepEqual([host.attached, host.arrived, host.inside], [undefined, undefined, undefined]);
});

// client.js

test("commands behind an identify that does not come are dropped together, and later ones do not wait for it", () => {
  const timers = [];
  const { setTimeout } = globalThis;
  globalThis.setTimeout = (work) => timers.push(work);
  try {
    const page = createPage({ userId: "u1" });
    const taken = [];
    const reports = [];
    const host = {
      queue: page.queue,
      stamps: page.stamps,
      report: (code) => reports.push(code),
      now: () => ({ ...page.stamps.now(), turn: page.queue.turn() }),
    };
    const { table, arrived: hasCome } = createClient(
      host,
      ({ id }) => taken.push(id),
      () => false,
    );
    table.listen(() => 0, 100);
    const arrived = (ctx) => hasCome({ stamp: page.stamps.arrived(ctx) });
    const command = (number) => table.command(JSON.stringify({ plan: ["list"], kind: 1 }), number);
    page.dispatch({ type: "identify" });
    command(-1);
    command(-2);
    page.visitor.userId = "u2";
    page.dispatch({ type: "identify" });
    command(-3);
    page.visitor.userId = "u3";
    arrived(page.dispatch({ type: "identify" }));
    command(-4);
    for (const work of timers.splice(0, 2)) work();
    assert.deepEqual([reports, taken], [["command-dropped", "command-dropped"], []]);
    for (const work of timers.splice(0)) work();
    assert.deepEqual([reports.length, taken], [3, [-4]]);
    page.visitor.userId = "u2";
    command(-5);
    assert.deepEqual(taken, [-4, -5]);
  } finally {
    globalThis.setTimeout = setTimeout;
  }
});

test("an answer that is refused with a value that has no text still ends the wait", async () => {
  const page = createPage();
  const told = [];
  const host = { queue: page.queue, stamps: page.stamps, now: () => page.stamps.now(), report() {} };
  const take = (item) => item.command.pushed(Promise.reject(Object.create(null)));
  const { table } = createClient(host, take, () => false);
  const { setTimeout } = globalThis;
  globalThis.setTimeout = () => 0;
  table.listen((...words) => told.push(words), 100);
  table.command(JSON.stringify({ plan: ["list"], kind: 2, answers: true }), -1);
  globalThis.setTimeout = setTimeout;
  await new Promise(setImmediate);
  assert.deepEqual(told, [[-1, "failed", "object"]]);
});
