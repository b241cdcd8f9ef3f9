// Plays random histories of a visitor on the code that ships, the real page side and Python. The clock, analytics.js and
// Jimo are simulated. Prints one JSON object: the histories with a fault, and the time.
//
//   node histories.mjs <micropython|whole|pyodide> <how many> [<seed>] [first | <steps>]
//
// Pages of "micropython" have no Python of their own. Pages of "whole" (all of MicroPython) and of "pyodide" have some.
// With "first", the first fault ends the run. <steps> plays one history: the mode (see `run`) and the steps, with |
// between them.

import { settle, simulateTime } from "./clock.mjs";
import { addWholePackage, attach, becomePage, connectOf, interpreterOf } from "./page.mjs";
import { activate, activePage, Page, tell } from "./pages.mjs";
import { must, Visitor } from "./visitor.mjs";

const [runtime, count, firstSeed = "1", given] = process.argv.slice(2);
const [ownPython, python] = ["whole", "pyodide"].includes(runtime)
  ? [true, await attaching()]
  : [false, await shipped()];
becomePage();
const realNow = performance.now.bind(performance);
const clock = simulateTime(activePage, (page, ask) => {
  if (!ask) activate(page);
  return !page.frozen;
});
const { createDestination } = await import("../../web/page/plugin.js");
// Loads these once, so that Python starts in the same few turns in each history.
await Promise.all([import("../../web/later/start.js"), import("../../web/later/client.js")]);

/** A page with its own Python, which also gives commands. */
async function attaching() {
  const interpreter = await interpreterOf(runtime);
  addWholePackage(interpreter);
  interpreter.runPython(`
import segment_jimo
pages = {}

def attach(page):
    try:
        pages[page] = segment_jimo.attach()
        return ""
    except Exception as error:
        return repr(error)

def command(page, what, value):
    try:
        getattr(pages[page].jimo, what)(value)
        return ""
    except segment_jimo.CommandError as error:
        return str(error)
`);
  return { attach: interpreter.globals.get("attach"), command: interpreter.globals.get("command") };
}

/** A page without its own Python: it has MicroPython's image. */
async function shipped() {
  const connect = await connectOf(runtime);
  return { attach: () => attach(globalThis.segmentJimo.host, connect) ?? "" };
}

/** What can happen, the likely ones more than once. */
const three = (steps) => [...steps, ...steps, ...steps];
export const STEPS = [
  ...three(["identify u1", "identify u2", "identify u3", "traits", "group", "track", "page"]),
  ...["identify u1 later", "track later", "group later", "identify u1 later", "track later"],
  ...["hand over", "hand over", "hand over changed", "hand over as a copy"],
  ...["callback", "callback", "callback", "callback of the first", "callback once more"],
  ...["answers at once", "answers twice", "answers later", "reset", "reset", "reset in another tab"],
  ...["pass 100", "pass 1000", "pass 11000", "pass 60000", "online", "reload", "reload without Python"],
  ...["python comes", "seem to leave", "log in elsewhere", "log out elsewhere", "deregister", "register"],
  ...["script comes", "script fails", "script stalls", "script never lives"],
  ...["a push throws", "a push rejects", "quota", "own name", "own track", "own name", "own track"],
  ...[
    "new tab",
    "other tab",
    "other tab",
    "duplicate the tab",
    "reload prepared",
    "go on",
    "go back",
    "go away and back",
  ],
].filter((step) => ownPython || !step.startsWith("own"));

/** mulberry32 @param {number} seed @returns {() => number} from 0 to 1 */
function random(seed) {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), seed | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

const KEY = "segment-jimo:p1";

/** @param {import("./pages.mjs").Tab} tab @returns {boolean} whether events wait in its storage for a page */
const isLeftIn = ({ storage }) => Object.keys(storage).some((name) => name.startsWith(`${KEY}:`));

/** A visitor's history. */
class History {
  /** @param {boolean} identifiedOnly @param {boolean} killOnReset */
  constructor(identifiedOnly, killOnReset) {
    const visitor = new Visitor(identifiedOnly, killOnReset, clock.now);
    this.visitor = visitor;
    this.fate = { script: "comes", push: "", answer: "later" };
    this.around = { visitor, fate: this.fate, python, createDestination, clock };
    /** @type {import("./pages.mjs").Tab[]} */
    this.tabs = [];
    /** The changes of the storage that other tabs have not heard of yet. */
    this.stored = [];
    const { stored } = this;
    const value = new Proxy(
      {},
      {
        set(kept, key, text) {
          if (kept[key] !== String(text)) stored.push({ key, newValue: String(text), by: activePage() });
          return Reflect.set(kept, key, String(text));
        },
      },
    );
    Object.defineProperty(globalThis, "localStorage", { value, configurable: true });
  }

  get page() {
    return this.tab?.page;
  }

  /** Whether the destination of the page has not ended. */
  get works() {
    const { page } = this;
    return page.registered && !page.status().errors.some(({ code }) => code === "quota-reached");
  }

  /** Opens a page in the visible tab. @param {boolean} [withPython] @param {Page} [page] a prerendered one */
  async open(withPython, page = this.#make(false)) {
    const { tab } = this;
    if (tab.left) page.view.follows(tab.left);
    tab.page = page;
    tab.coming = [];
    activate(page);
    // A page takes some time to load.
    await clock.pass(10);
    if (page.registered) page.show();
    else await page.register();
    if (withPython) await page.attach();
  }

  #make(prepared) {
    return new Page(this.around, this.tab.storage, prepared);
  }

  /** Leaves the page. @param {boolean} [freezes] the browser keeps it, and can show it again */
  leave(freezes) {
    const { page, tab } = this;
    if (page.registered) tell("pagehide");
    tab.left = page.view;
    page.view.check(page.status(), true);
    for (const deed of this.visitor.deeds)
      if (deed.view === page.view && deed.kind.startsWith("own")) deed.gone ||= !freezes;
    this.visitor.reloaded = true;
    if (freezes) page.frozen = true;
    else page.end();
  }

  /** Forgets the page in the tab's history, to which the visitor can no longer go back. */
  forget() {
    const { tab } = this;
    if (!tab.back) return;
    activate(tab.back);
    tab.back.end();
    tab.back = undefined;
    activate(tab.page);
  }

  async reload(withPython) {
    this.forget();
    this.leave();
    await this.open(withPython);
  }

  does(kind) {
    const { visitor, page } = this;
    const deed = visitor.does(kind);
    const name = `#${deed.number}#`;
    if (!kind.startsWith("own")) return [deed, name];
    const what = kind === "own name" ? "set_name" : "track";
    if (!page.registered || !page.host.connect) return [];
    page.view.sees();
    const identify = this.tab.coming.find((one) => one.deed.kind === "identify" && one.deed.era === visitor.era);
    deed.view = page.view;
    if (!identify || !identify.deed.user) visitor.handsOver(deed, page.view);
    else deed.behind = this.tab.coming.findLast((one) => one.deed.kind === "identify" && one.deed.user).deed;
    if (python.command(page.number, what, name)) deed.gone = true;
    return [];
  }

  dispatch(kind, later) {
    const { visitor, page, tab } = this;
    const [deed, name] = this.does(kind);
    const { user, anonymousId } = visitor;
    page.view.sees();
    const event = { type: kind, messageId: name, userId: user || null, anonymousId, timestamp: "now", traits: {} };
    if (kind === "identify") event.traits = { email: name, name };
    else if (kind === "group") event.groupId = name;
    else if (kind === "track") event.event = name;
    const ctx = { event, log() {} };
    page.emit("dispatch_start", ctx);
    tab.coming.push({ deed, ctx });
    if (!later) this.handOver("");
  }

  handOver(how) {
    const { page, visitor, tab } = this;
    for (const { deed, ctx } of tab.coming.splice(0)) {
      if (!page.registered) continue;
      let given = ctx;
      if (how === "changed") {
        ctx.event.messageId += "changed";
        if (ctx.event.userId) ctx.event.userId = `crm-${ctx.event.userId}`;
      }
      if (how === "as a copy") given = { event: { ...ctx.event }, log() {} };
      visitor.handsOver(deed, page.view, ctx.event.messageId);
      for (const own of visitor.deeds) if (own.behind === deed && !own.position) visitor.handsOver(own, page.view);
      page.plugin[deed.kind](given);
    }
  }

  async do(step) {
    const { visitor, page, fate, tab } = this;
    const [word, ...rest] = step.split(" ");
    const more = rest.join(" ");
    switch (word) {
      case "identify":
        visitor.logsIn(rest[0]);
        return this.dispatch(word, rest[1]);
      case "traits":
        return this.dispatch("identify");
      case "group":
      case "track":
      case "page":
        return this.dispatch(word, more);
      case "own":
        return void this.does(step);
      case "hand":
        return this.handOver(rest.slice(1).join(" "));
      case "callback": {
        const { told } = page.view;
        const at = more === "of the first" ? 0 : more ? told.findLastIndex((one) => one.answered) : -1;
        const identify = told.at(at);
        if (page.jimo && identify && !(more === "once more" && at < 0)) page.view.answers(identify);
        return;
      }
      case "answers":
        fate.answer = more;
        return;
      case "reset": {
        await clock.pass(1);
        // A destination that has ended, or that is not registered, cannot tell the other tabs.
        visitor.resets(more || this.works);
        page.view.sees();
        if (!more) return page.emit("reset");
        localStorage[KEY] = `reset${clock.now()}`;
        return tell("storage", { key: KEY, newValue: localStorage[KEY] });
      }
      case "pass":
        return clock.pass(Number(rest[0]));
      case "online":
        return tell("online");
      case "reload": {
        if (rest[0] !== "prepared") return this.reload(!more);
        // As with speculation rules: the next page exists before the visitor leaves this one.
        const next = this.#make(true);
        await next.register();
        activate(page);
        this.forget();
        this.leave();
        return this.open(true, next);
      }
      case "python":
        return page.attach();
      case "seem":
        // Events that could not go to the next page are lost.
        visitor.reloaded = true;
        tell("pagehide");
        return clock.pass(1);
      case "log":
        this.forget();
        this.leave();
        if (rest[0] === "out") visitor.resets(false);
        else visitor.logsIn("u2");
        return this.open(true);
      case "new":
        if (this.tabs.length > 2) return;
        this.tab = { storage: {}, coming: [] };
        this.tabs.push(this.tab);
        return this.open(true);
      case "other":
        this.tab = this.tabs[(this.tabs.indexOf(tab) + 1) % this.tabs.length];
        return activate(this.page);
      case "duplicate": {
        // The copied tab shows a page of another site, so that both tabs can find the same batch.
        if (this.tabs.length > 2) return;
        this.forget();
        this.leave();
        const copy = { storage: { ...tab.storage }, coming: [], left: tab.left };
        await this.open(true);
        this.tab = copy;
        this.tabs.push(copy);
        return this.open(true);
      }
      case "go": {
        if (more === "back") {
          if (!tab.back) return;
          this.leave();
          // For the page after the next one, if there is one.
          tab.page = tab.back;
          tab.back = undefined;
        } else {
          this.forget();
          this.leave(true);
          if (more === "on") {
            tab.back = page;
            return this.open(true);
          }
        }
        tab.page.frozen = false;
        tab.coming = [];
        activate(tab.page);
        return tab.page.registered && tell("pageshow");
      }
      case "deregister":
        if (!page.registered) return;
        page.registered = false;
        visitor.deregistered = true;
        page.plugin.unload();
        for (const deed of visitor.deeds)
          if (deed.view === page.view) {
            deed.view = undefined;
            deed.gone = deed.kind.startsWith("own");
          }
        await clock.pass(1);
        must(page.isLeftAlone, () => "deregistered, and still listening");
        return;
      case "register":
        if (page.registered) return;
        // Nobody knows what analytics.js dispatched meanwhile.
        tab.coming = [];
        page.view.begins();
        await page.register();
        return page.attach();
      case "script":
        fate.script = more;
        return;
      case "a":
        fate.push = rest[1];
        return;
      case "quota":
        visitor.over = true;
        return tell("jimo:mau-limit-reached");
    }
    throw new Error(step);
  }

  /** Tells the other tabs about changes of the storage. */
  hear() {
    for (const { by, ...event } of this.stored.splice(0)) {
      for (const { page } of this.tabs) {
        if (page === by) continue;
        activate(page);
        tell("storage", event);
      }
    }
    activate(this.page);
  }

  /** Repairs everything that failed, and lets Jimo answer. */
  async heal() {
    const { visitor, page, fate } = this;
    const { view } = page;
    Object.assign(fate, { script: "comes", push: "", answer: "later" });
    if (!page.registered) await this.do("register");
    await page.attach();
    this.handOver("");
    page.waiting?.();
    // The destination tries a failed script again within five minutes.
    for (let round = 0; round < 3 + visitor.deeds.length; round++) {
      await clock.pass(round < 2 ? 40_000 : 100);
      activate(page);
      if (page.host.shown.sdk === "failed") tell("online");
      page.waiting?.();
      if (view.told.length) view.answers(view.told.at(-1));
      if (!page.status().events.held) break;
    }
  }

  /** @param {string[]} steps @returns {Promise<string | undefined>} what is wrong */
  async live(steps) {
    try {
      await this.do("new");
      for (const step of steps) {
        await this.do(step);
        // Files that the page has requested arrive before the clock moves.
        for (let turns = 0; turns < 5; turns++) await settle();
        this.hear();
        this.look();
      }
      for (const tab of this.tabs) {
        this.tab = tab;
        activate(tab.page);
        this.forget();
        await this.heal();
        this.hear();
        this.look();
        const { queue } = tab.page.host;
        const commands = queue.waiting().filter(({ command }) => command);
        tab.page.view.end(tab.page.status(), commands.length);
        // If the destination of a page has ended, the next page takes over the events.
        const runs = tab.page.status().state === "running";
        must(!runs || !isLeftIn(tab), () => "Python runs, and has not taken what an earlier page has left");
        const kept = queue.waiting().filter(({ row }) => row.outcome !== "held");
        must(!kept.length, () => `${kept.length} kept that are done with`);
      }
      return undefined;
    } catch (error) {
      return error.message.includes("\n") || process.env.STACK ? error.stack : error.message;
    } finally {
      for (const { page, back } of this.tabs) {
        for (const open of [back, page]) {
          if (!open) continue;
          activate(open);
          open.dead = true;
          open.plugin.unload();
          await clock.pass(1);
          clock.clear(open);
        }
      }
    }
  }

  look() {
    for (const { page } of this.tabs) {
      if (page.problems.length) throw page.problems[0];
      page.view.check(page.status());
    }
    // The events that a page left wait until a page has a reason to run Python.
    const { between } = this.visitor;
    must(this.tabs.some(isLeftIn) ? between >= 0 : between === 0, () => `${between} in no page's account`);
  }
}

/** @param {string} mode "anybody" or "identified only"; with "and kill", a reset ends Jimo @param {string[]} steps */
const run = (mode, steps) => new History(/identified/.test(mode), /kill/.test(mode)).live(steps);

/** Removes the steps that the fault does not need. @param {string} mode @param {string[]} steps */
async function minimise(mode, steps) {
  for (let at = steps.length - 1; at >= 0; at--) {
    const fewer = steps.toSpliced(at, 1);
    if (await run(mode, fewer)) steps = fewer;
  }
  return steps;
}

const faults = [];
let tried = 0;
const began = realNow();
if (given && given !== "first") {
  const [mode, ...steps] = given.split("|");
  const problem = await run(mode, steps);
  if (problem) faults.push({ problem });
} else {
  const most = given ? 1 : 5;
  for (; tried < Number(count) && faults.length < most; tried++) {
    const draw = random(Number(firstSeed) + tried);
    const mode = (draw() < 0.5 ? "identified only" : "anybody") + (draw() < 0.2 ? " and kill" : "");
    // Short ones are easy to read when they fail; long ones find more.
    const length = draw() < 0.5 ? draw() * 11 : 12 + draw() * 29;
    const steps = Array.from({ length }, () => STEPS[Math.floor(draw() * STEPS.length)]);
    const problem = await run(mode, steps);
    if (!problem) continue;
    if (given) {
      faults.push({ problem });
      continue;
    }
    const least = await minimise(mode, steps);
    const replay = `node tests/interpreters/histories.mjs ${runtime} 1 1 "${[mode, ...least].join("|")}"`;
    faults.push({ seed: Number(firstSeed) + tried, problem: await run(mode, least), replay });
  }
}
console.log(JSON.stringify({ histories: tried, seconds: Math.round((realNow() - began) / 100) / 10, faults }));
process.exit();
